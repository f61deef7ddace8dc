"""The Python host against the committed module, and against modules of other minor versions."""

import json
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "host-example" / "python"))

import interdict_host  # noqa: E402
from interdict_host import Gateway, Instance, InterdictError, Module  # noqa: E402

NOW = 1_795_309_323
FRESH = 1_793_599_200
GENERATION = ROOT / "fixtures" / "generation"
COMPACT = ROOT / "fixtures" / "repositories" / "compact"
HISTORY = re.search(r"^interdict-history-1 .*$", (ROOT / "fixtures" / "README.md").read_text(), re.M)[0]
POLICY = {"required": {"se": ["se/merchants"]}}
SHOP = {"flow": "payout", "identifiers": [{"kind": "domain", "value": "shop.example"}]}


def section_at(code, wanted):
    """Where a section's content begins and ends, and where its length stands."""
    at = 8
    while at < len(code):
        kind, length_at = code[at], at + 1
        length, start = leb(code, length_at)
        if kind == wanted:
            return length_at, start, start + length
        at = start + length
    raise AssertionError("no such section")


def leb(code, at):
    value, shift = 0, 0
    while True:
        byte = code[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def written(value):
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def exporting(change):
    """The committed module with its exports changed: names to (kind, index) as bytes."""
    code = interdict_host.BUILT.read_bytes()
    length_at, start, end = section_at(code, 7)
    count, at = leb(code, start)
    exports = {}
    for _ in range(count):
        size, at = leb(code, at)
        name, at = code[at : at + size].decode(), at + size
        _, after = leb(code, at + 1)
        exports[name], at = code[at:after], after
    change(exports)
    entries = [written(len(name)) + name.encode() + place for name, place in exports.items()]
    content = written(len(exports)) + b"".join(entries)
    file = tempfile.NamedTemporaryFile(suffix=".wasm")
    file.write(code[:length_at] + written(len(content)) + content + code[end:])
    file.flush()
    return file


def refused(run):
    try:
        run()
    except InterdictError as error:
        return error.code
    raise AssertionError("was not refused")


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


def a_verdict_has_a_number_and_anything_else_has_none(room):
    gateway = Gateway(state(room), policy=POLICY, now=FRESH)
    instance = gateway.instance
    assert instance.verdict() == 60
    assert gateway.screen({**SHOP, "flow": "authorisation"}, FRESH)["action"] == "allow"
    assert instance.verdict() == 10
    assert refused(lambda: gateway.screen({}, FRESH)) == -18
    assert instance.verdict() == 60
    assert instance.walk("completed") == 0 or instance.walk("name") == ""


def a_walk_is_asked_without_json(room):
    instance = Instance(Module())
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


def modules_of_another_minor_version_run_and_foreign_ones_do_not(room):
    def older(exports):
        del exports["interdict_verdict"], exports["interdict_walk"]

    def newer(exports):
        exports["interdict_to_come"] = exports["interdict_alloc"]

    def foreign(exports):
        exports["debug"] = exports["interdict_alloc"]

    def lacking(exports):
        del exports["interdict_result"]

    for change in (older, newer):
        with exporting(change) as file:
            instance = Instance(Module(file.name))
            assert json.loads(instance.call("screen", SHOP, NOW))["degraded"] is True
            assert instance.verdict() == (60 if change is older else 31)
    for change in (foreign, lacking):
        with exporting(change) as file:
            refused(lambda: Module(file.name))


def a_batch_of_any_size_has_an_answer_for_each_line(room):
    gateway = Gateway(state(room), policy=POLICY, now=FRESH)
    gateway.instance.call("configure", {"receipt_key": "07" * 32}, FRESH)
    identifiers = [{"kind": "domain", "value": f"a{index}.b.c"} for index in range(12)]
    large = {"flow": "payout", "identifiers": identifiers, "view": "analyst", "language": "nl", "iso8583": {"de42": "x"}}
    line = json.dumps(large, separators=(",", ":")).encode() + b"\n"
    told = gateway.instance.call("screen_batch", line * 32_600, FRESH)
    assert b"answer_too_large" in told, "the answers exceed what one batch may have"
    answers = gateway.screen_batch(line * 32_600 + b"\n" + b"{}\n" * 500, FRESH)
    assert len(answers) == 33_101
    assert all("action" in answer and "line" not in answer for answer in answers[:32_600])
    assert [answer["error"]["name"] for answer in answers[32_600:32_602]] == ["json_syntax", "missing_field"]
    assert gateway.screen_batch(b"", FRESH) == []


def fetched(room, enrolment, repository, now):
    """A state directory after one refresh from a folder."""
    instance = Instance(Module())
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
        gateway = Gateway(place, policy=POLICY, now=now)
        lines = [{"flow": "payout", "identifiers": [{"kind": "domain", "value": name}]} for name in names]
        verdicts = [gateway.screen(line, now) for line in lines]
        assert [verdict["action"] for verdict in verdicts] == actions, verdicts
        assert all(verdict["lists"][0]["edition"] == edition for verdict in verdicts)
        assert not any(verdict["degraded"] for verdict in verdicts)
        assert verdicts[0]["because"] == {"member": "record", "compact": "candidate"}[edition]


def an_instance_that_is_poisoned_says_so(room):
    instance = Instance(Module())
    instance._run = lambda name, *arguments: -4  # as a module entered while busy answers
    assert refused(lambda: instance.call("screen", SHOP, NOW)) is None
    assert instance.trapped and instance.verdict() == 60


def main():
    tests = [
        a_verdict_has_a_number_and_anything_else_has_none,
        a_walk_is_asked_without_json,
        modules_of_another_minor_version_run_and_foreign_ones_do_not,
        a_batch_of_any_size_has_an_answer_for_each_line,
        each_enrolment_loads_the_edition_that_it_names,
        an_instance_that_is_poisoned_says_so,
    ]
    for test in tests:
        with tempfile.TemporaryDirectory() as room:
            test(room)
        print(f"ok - {test.__name__}")
    print(f"{len(tests)} passed, 0 failed")


main()
