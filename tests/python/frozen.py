"""The Python host reads what an earlier version made (docs/compatibility.md): frozen.py [FOLDER].

Answers are those of FOLDER/expected.json. The `mac` of receipts is computed by receipts.py, a second implementation.
"""

import json
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "host-example" / "python"))

from interdict_host import Gateway, Instance, Module  # noqa: E402
from receipts import REFUSAL, VERDICT, mac, without  # noqa: E402

FROZEN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "fixtures" / "compat" / "1").resolve()
EXPECTED = json.loads((FROZEN / "expected.json").read_text())
NOW, MEMBER = EXPECTED["now"], EXPECTED["editions"]["member"]
GATEWAY = FROZEN / "gateway"
POLICY = {"required": {"se": ["se/merchants"]}}
KEY = bytes.fromhex((GATEWAY / "state" / "receipt.key").read_text().strip())
PRESENT = Module()
ARCHIVED = Module(next((GATEWAY / "archive" / "modules").iterdir()).read_bytes())


def enrolment(name):
    return json.loads((FROZEN / "enrolments" / f"{name}.json").read_text())


def updated(module, enrolment, **choices):
    """An instance that updated from the repository, and the names of the files that it keeps."""
    instance = Instance(module)
    coalition = {"enrolment": enrolment, "history": "none"}
    instance.call("configure", {"coalitions": [coalition], "policy": POLICY, **choices}, NOW)
    told = json.loads(instance.call("poll", {"coalition": "se", "begin": "repository"}, NOW))
    while fetch := told["fetch"]:
        file = FROZEN / "repository" / fetch["path"]
        if file.is_file():
            instance.file(file.read_bytes())
        supply = {"coalition": "se", "name": fetch["name"], "outcome": "bytes" if file.is_file() else "not_found"}
        told = json.loads(instance.call("supply", supply, NOW))
    assert told["completed"] is True
    return instance, told["files"]


def check_answers(screen, expected):
    for name, (action, code) in expected["verdicts"].items():
        kind, value = name.split(" ")
        verdict = screen({"flow": expected["flow"], "identifiers": [{"kind": kind, "value": value}]})
        codes = [reason["code"] for reason in verdict["reasons"]]
        assert verdict["action"] == action and code in codes and not verdict["degraded"], (name, verdict)


def screening(instance):
    return lambda request: json.loads(instance.call("screen", request, NOW))


def every_edition_is_loaded_and_answers_as_it_did():
    for module in (PRESENT, ARCHIVED):
        for name, edition in (("by-hand", "member"), ("compact", "compact"), ("public", "public")):
            instance, files = updated(module, enrolment(name))
            check_answers(screening(instance), EXPECTED["editions"][edition])
            (live,) = json.loads(instance.call("state", {}, NOW))["coalitions"][0]["lists"]
            assert (live["edition"], live["ends"]) == (edition, EXPECTED["ends"])
            assert all("%2f" not in file or file.startswith("se%2f") for file in files)


def a_sealed_key_is_named_and_the_list_waits_for_it():
    instance, _ = updated(PRESENT, enrolment("sealed"))
    (sealed,) = json.loads(instance.call("state", {}, NOW))["coalitions"][0]["sealed_keys"]
    assert sealed == {"coalition": "se", "epoch": 1, "name": "se%2fepoch-1.key.age"}
    ask = {"flow": "payout", "identifiers": [{"kind": "domain", "value": "block.example"}]}
    assert screening(instance)(ask)["degraded"] is True
    (key,) = enrolment("by-hand")["keys"]
    instance.call("configure", {"keys": [{"coalition": "se", "key": key["key"]}]}, NOW)
    check_answers(screening(instance), MEMBER)


def gateway(state, module=PRESENT, policy=POLICY, now=NOW):
    return Gateway.open(state, module=module, policy=policy, clock=lambda: now, workers=1)


def a_store_is_loaded_and_answers_as_it_did():
    for module in (PRESENT, ARCHIVED):
        with gateway(GATEWAY / "state", module) as loaded:
            check_answers(lambda request: loaded.screen(request).members, MEMBER)
            (state,) = loaded.status().coalitions
        assert state["doubts"] == [] and state["history"] == (GATEWAY / "state/se/history").read_text()


def operated(module, state=GATEWAY / "state"):
    """The gateway as its archive says that it was, with its overrides."""
    (policy,) = (GATEWAY / "archive" / "policies").iterdir()
    loaded = gateway(state, module, policy.read_text())
    assert not left_out(loaded), loaded.status().warnings
    return loaded


def left_out(loaded):
    return [warning for warning in loaded.status().warnings if "left out" in warning]


def receipts_are_verified_and_replayed():
    requests = (GATEWAY / "requests.ndjson").read_bytes()
    receipts = (GATEWAY / "receipts.ndjson").read_text().splitlines()
    assert len(receipts) == len(EXPECTED["receipts"])
    for text, action in zip(receipts, EXPECTED["receipts"]):
        receipt = json.loads(text)
        assert receipt.get("action", "refused") == action, text
        assert mac(KEY, receipt, VERDICT if "action" in receipt else REFUSAL) == receipt["mac"], text
    for text, answer in zip(receipts, operated(ARCHIVED).screen_batch(requests)):
        assert json.dumps(answer.receipt, ensure_ascii=False, separators=(",", ":")) == text
    for text, answer in zip(receipts, operated(PRESENT).screen_batch(requests)):
        before, again = json.loads(text), answer.receipt
        kept = ("action", "because", "natural", "asked", "request", "overrides", "code", "path", "flow")
        assert all(again.get(name) == before.get(name) for name in kept), (before, again)
        assert mac(KEY, again, VERDICT if "action" in again else REFUSAL) == again["mac"]
        assert list(without(again, "mac")) == list(without(before, "mac")), "members and their order"


def clearances_are_taken_and_a_changed_one_is_not():
    clearance = (GATEWAY / "clearance.json").read_bytes()
    changed = clearance.replace(b"case 17", b"case 18")
    with tempfile.TemporaryDirectory() as room:
        state = pathlib.Path(room) / "state"
        shutil.copytree(GATEWAY / "state", state)
        for kind, document, taken in (
            ("clearances", clearance, True),
            ("clearances", changed, False),
            ("overrides", clearance, False),
        ):
            (state / kind).mkdir(exist_ok=True)
            (state / kind / "one.json").write_bytes(document)
            (policy,) = (GATEWAY / "archive" / "policies").iterdir()
            with gateway(state, policy=policy.read_text()) as loaded:
                assert [text.split(" ")[0] for text in left_out(loaded)] == ([] if taken else [f"{kind}/one.json"])
            (state / kind / "one.json").unlink()


def an_earlier_version_loads_what_this_one_saved():
    generation = ROOT / "fixtures" / "generation"
    with tempfile.TemporaryDirectory() as room:
        shelf = pathlib.Path(room) / "se"
        (shelf / "generation-1").mkdir(parents=True)
        for file in (generation / "files").iterdir():
            (shelf / "generation-1" / file.name).write_bytes(file.read_bytes())
        (shelf / "enrolment.json").write_bytes((generation / "enrolment.json").read_bytes())
        (shelf / "current").write_text("1\n")
        request = {"flow": "payout", "identifiers": [{"kind": "domain", "value": "bücher.example"}]}
        with gateway(room, ARCHIVED, now=1_793_599_200) as loaded:
            assert loaded.screen(request).action == "block"


def main():
    tests = [
        every_edition_is_loaded_and_answers_as_it_did,
        a_sealed_key_is_named_and_the_list_waits_for_it,
        a_store_is_loaded_and_answers_as_it_did,
        receipts_are_verified_and_replayed,
        clearances_are_taken_and_a_changed_one_is_not,
        an_earlier_version_loads_what_this_one_saved,
    ]
    for test in tests:
        test()
        print(f"ok - {test.__name__}")
    print(f"{len(tests)} passed, 0 failed")


main()
