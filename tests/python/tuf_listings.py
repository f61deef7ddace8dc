"""Defects in what a file says about others, and in how it is written; continues `tuf_defects.py`."""

import hashlib
import json
from urllib.parse import quote

from tuf_defects import below_root, bump, defect, listed, move, on_any, set_member

# How a file is written.


def respell(sheet, change):
    """Changes the text of a file but not its meaning."""
    sheet.spoils.append(lambda data: change(json.loads(data)))


@on_any("a member twice")
def _(random, sheet):
    first = {"version": 1} if random.random() < 0.5 else {"x-note": "first"}
    sheet.edits.append(set_member("x-note", "last"))

    def twice(file):
        text = json.dumps(file["signed"])
        signed = json.dumps(first)[:-1] + "," + text[1:]
        return (
            '{"signed":' + signed + ',"signatures":' + json.dumps(file["signatures"]) + "}"
        ).encode()

    respell(sheet, twice)


@on_any("a float that is signed", lambda repository: [repository.timestamp, repository.snapshot])
def _(random, sheet):
    sheet.edits.append(set_member("x-note", 1.5))


@on_any("a float that is not signed")
def _(random, sheet):
    respell(sheet, lambda file: json.dumps({**file, "x-note": 1.5}).encode())


@on_any("an integer beyond 64 bits")
def _(random, sheet):
    sheet.edits.append(set_member("x-note", 1 << 70))


@on_any("an integer of 64 bits without a sign")
def _(random, sheet):
    sheet.edits.append(set_member("x-note", (1 << 64) - 5))


@on_any("nested 40 deep")
def _(random, sheet):
    value = []
    for _ in range(40):
        value = [value]
    sheet.edits.append(set_member("x-note", value))


@on_any("indented, members the other way round")
def _(random, sheet):
    def turn(value):
        if isinstance(value, dict):
            return {name: turn(inner) for name, inner in reversed(value.items())}
        return [turn(inner) for inner in value] if isinstance(value, list) else value

    respell(
        sheet, lambda file: json.dumps(turn(file), indent=3, ensure_ascii=False).encode() + b"\n"
    )


@on_any("text after the end")
def _(random, sheet):
    sheet.spoils.append(lambda data: data + b"{}")


@on_any("cut short")
def _(random, sheet):
    sheet.spoils.append(lambda data: data[: random.randrange(len(data))])


@on_any("not UTF-8")
def _(random, sheet):
    respell(sheet, lambda file: json.dumps({**file, "x-note": "?"}).encode().replace(b"?", b"\xff"))


@on_any("a byte order mark")
def _(random, sheet):
    sheet.spoils.append(lambda data: b"\xef\xbb\xbf" + data)


@defect("20,000 bytes of timestamp")
def _(repository, step):
    repository.timestamp.edits.append(set_member("x-note", "x" * 20_000))


# What is listed of other metadata.


def lister(repository, sheet):
    """Returns the file that lists this one, and its entry."""
    holder = repository.timestamp if sheet is repository.snapshot else repository.snapshot
    return holder, f"{sheet.name}.json"


def on_listing(name, choose=listed, pinning=None):
    """A defect in the entry of a file: edits `(meta, name)`."""

    def keep(function):
        def spoil(repository, step):
            repository.pinning = pinning or repository.pinning
            holder, name = lister(repository, repository.random.choice(choose(repository)))
            holder.edits.append(lambda signed: function(signed["meta"], name))

        defect(name, depth=1)(spoil)
        return function

    return keep


@on_any("another version than listed", listed)
def _(random, sheet):
    sheet.edits.append(
        lambda signed: signed.update(version=signed["version"] + random.choice([-1, 1]))
    )


@on_listing("a file is not listed", lambda repository: [repository.snapshot, repository.targets])
def _(meta, name):
    del meta[name]


@on_listing("listed shorter than it is", pinning="length")
def _(meta, name):
    meta[name]["length"] -= 1


@on_listing("listed longer than it is", pinning="length")
def _(meta, name):
    meta[name]["length"] += 1


@on_listing("listed with another hash", pinning="hashes")
def _(meta, name):
    meta[name]["hashes"]["sha256"] = hashlib.sha256(b"other").hexdigest()


@on_listing("listed with a wrong hash beside the right one", pinning="hashes")
def _(meta, name):
    meta[name]["hashes"]["sha512"] = hashlib.sha512(b"other").hexdigest()


@on_listing("listed with unknown hashes alone")
def _(meta, name):
    meta[name]["hashes"] = {"new-1": "00"}


@on_listing("listed with an unknown hash too", pinning="hashes")
def _(meta, name):
    meta[name]["hashes"]["new-1"] = "00"


@on_listing("listed with no hash at all")
def _(meta, name):
    meta[name]["hashes"] = {}


@on_listing("timestamp lists more than snapshot", lambda repository: [repository.snapshot])
def _(meta, name):
    meta["other.json"] = {"version": 1}


@defect("metadata is missing")
def _(repository, step):
    sheet = repository.random.choice(below_root(repository))
    name = f"{quote(sheet.name, '')}.json"
    versioned = (
        f"{sheet.signed.version}.{name}"
        if repository.consistent and sheet is not repository.timestamp
        else name
    )
    repository.after.append(lambda files: files.pop(f"metadata/{versioned}"))


# After an earlier update.


def rolled_back(name, depth=None):
    """A defect of a second release: every version is raised by one, then one thing goes wrong."""

    def keep(function):
        def spoil(repository, step):
            step()
            bump(repository)
            function(repository)

        defect(name, depth)(spoil)
        return function

    return keep


@rolled_back("a newer release")
def _(repository):
    repository.list(repository.owner, repository.path, b"newer")


@rolled_back("timestamp rolled back")
def _(repository):
    repository.timestamp.signed.version -= 2


@rolled_back("snapshot rolled back")
def _(repository):
    repository.snapshot.signed.version -= 2


@rolled_back("targets rolled back")
def _(repository):
    repository.targets.signed.version -= 2


@rolled_back("a delegated role rolled back", depth=2)
def _(repository):
    repository.random.choice(list(repository.delegated.values())).signed.version -= 2


@rolled_back("a delegated role dropped from snapshot", depth=2)
def _(repository):
    repository.add_role(repository.targets, {"paths": ["new"]})
    name = repository.random.choice(list(repository.delegated)[:-1])
    repository.snapshot.edits.append(lambda signed: signed["meta"].pop(f"{name}.json"))


@defect("the same release again")
def _(repository, step):
    return step(step())


@defect("another timestamp of the same version", 0)
def _(repository, step):
    files = step()
    path, content = repository.path, repository.content
    bump(repository)
    repository.timestamp.signed.version -= 1
    repository.list(repository.owner, path, b"newer")
    # A client that keeps the old release finds its target.
    repository.after.append(
        lambda served: served.update(
            {name: files[name] for name in files if name.startswith("targets/")}
        )
    )
    repository.files[path] = content


# Targets.


def change_file(repository, change):
    """Serves bytes that differ from those listed."""

    def edit(files):
        for name in repository.file_names(repository.path, repository.content):
            files[f"targets/{name}"] = change(repository.content)

    repository.after.append(edit)


@defect("a target of other bytes")
def _(repository, step):
    change_file(repository, lambda content: bytes([content[0] ^ 1]) + content[1:])


@defect("a target with bytes to spare")
def _(repository, step):
    change_file(repository, lambda content: content + b"x")


@defect("a target cut short")
def _(repository, step):
    change_file(repository, lambda content: content[:-1])


@defect("a target file is missing")
def _(repository, step):
    repository.after.append(
        lambda files: [
            files.pop(f"targets/{name}")
            for name in repository.file_names(repository.path, repository.content)
        ]
    )


@defect("an empty target")
def _(repository, step):
    repository.content = b""
    repository.list(repository.owner, repository.path, b"")


@defect("a target path that addresses spell otherwise", 0)
def _(repository, step):
    move(
        repository,
        repository.random.choice(["se/a b", "ö", "100%.filter", "a%41", "se/x?y#z", "a+b;c"]),
    )


@defect("a target path with a dot for a folder", 0)
def _(repository, step):
    move(repository, "se/./list.filter")


@defect("a target that nobody lists")
def _(repository, step):
    del repository.owner.signed.targets[repository.path]
    for sheet in repository.delegated.values():
        sheet.signed.targets.pop(repository.path, None)


def on_hashes(name, algorithms=("sha256",)):
    """A defect in the hashes of the target: edits them. Its file is there under each of them."""

    def keep(function):
        def spoil(repository, step):
            repository.list(repository.owner, repository.path, repository.content, list(algorithms))
            hashes = repository.owner.signed.targets[repository.path].hashes
            function(hashes)
            folder, slash, name = repository.path.rpartition("/")
            names = [f"targets/{folder}{slash}{digest}.{name}" for digest in hashes.values()]
            repository.after.append(
                lambda files: files.update({name: repository.content for name in names})
            )

        defect(name)(spoil)
        return function

    return keep


@on_hashes("a wrong hash beside the right one", ("sha256", "sha512"))
def _(hashes):
    hashes["sha512"] = hashlib.sha512(b"other").hexdigest()


@on_hashes("unknown hashes alone")
def _(hashes):
    hashes.clear()
    hashes["new-1"] = "00"


@on_hashes("an unknown hash beside the right one")
def _(hashes):
    hashes["sha999"] = "00"


@on_hashes("no hash at all")
def _(hashes):
    hashes.clear()


@on_hashes("a hash in upper case")
def _(hashes):
    hashes["sha256"] = hashes["sha256"].upper()
