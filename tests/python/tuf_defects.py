"""One function for each defect, and for what only looks like one. The verdicts are in `tests/compare/src/tuf/table.rs`.

A function gets a sound repository (`tuf_repository.py`) and `step`, which publishes it as it is now.
What it leaves is published last, unless it returns what it published itself. Only the last step is
judged; all before are to be accepted.
"""

import json
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives.asymmetric import rsa
from securesystemslib.signer import CryptoSigner

from tuf_repository import Quorum, signer

DEFECTS = {}
DAY = 86_400


def defect(name, depth=None):
    def keep(function):
        DEFECTS[name] = (function, depth)
        return function

    return keep


def on_any(name, choose=lambda repository: repository.sheets()):
    """A defect of any one file: `(random, sheet)`."""

    def keep(function):
        def spoil(repository, step):
            function(repository.random, repository.random.choice(choose(repository)))

        DEFECTS[name] = (spoil, None)
        return function

    return keep


def on_delegation(name, depth=1):
    """A defect in how a role is delegated: edits `(delegations, role)`."""

    def keep(function):
        def spoil(repository, step):
            holder, link = repository.random.choice(repository.links)

            def edit(signed):
                delegations = signed["delegations"]
                role = next(role for role in delegations["roles"] if role["name"] == link.name)
                function(delegations, role)

            holder.edits.append(edit)

        DEFECTS[name] = (spoil, depth)
        return function

    return keep


def below_root(repository):
    return repository.sheets()[1:]


def listed(repository):
    """Files that another file lists."""
    return repository.sheets()[2:]


def edit_role(repository, sheet, edit):
    holder, spot = repository.delegator(sheet)
    holder.edits.append(lambda signed: edit(*spot(signed)))


def beside(repository, signature=None, key=None):
    """A further key of a role, and what it signs."""
    sheet = repository.random.choice(below_root(repository))
    extra = signer(repository.random).public_key

    def edit(keys, role):
        role["keyids"].append(extra.keyid)
        if key != "missing":
            keys[extra.keyid] = key or extra.to_dict()

    edit_role(repository, sheet, edit)
    if signature is not None:
        sheet.resigns.append(lambda all: all.insert(0, {"keyid": extra.keyid, "sig": signature}))


def bump(repository):
    for sheet in [
        repository.timestamp,
        repository.snapshot,
        repository.targets,
        *repository.delegated.values(),
    ]:
        sheet.signed.version += 1


def move(repository, path):
    """Gives the wanted target another path; the delegations of the old path stay."""
    repository.owner.signed.targets.pop(repository.path)
    repository.path = path
    repository.list(repository.owner, path, repository.content)


def set_member(name, value):
    def edit(signed):
        if value is None:
            del signed[name]
        else:
            signed[name] = value

    return edit


def at(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc)


def damaged(signature):
    middle = len(signature) // 2
    return (
        signature[:middle] + format(int(signature[middle], 16) ^ 1, "x") + signature[middle + 1 :]
    )


# Signatures.


@on_any("too few signatures")
def _(random, sheet):
    quorum = random.choice(sheet.quorums)
    own = {one.public_key.keyid for one in quorum.signers}
    few = random.sample(quorum.signers, quorum.threshold - 1)
    others = [one for keyid, one in sheet.signers.items() if keyid not in own]
    sheet.signers = {one.public_key.keyid: one for one in [*few, *others]}


@on_any("no signature")
def _(random, sheet):
    sheet.resigns.append(list.clear)


@on_any("damaged signatures")
def _(random, sheet):
    sheet.resigns.append(lambda all: [one.update(sig=damaged(one["sig"])) for one in all])


@on_any("signed by strangers")
def _(random, sheet):
    sheet.signers = {one.public_key.keyid: one for one in Quorum(random, (2, 3)).signers}


@on_any("signed by strangers under the right key ids")
def _(random, sheet):
    keyids = list(sheet.signers)
    sheet.signers = {keyid: signer(random) for keyid in keyids}
    sheet.resigns.append(lambda all: [one.update(keyid=keyid) for one, keyid in zip(all, keyids)])


@on_any("changed after it was signed")
def _(random, sheet):
    def change(data):
        file = json.loads(data)
        file["signed"]["x-note"] = "later"
        return json.dumps(file).encode()

    sheet.spoils.append(change)


@on_any("a key id signs twice")
def _(random, sheet):
    sheet.resigns.append(lambda all: all.append(dict(all[0])))


@on_any("a stranger's key id signs twice")
def _(random, sheet):
    stranger = {"keyid": "00" * 32, "sig": "11" * 64}
    sheet.resigns.append(lambda all: all.extend([stranger, stranger]))


@on_any("a stranger signs too")
def _(random, sheet):
    sheet.resigns.append(lambda all: all.insert(0, {"keyid": "00" * 32, "sig": "11" * 64}))


@on_any("80 strangers sign too")
def _(random, sheet):
    sheet.resigns.append(
        lambda all: all.extend({"keyid": f"{n}", "sig": "11" * 64} for n in range(80))
    )


@defect("a damaged signature beside enough")
def _(repository, step):
    beside(repository, "30" + "11" * 63)


@defect("an empty signature beside enough")
def _(repository, step):
    beside(repository, "")


@defect("a signature that is not hexadecimal beside enough")
def _(repository, step):
    beside(repository, "no")


@defect("an unknown type of key beside enough")
def _(repository, step):
    beside(repository, "00", {"keytype": "new", "scheme": "new", "keyval": {"public": "00"}})


@defect("a key id without a key beside enough")
def _(repository, step):
    beside(repository, "00", "missing")


@on_any("signatures in upper case")
def _(random, sheet):
    sheet.resigns.append(lambda all: [one.update(sig=one["sig"].upper()) for one in all])


@defect("one key under two ids")
def _(repository, step):
    sheet = repository.random.choice(below_root(repository))
    keyid, one = repository.random.choice(list(sheet.signers.items()))
    sheet.signers = {keyid: one}

    def edit(keys, role):
        keys["other"] = keys[keyid]
        role.update(keyids=[keyid, "other"], threshold=2)

    edit_role(repository, sheet, edit)
    sheet.resigns.append(lambda all: all.append({**all[0], "keyid": "other"}))


@defect("a key id that is not the key's")
def _(repository, step):
    sheet = repository.random.choice(below_root(repository))
    old = {f"{number}": keyid for number, keyid in enumerate(sheet.signers)}

    def edit(keys, role):
        for new, keyid in old.items():
            keys[new] = keys[keyid]
            role["keyids"][role["keyids"].index(keyid)] = new

    edit_role(repository, sheet, edit)
    sheet.resigns.append(lambda all: [one.update(keyid=new) for one, new in zip(all, old)])


@defect("an RSA key")
def _(repository, step):
    name = repository.random.choice(["timestamp", "snapshot", "targets"])
    one = CryptoSigner(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    sheet = getattr(repository, name)
    sheet.signers = {one.public_key.keyid: one}

    def edit(keys, role):
        keys[one.public_key.keyid] = one.public_key.to_dict()
        role.update(keyids=[one.public_key.keyid], threshold=1)

    edit_role(repository, sheet, edit)


# Members.


@on_any("another type")
def _(random, sheet):
    types = {"root", "timestamp", "snapshot", "targets"} - {sheet.signed.type}
    sheet.edits.append(set_member("_type", random.choice(sorted(types))))


for name, value in [("2.0.0", "2.0.0"), ("1", "1"), ("1.99.0", "1.99.0"), ("missing", None)]:
    DEFECTS[f"specification version {name}"] = (
        lambda repository, step, value=value: repository.random.choice(
            repository.sheets()
        ).edits.append(set_member("spec_version", value)),
        None,
    )

for name, value in [("0", 0), ("-1", -1), ("as text", "7"), ("missing", None)]:
    DEFECTS[f"version {name}"] = (
        lambda repository, step, value=value: repository.timestamp.edits.append(
            set_member("version", value)
        ),
        None,
    )


@on_any("version beyond 32 bits", below_root)
def _(random, sheet):
    sheet.signed.version = 1 << 40


@on_any("expired", below_root)
def _(random, sheet):
    sheet.signed.expires -= timedelta(days=400 + random.randint(0, 400))


for name, value in [
    ("with a fraction", "2030-01-01T00:00:00.5Z"),
    ("with an offset", "2030-01-01T00:00:00+00:00"),
    ("without a time", "2030-01-01"),
    ("missing", None),
]:
    DEFECTS[f"expiry {name}"] = (
        lambda repository, step, value=value: repository.random.choice(
            repository.sheets()
        ).edits.append(set_member("expires", value)),
        None,
    )


@defect("expires this second")
def _(repository, step):
    repository.random.choice(repository.sheets()).signed.expires = at(repository.now)


@defect("expires next second")
def _(repository, step):
    repository.random.choice(repository.sheets()).signed.expires = at(repository.now + 1)


@defect("the same files again after timestamp expired")
def _(repository, step):
    repository.timestamp.signed.expires = at(repository.now + DAY)
    for sheet in repository.sheets():
        if sheet is not repository.timestamp:
            sheet.signed.expires = at(repository.now + 9 * DAY)
    files = step()
    return step(files, now=repository.now + 2 * DAY)


@on_any("unknown members")
def _(random, sheet):
    sheet.edits.append(set_member("x-note", {"a": [1, 'ü\n"\\\u0001'], "B": None, "": False}))
    sheet.spoils.append(
        lambda data: json.dumps({**json.loads(data), "x-note": "unsigned"}).encode()
    )
