"""What a repository leads to, for tests that ask whether it is complete. Signatures are the business of other tests."""

import hashlib
import json


def walk(repository):
    """The version of the targets to which the timestamp leads; everything on the way must be there, and whole."""
    def read(path, expected=None):
        content = (repository / path).read_bytes()
        assert expected in (None, hashlib.sha256(content).hexdigest()), f"{path} is another file"
        return content

    def meta(content, name):
        return json.loads(content)["signed"]["meta"][name]["version"]

    snapshot = meta(read("metadata/timestamp.json"), "snapshot.json")
    version = meta(read(f"metadata/{snapshot}.snapshot.json"), "targets.json")
    for path, target in json.loads(read(f"metadata/{version}.targets.json"))["signed"]["targets"].items():
        digest = target["hashes"]["sha256"]
        folder, name = path.rsplit("/", 1)
        read(f"targets/{folder}/{digest}.{name}", digest)
    return version
