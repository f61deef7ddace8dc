"""What the tests share: a state directory as a refresh leaves it, requests, and the package from this checkout."""

import json
import pathlib
import re
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "host-example" / "python"))

from interdict_host import Gateway, Module  # noqa: E402

FIXTURES = ROOT / "fixtures"
REPOSITORIES = FIXTURES / "repositories"
NOW = 1_793_599_200
POLICY = {"required": {"se": ["se/merchants"]}}
HISTORY = re.search(r"^interdict-history-1 .*$", (FIXTURES / "README.md").read_text(), re.M)[0]
LISTED, UNLISTED = "bücher.example", "flowers.example"
MODULE = Module()


def enrolment(**members):
    return {**json.loads((FIXTURES / "generation" / "enrolment.json").read_text()), **members}


def ask(name, flow="payout"):
    return {"flow": flow, "identifiers": [{"kind": "domain", "value": name}]}


class Room(unittest.TestCase):
    """A test with a directory of its own, and a gateway in it."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.room = pathlib.Path(self._folder.name)
        self.state = self.room / "state"
        self.shelf = self.state / "se"

    def saved(self):
        """A state directory with one generation and its history."""
        files = self.shelf / "generation-1"
        files.mkdir(parents=True, mode=0o700)
        for file in (FIXTURES / "generation" / "files").iterdir():
            (files / file.name).write_bytes(file.read_bytes())
        (self.shelf / "enrolment.json").write_bytes((FIXTURES / "generation" / "enrolment.json").read_bytes())
        (self.shelf / "enrolment.json").chmod(0o600)
        (self.shelf / "history").write_text(HISTORY)
        (self.shelf / "current").write_text("1\n")
        return self.state

    def gateway(self, **options):
        options = {"policy": POLICY, "module": MODULE, "clock": lambda: NOW, "workers": 1, **options}
        gateway = Gateway.open(self.state, **options)
        self.addCleanup(gateway.close)
        return gateway

    def enrolled(self, repository, **options):
        """A gateway that was enrolled, and has fetched nothing."""
        return self.gateway(enrolments=[enrolment(repository=str(repository))], **options)
