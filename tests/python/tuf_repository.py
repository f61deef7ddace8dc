"""Random sound repositories, made with python-tuf. `tuf_defects.py` then spoils one thing in each.

The keys come out of the random generator: a seed gives the same repositories again, and everybody
can sign with them.
"""

import hashlib
import json
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from securesystemslib.exceptions import FormatError
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

TOP_LEVEL = ["root", "timestamp", "snapshot", "targets"]
FOLDERS = ["se", "nl", "merchants", "a-b", "v1.2"]
NAMES = ["se", "se/merchants", "Se", "a b", "bin-0", "..", "x?y", "%2F", "ö", "role"]


class Quorum:
    """Keys, and how many of them must sign."""

    def __init__(self, random, size=None):
        self.threshold, count = size or random.choice([(1, 1), (1, 2), (2, 2), (2, 3)])
        self.signers = [signer(random) for _ in range(count)]

    def role(self):
        return Role([one.public_key.keyid for one in self.signers], self.threshold)

    def keys(self):
        return {one.public_key.keyid: one.public_key for one in self.signers}


class Sheet:
    """One metadata file before it is written: its content, who must sign it, and the changes to make."""

    def __init__(self, random, name, signed, quorums):
        self.name, self.signed, self.quorums = name, signed, quorums
        chosen = [
            random.sample(q.signers, random.randint(q.threshold, len(q.signers))) for q in quorums
        ]
        self.signers = {one.public_key.keyid: one for some in chosen for one in some}
        # Each change takes the signed object, the list of signatures, or the finished bytes.
        self.edits, self.resigns, self.spoils = [], [], []

    def bytes(self):
        metadata = Metadata(self.signed)
        for one in self.signers.values():
            metadata.sign(one, append=True)
        data = metadata.to_bytes()
        if self.edits or self.resigns:
            file = metadata.to_dict()
            for edit in self.edits:
                edit(file["signed"])
            if self.edits:
                message = canonical(file["signed"])
                file["signatures"] = [one.sign(message).to_dict() for one in self.signers.values()]
            for resign in self.resigns:
                resign(file["signatures"])
            data = json.dumps(file).encode()
        for spoil in self.spoils:
            data = spoil(data)
        return data


class Repository:
    """A sound repository with one wanted target, `depth` delegations below the top level."""

    def __init__(self, random, now, depth=None):
        self.random, self.now = random, now
        self.later = datetime.fromtimestamp(now, timezone.utc) + timedelta(
            days=random.randint(1, 400)
        )
        self.consistent = random.random() < 0.5
        self.pinning = random.choice(["version", "length", "hashes", "both"])
        self.files, self.delegated, self.after = {}, {}, []
        self.path = "/".join(
            [
                *random.choices(FOLDERS, k=random.randint(0, 3)),
                f"list-{random.randint(0, 9)}.filter",
            ]
        )
        self.content = random.randbytes(random.choice([1, 20, 3000]))
        self.authorities = {name: Quorum(random) for name in TOP_LEVEL}
        self.roots = []
        for _ in range(random.randint(1, 3)):
            self.add_root(rotated=random.random() < 0.5)
        self.timestamp = self.sheet("timestamp", Timestamp())
        self.snapshot = self.sheet("snapshot", Snapshot())
        self.targets = self.sheet("targets", Targets())
        self.links = []
        holder = self.targets
        for _ in range(random.choice([0, 1, 1, 2, 3]) if depth is None else depth):
            holder = self.delegate(holder)
        self.owner = holder
        self.list(holder, self.path, self.content)
        for _ in range(random.randint(0, 2)):
            self.list(holder, f"other-{random.randint(0, 99)}", random.randbytes(9))

    def sheet(self, name, signed, quorum=None):
        signed.version = self.random.randint(2, 9)
        signed.expires = self.later
        return Sheet(self.random, name, signed, [quorum or self.authorities[name]])

    def add_root(self, rotated=False, replaced=()):
        """The next root, signed by the keys before it and its own."""
        before = self.authorities["root"]
        for name in [*replaced, *(["root"] if rotated else [])]:
            self.authorities[name] = Quorum(self.random)
        signed = Root(
            version=len(self.roots) + 1, expires=self.later, consistent_snapshot=self.consistent
        )
        for name, quorum in self.authorities.items():
            signed.roles[name] = quorum.role()
            signed.keys.update(quorum.keys())
        quorums = [self.authorities["root"], *([before] if self.roots else [])]
        self.roots.append(Sheet(self.random, "root", signed, quorums))

    def list(self, holder, path, content, algorithms=None):
        algorithms = algorithms or self.random.choice(
            [["sha256"], ["sha512"], ["sha256", "sha512"]]
        )
        holder.signed.targets[path] = TargetFile.from_data(path, content, algorithms)
        holder.signed.targets[path].unrecognized_fields["custom"] = {
            'ä\\"\n\u007f': [-1, {"z": None, "B": True}]
        }
        self.files[path] = content

    def delegate(self, holder):
        """A role for the wanted target, after roles that do not list it and before one that lists it falsely."""
        random = self.random
        matching = random.choice([self.pattern, self.prefix])
        for _ in range(random.randint(0, 2)):
            self.add_role(holder, random.choice([{"paths": ["elsewhere/*", "list-?"]}, matching()]))
        link = self.add_role(holder, matching(), terminating=random.random() < 0.5)
        if random.random() < 0.5:
            liar = self.add_role(holder, matching())
            liar.signed.targets[self.path] = TargetFile.from_data(self.path, b"never", ["sha256"])
        self.links.append((holder, link))
        return link

    def add_role(self, holder, scope, terminating=False, name=None):
        random = self.random
        name = name or f"{random.choice(NAMES)}{len(self.delegated) or ''}"
        quorum = Quorum(random)
        sheet = self.sheet(name, Targets(), quorum)
        sheet.signed.delegations = None
        self.delegated[name] = sheet
        if holder.signed.delegations is None:
            holder.signed.delegations = Delegations({}, {})
        role = quorum.role()
        delegation = DelegatedRole(name, role.keyids, role.threshold, terminating, **scope)
        holder.signed.delegations.roles[name] = delegation
        holder.signed.delegations.keys.update(quorum.keys())
        return sheet

    def pattern(self):
        segments = []
        for segment in self.path.split("/"):
            at = self.random.randrange(len(segment))
            segments.append(
                self.random.choice(
                    [segment, "*", segment[:at] + "*", segment[:at] + "?" + segment[at + 1 :]]
                )
            )
        return {"paths": [*self.random.choice([[], ["no/such"]]), "/".join(segments)]}

    def prefix(self):
        digest = hashlib.sha256(self.path.encode()).hexdigest()
        return {"path_hash_prefixes": sorted({digest[: self.random.randint(1, 4)], "00ff"})}

    def sheets(self):
        """The files that an update needs."""
        return [
            self.roots[-1],
            self.timestamp,
            self.snapshot,
            self.targets,
            *(link for _, link in self.links),
        ]

    def delegator(self, sheet):
        """Who names the keys of a sheet, and where: edits `(keys, role)` there."""
        for holder, link in self.links:
            if link is sheet:

                def spot(signed, name=sheet.name):
                    roles = signed["delegations"]["roles"]
                    return signed["delegations"]["keys"], next(
                        role for role in roles if role["name"] == name
                    )

                return holder, spot
        return self.roots[-1], lambda signed: (signed["keys"], signed["roles"][sheet.name])

    def pin(self, version, data):
        length = len(data) if self.pinning in ("length", "both") else None
        hashes = (
            {"sha256": hashlib.sha256(data).hexdigest()}
            if self.pinning in ("hashes", "both")
            else None
        )
        return MetaFile(version, length, hashes)

    def served(self):
        """All files by path."""
        files = {}

        def add(sheet, versioned):
            data = sheet.bytes()
            name = quote(sheet.name, "")
            files[f"metadata/{f'{sheet.signed.version}.' if versioned else ''}{name}.json"] = data
            return data

        self.snapshot.signed.meta = {}
        for sheet in [self.targets, *self.delegated.values()]:
            pin = self.pin(sheet.signed.version, add(sheet, self.consistent))
            self.snapshot.signed.meta[f"{sheet.name}.json"] = pin
        self.timestamp.signed.snapshot_meta = self.pin(
            self.snapshot.signed.version, add(self.snapshot, self.consistent)
        )
        add(self.timestamp, False)
        for root in self.roots:
            add(root, True)
        for path, content in self.files.items():
            for name in self.file_names(path, content):
                files[f"targets/{name}"] = content
        for change in self.after:
            change(files)
        return files

    def file_names(self, path, content):
        """Where a target is: under its name, and under the address that our client asks for."""
        folder, slash, name = path.rpartition("/")
        hashes = [hashlib.new(algorithm, content).hexdigest() for algorithm in ("sha256", "sha512")]
        names = (
            [f"{folder}{slash}{digest}.{name}" for digest in hashes] if self.consistent else [path]
        )
        return sorted({*names, *(quote(name) for name in names)})


def signer(random):
    if random.random() < 0.5:
        return CryptoSigner(ed25519.Ed25519PrivateKey.from_private_bytes(random.randbytes(32)))
    key = ec.derive_private_key(random.randrange(1, 1 << 255), ec.SECP256R1())
    public = SSlibKey.from_crypto(key.public_key())
    # As older publishers write it.
    keytype = random.choice(["ecdsa", "ecdsa", public.scheme])
    return CryptoSigner(key, SSlibKey(public.keyid, keytype, public.scheme, public.keyval))


def canonical(signed):
    """The bytes to sign. A float has no canonical form; a publisher that writes one would sign this."""
    try:
        return encode_canonical(signed).encode()
    except FormatError:
        return json.dumps(
            signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
