"""Defects in delegations; continues `tuf_defects.py`."""

import copy
import hashlib

from tuf.api.metadata import SuccinctRoles

from tuf_defects import defect, move, on_delegation
from tuf_repository import Quorum


def scope(repository, patterns):
    """Trusts the last role with these patterns instead, and no role after it with the target."""
    holder, link = repository.links[-1]
    holder.signed.delegations.roles = {
        name: role for name, role in holder.signed.delegations.roles.items() if name == link.name
    }
    role = holder.signed.delegations.roles[link.name]
    role.paths, role.path_hash_prefixes = patterns, None


@defect("a role lists what it is not trusted with", 1)
def _(repository, step):
    scope(repository, [repository.path + "x", "x" + repository.path, repository.path + "/*"])


@defect("a role lists what the role above it is not trusted with", 1)
def _(repository, step):
    scope(repository, ["other/*"])
    inner = repository.add_role(repository.owner, {"paths": [repository.path]})
    inner.signed.targets[repository.path] = repository.owner.signed.targets.pop(repository.path)


@defect("a hash prefix of other paths", 1)
def _(repository, step):
    scope(repository, None)
    digest = hashlib.sha256(repository.path.encode()).hexdigest()
    holder, link = repository.links[-1]
    other = format(int(digest[0], 16) ^ 1, "x")
    holder.signed.delegations.roles[link.name].path_hash_prefixes = [other, digest[:3] + "g"]


@defect("a wildcard does not cross a slash", 1)
def _(repository, step):
    move(repository, "se/merchants/list.filter")
    scope(repository, ["se/*", "*", "se/*.filter", "se?merchants?list.filter"])


@defect("a pattern in another case", 1)
def _(repository, step):
    scope(repository, [repository.path.upper()])


@defect("a class of characters in a pattern", 1)
def _(repository, step):
    move(repository, "se/list-7.filter")
    scope(repository, ["se/list-[0-9].filter"])


@defect("a class of characters that does not close", 1)
def _(repository, step):
    move(repository, "se/list-[.filter")
    scope(repository, ["se/list-[.filter"])


@defect("a wildcard for a leading dot", 1)
def _(repository, step):
    move(repository, "se/.list")
    scope(repository, ["se/*"])


@defect("hashed bins", 0)
def _(repository, step):
    random, digits = repository.random, repository.random.choice([1, 2])
    del repository.owner.signed.targets[repository.path]
    index = int(hashlib.sha256(repository.path.encode()).hexdigest()[:digits], 16)
    count = 16**digits
    # Only the wanted bin and a few others, because signing all 256 would take a second.
    for number in sorted({index, *random.sample(range(count), 5)}):
        name = f"bin-{number:0{digits}x}"
        bin = repository.add_role(
            repository.targets, {"path_hash_prefixes": [f"{number:0{digits}x}"]}, True, name
        )
        if number == index:
            repository.owner = bin
            repository.list(bin, repository.path, repository.content)


@defect("succinct bins", 0)
def _(repository, step):
    quorum = Quorum(repository.random, (1, 1))
    bin = repository.add_role(repository.targets, {"paths": ["none"]}, name="bin-0")
    bin.quorums, bin.signers = [quorum], {one.public_key.keyid: one for one in quorum.signers}
    repository.owner = bin
    bin.signed.targets[repository.path] = repository.targets.signed.targets.pop(repository.path)
    other = copy.copy(bin)
    other.name = "bin-1"
    repository.delegated["bin-1"] = other
    delegations = repository.targets.signed.delegations
    delegations.roles, delegations.keys = None, quorum.keys()
    delegations.succinct_roles = SuccinctRoles(list(quorum.keys()), 1, 1, "bin")


def hidden(repository, holder, terminating):
    """A role of `holder` matches and lists nothing; the one after it lists the target."""
    target = repository.owner.signed.targets.pop(repository.path)
    for sheet in repository.delegated.values():
        sheet.signed.targets.pop(repository.path, None)
    first = repository.add_role(holder, {"paths": [repository.path]}, terminating)
    second = repository.add_role(repository.targets, {"paths": [repository.path]})
    second.signed.targets[repository.path] = target
    return first


@defect("a terminating role hides the target", 0)
def _(repository, step):
    hidden(repository, repository.targets, True)


@defect("a terminating role further down hides the target", 0)
def _(repository, step):
    above = repository.add_role(repository.targets, {"paths": [repository.path]})
    hidden(repository, above, True)


@defect("a role that does not terminate is passed", 0)
def _(repository, step):
    above = repository.add_role(repository.targets, {"paths": [repository.path]})
    hidden(repository, above, False)


@defect("a terminating role of other paths is passed", 0)
def _(repository, step):
    first = hidden(repository, repository.targets, True)
    repository.targets.signed.delegations.roles[first.name].paths = ["other/*"]


@defect("a delegated role is not in snapshot", 0)
def _(repository, step):
    above = repository.add_role(repository.targets, {"paths": [repository.path]})
    above.signed.targets[repository.path] = repository.targets.signed.targets.pop(repository.path)
    repository.snapshot.edits.append(lambda signed: signed["meta"].pop(f"{above.name}.json"))


@defect("a delegated role is not in snapshot, a later one lists the target", 0)
def _(repository, step):
    first = hidden(repository, repository.targets, False)
    repository.snapshot.edits.append(lambda signed: signed["meta"].pop(f"{first.name}.json"))


@defect("roles that delegate in a circle", 0)
def _(repository, step):
    first = hidden(repository, repository.targets, False)
    repository.targets.signed.delegations.roles[first.name].terminating = False
    second = repository.add_role(first, {"paths": [repository.path]})
    second.signed.delegations = copy.deepcopy(repository.targets.signed.delegations)


def many(repository, count):
    target = repository.targets.signed.targets.pop(repository.path)
    quorum = Quorum(repository.random, (1, 1))
    for _ in range(count + 1):
        last = repository.add_role(repository.targets, {"paths": [repository.path]})
    last.signed.targets[repository.path] = target


@defect("40 roles before the target", 0)
def _(repository, step):
    many(repository, 40)


@defect("30 roles before the target", 0)
def _(repository, step):
    many(repository, 30)


@defect("a role of two delegators, the second names other keys", 0)
def _(repository, step):
    shared = repository.add_role(repository.targets, {"paths": ["first"]}, name="shared")
    above = repository.add_role(repository.targets, {"paths": [repository.path]})
    stranger = repository.add_role(above, {"paths": [repository.path]})
    role = above.signed.delegations.roles.pop(stranger.name)
    role.name = "shared"
    above.signed.delegations.roles["shared"] = role
    shared.signed.targets[repository.path] = repository.targets.signed.targets.pop(repository.path)
    repository.list(shared, "first", b"first")
    return step(step(path="first", content=b"first"))


@on_delegation("a delegated role named like a top-level one")
def _(delegations, role):
    role["name"] = "snapshot"
    delegations["roles"] = [role]


@on_delegation("a delegated role named twice")
def _(delegations, role):
    delegations["roles"].append(dict(role))


@on_delegation("both paths and hash prefixes")
def _(delegations, role):
    role.setdefault("paths", ["*"])
    role.setdefault("path_hash_prefixes", [format(digit, "x") for digit in range(16)])


@on_delegation("neither paths nor hash prefixes")
def _(delegations, role):
    role.pop("paths", None)
    role.pop("path_hash_prefixes", None)
    delegations["roles"] = [role]


@on_delegation("a delegation that does not say whether it terminates")
def _(delegations, role):
    del role["terminating"]


@defect("delegations without a role", 0)
def _(repository, step):
    repository.targets.edits.append(
        lambda signed: signed.update(delegations={"keys": {}, "roles": []})
    )
