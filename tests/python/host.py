"""What the Python host shows of the committed module: numbers, walks without JSON, and each edition. Its other tests
are those of the package, in `tests/hosts/python`."""

import json
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "host-example" / "python"))

from interdict_host import Gateway, Instance, Module, RefusedError  # noqa: E402

FRESH = 1_793_599_200
GENERATION = ROOT / "fixtures" / "generation"
COMPACT = ROOT / "fixtures" / "repositories" / "compact"
HISTORY = re.search(r"^interdict-history-1 .*$", (ROOT / "fixtures" / "README.md").read_text(), re.M)[0]
POLICY = {"required": {"se": ["se/merchants"]}}
MODULE = Module()
SHOP = {"flow": "payout", "identifiers": [{"kind": "domain", "value": "shop.example"}]}


def state(room):
    """A state directory as `interdict refresh` leaves it."""
    shelf = pathlib.Path(room) / "se"
    files = shelf / "generation-1"
    files.mkdir(parents=True)
    for file in (GENERATION / "files").iterdir():
        (files / file.name).write_bytes(file.read_bytes())
    (shelf / "enrolment.json").write_bytes((GENERATION / "enrolment.json").read_bytes())
    (shelf / "history").write_text(HISTORY)
    (shelf / "current").write_text("1")
    return room


def opened(state, now=FRESH):
    return Gateway.open(state, module=MODULE, policy=POLICY, clock=lambda: now, workers=1)


def a_verdict_has_a_number_and_anything_else_has_none(room):
    with opened(state(room)) as gateway, gateway._borrowed() as instance:
        assert instance.verdict() == 60
        instance.call("screen", {**SHOP, "flow": "authorisation"}, FRESH)
        assert instance.verdict() == 10
        try:
            instance.call("screen", {}, FRESH)
        except RefusedError as error:
            assert error.code == -18
        assert instance.verdict() == 60
        assert instance.walk("completed") == 0 or instance.walk("name") == ""


def a_walk_is_asked_without_json(room):
    instance = Instance(MODULE)
    enrolment = json.loads((GENERATION / "enrolment.json").read_text())
    coalition = {"enrolment": enrolment, "history": "none"}
    instance.call("configure", {"coalitions": [coalition]}, FRESH)
    fetch = json.loads(instance.call("poll", {"coalition": "se", "begin": "store"}, FRESH))["fetch"]
    for question in ("name", "path", "max_size"):
        assert instance.walk(question) == fetch[question]
    assert (instance.walk("keep"), instance.walk("completed")) == (0, 0)
    state = json.loads(instance.call("state", {}, FRESH))["coalitions"][0]
    instance.call("poll", {"coalition": "se"}, FRESH)
    assert instance.walk("history") == state["history"] and state["doubts"] == ["no_history"]


def fetched(room, enrolment, repository, now):
    """A state directory after one refresh from a folder."""
    instance = Instance(MODULE)
    instance.call("configure", {"coalitions": [{"enrolment": enrolment, "history": "none"}]}, now)
    files = pathlib.Path(room) / "se" / "generation-1"
    files.mkdir(parents=True)
    progress = json.loads(instance.call("poll", {"coalition": "se", "begin": "repository"}, now))
    while fetch := progress["fetch"]:
        path = repository / fetch["path"]
        outcome = "bytes" if path.is_file() else "not_found"
        if path.is_file():
            instance.file(path.read_bytes())
        supply = {"coalition": "se", "name": fetch["name"], "outcome": outcome}
        progress = json.loads(instance.call("supply", supply, now))
        if progress["keep"]:
            (files / fetch["name"]).write_bytes(path.read_bytes())
    assert progress["completed"]
    (files.parent / "history").write_text(instance.walk("history"))
    (files.parent / "enrolment.json").write_text(json.dumps(enrolment))
    (files.parent / "current").write_text("1")
    return sorted(file.name for file in files.iterdir() if file.name.startswith("se%2f"))


def each_enrolment_loads_the_edition_that_it_names(room):
    now = 1_793_773_800  # 2026-11-04T06:30:00Z
    enrolment = json.loads((GENERATION / "enrolment.json").read_text())
    expected = {
        "member": (["filter", "records", "stash"], ["block", "monitor", "allow", "allow"]),
        "compact": (["filter", "stash"], ["review", "allow", "allow", "allow"]),
    }
    names = ["added-shop.example", "new-shop.example", "bücher.example", "flowers.example"]
    for edition, (parts, actions) in expected.items():
        place = pathlib.Path(room) / edition
        files = fetched(place, {**enrolment, "edition": edition}, COMPACT, now)
        assert files == [f"se%2fmerchants.{edition}-1.{part}" for part in parts], files
        lines = [{"flow": "payout", "identifiers": [{"kind": "domain", "value": name}]} for name in names]
        with opened(place, now) as gateway:
            verdicts = [verdict.members for verdict in gateway.screen_batch(lines)]
        assert [verdict["action"] for verdict in verdicts] == actions, verdicts
        assert all(verdict["lists"][0]["edition"] == edition for verdict in verdicts)
        assert not any(verdict["degraded"] for verdict in verdicts)
        assert verdicts[0]["because"] == {"member": "record", "compact": "candidate"}[edition]


def main():
    tests = [
        a_verdict_has_a_number_and_anything_else_has_none,
        a_walk_is_asked_without_json,
        each_enrolment_loads_the_edition_that_it_names,
    ]
    for test in tests:
        with tempfile.TemporaryDirectory() as room:
            test(room)
        print(f"ok - {test.__name__}")
    print(f"{len(tests)} passed, 0 failed")


main()
