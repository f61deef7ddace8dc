"""Defects in who may sign what, and in root; continues `tuf_defects.py`."""

from tuf_defects import DAY, at, below_root, bump, defect, edit_role
from tuf_repository import Quorum

# Who may sign what.


@defect("threshold 0")
def _(repository, step):
    sheet = repository.random.choice(repository.sheets())
    edit_role(repository, sheet, lambda keys, role: role.update(threshold=0))
    if sheet is not repository.roots[-1]:
        sheet.resigns.append(list.clear)


@defect("a key id twice in a role")
def _(repository, step):
    sheet = repository.random.choice(repository.sheets())
    edit_role(repository, sheet, lambda keys, role: role["keyids"].append(role["keyids"][0]))


@defect("40 keys in a role")
def _(repository, step):
    more = Quorum(repository.random, (1, 40))

    def edit(keys, role):
        keys.update({keyid: key.to_dict() for keyid, key in more.keys().items()})
        role["keyids"].extend(more.keys())

    edit_role(repository, repository.random.choice(below_root(repository)), edit)


@defect("a role without keys")
def _(repository, step):
    edit_role(
        repository,
        repository.random.choice(repository.sheets()),
        lambda keys, role: role.update(keyids=[]),
    )


@defect("the keys of a role are missing")
def _(repository, step):
    edit_role(
        repository, repository.random.choice(repository.sheets()), lambda keys, role: keys.clear()
    )


@defect("a role missing in root")
def _(repository, step):
    name = repository.random.choice(["root", "timestamp", "snapshot", "targets"])
    repository.roots[-1].edits.append(lambda signed: signed["roles"].pop(name))


@defect("a mirrors role in root")
def _(repository, step):
    root = repository.roots[-1]
    root.edits.append(lambda signed: signed["roles"].update(mirrors=signed["roles"]["timestamp"]))


# Root.


@defect("a new root skips a version")
def _(repository, step):
    repository.add_root()
    repository.roots[-1].edits.append(lambda signed: signed.update(version=signed["version"] + 1))


@defect("a new root repeats the version")
def _(repository, step):
    repository.add_root()
    repository.roots[-1].edits.append(lambda signed: signed.update(version=signed["version"] - 1))


def sign_with(repository, which):
    repository.add_root(rotated=True)
    root = repository.roots[-1]
    root.signers = {one.public_key.keyid: one for one in root.quorums[which].signers}


@defect("a new root without the old keys' signatures")
def _(repository, step):
    sign_with(repository, 0)


@defect("a new root without its own keys' signatures")
def _(repository, step):
    sign_with(repository, 1)


@defect("a pinned root without its own keys' signatures")
def _(repository, step):
    repository.roots[0].resigns.append(list.clear)


@defect("an expired root before the last")
def _(repository, step):
    repository.add_root()
    repository.random.choice(repository.roots[:-1]).signed.expires = at(repository.now - DAY)


@defect("an expired last root")
def _(repository, step):
    repository.roots[-1].signed.expires = at(repository.now - DAY)


@defect("signed by keys the last root replaced")
def _(repository, step):
    repository.add_root(replaced=[repository.random.choice(["timestamp", "snapshot", "targets"])])


def replace_keys(repository, names):
    """New keys for these roles and newer files, after an update to the old ones."""
    bump(repository)
    repository.add_root(rotated=repository.random.random() < 0.5, replaced=names)
    for name in names:
        sheet, quorum = getattr(repository, name), repository.authorities[name]
        sheet.signers = {one.public_key.keyid: one for one in quorum.signers}


@defect("keys replaced between two updates")
def _(repository, step):
    step()
    replace_keys(repository, repository.random.sample(["timestamp", "snapshot", "targets"], 2))


@defect("versions run ahead until all keys were replaced")
def _(repository, step):
    repository.timestamp.signed.version, repository.snapshot.signed.version = 9_000, 8_000
    step()
    replace_keys(repository, ["timestamp", "snapshot"])
    repository.timestamp.signed.version, repository.snapshot.signed.version = 9, 8


@defect("timestamp ran ahead until its keys were replaced")
def _(repository, step):
    repository.timestamp.signed.version = 9_000
    step()
    replace_keys(repository, ["timestamp"])
    repository.timestamp.signed.version = 9


@defect("timestamp ran ahead until snapshot's keys were replaced")
def _(repository, step):
    repository.timestamp.signed.version = 9_000
    step()
    replace_keys(repository, ["snapshot"])
    repository.timestamp.signed.version = 9
