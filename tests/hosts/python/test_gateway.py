"""Gateways: what they load, what they warn of, and what happens when they are closed, swapped or trapped."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

from common import FIXTURES, HISTORY, LISTED, MODULE, NOW, UNLISTED, Room, ask, enrolment
import modules

from interdict_host import (
    AnswerError,
    ClosedError,
    EnrolmentDiffersError,
    InvalidError,
    Module,
    NotScreenedError,
    RefusedError,
    SelftestError,
    Store,
    StoreBusyError,
    StoreDamagedError,
    StoreMissingError,
    TrappedError,
    Verdict,
    decision,
)
import interdict_host
from interdict_host import files
from interdict_host.batch import screen_lines

RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
TRAPPING = Module(modules.trapping())


class Doors(unittest.TestCase):
    def test_the_table_of_doors(self):
        for action, because, flow, holds, expected in (
            ("allow", None, "payout", False, "pass"),
            ("monitor", "record", "onboarding", True, "pass"),
            ("review", "record", "checkout", False, "pass"),
            ("hold_payout", "score", "authorisation", True, "pass"),
            ("hold_payout", "score", "payout", True, "hold"),
            ("review", "candidate", "onboarding", False, "refuse"),
            ("hold_payout", "record", "payout", False, "refuse"),
            ("block", "score", "checkout", False, "refuse"),
        ):
            self.assertEqual(decision(action, because, flow, holds), expected)
        for because in ("score", "unavailable", "late", "fields", "public_only", None, "to_come"):
            self.assertRaises(NotScreenedError, decision, "review", because, "payout", False)
        for action, flow in (("allowed", "payout"), ("", "payout"), ("allow", "Payout"), ("block", "refund")):
            self.assertRaises(InvalidError, decision, action, "record", flow)

    def test_the_table_that_all_hosts_share(self):
        path = FIXTURES / "doors.json"
        for case in json.loads(path.read_text()):
            try:
                found = decision(case["action"], case.get("because"), case["flow"], case["holds"])
            except NotScreenedError:
                found = "not_screened"
            except InvalidError:
                found = "error"
            self.assertEqual(found, case["decision"], case)

    def test_an_answer_with_another_word_is_no_verdict(self):
        for text in (
            '{"action":"permit","degraded":false}',
            '{"action":"allow","degraded":0}',
            '{"action":["allow"],"degraded":false}',
            '{"degraded":false}',
            "[]",
            "",
        ):
            self.assertRaises(AnswerError, Verdict, text)


class Screening(Room):
    def test_requests_are_answered_one_by_one_and_in_batches(self):
        self.saved()
        gateway = self.gateway()
        self.assertEqual(gateway.screen(ask(LISTED)).decision("payout"), "refuse")
        clean = gateway.screen(json.dumps(ask(UNLISTED)))
        self.assertEqual((clean.action, clean.because, clean.degraded, clean.doubts), ("allow", None, False, []))
        first, refused, blank, last = gateway.screen_batch([ask(LISTED), {"flow": "payout"}, b"", ask(UNLISTED)])
        self.assertEqual((first.action, last.text), ("block", clean.text))
        self.assertEqual((refused.name, blank.name), ("no_identifier", "json_syntax"))
        with self.assertRaises(RefusedError) as caught:
            gateway.screen({"flow": "payout"})
        self.assertEqual((caught.exception.code, str(caught.exception)), (-24, str(refused)))
        self.assertEqual(gateway.screen_batch(b""), [])

    def test_a_request_of_a_batch_that_holds_line_feeds_is_one_request_as_for_screen(self):
        self.saved()
        gateway = self.gateway()
        pretty, clean = json.dumps(ask(LISTED), indent=2) + "\n", json.dumps(ask(UNLISTED))
        answers = gateway.screen_batch(
            [pretty, pretty.encode(), clean.replace(".", "\n."), f"{clean}\n{pretty}", clean]
        )
        self.assertEqual([answers[0].text, answers[1].text, answers[4].action], [gateway.screen(pretty).text] * 2 + ["allow"])
        self.assertEqual([refused.name for refused in answers[2:4]], ["json_syntax"] * 2)

    def test_a_required_list_that_is_not_enrolled_is_warned_of(self):
        self.saved()
        gateway = self.gateway(policy={"required": {"se": ["se/merchants", "se/merchant"], "nl": ["nl/all"]}})
        end = "is required but not enrolled, so no verdict is clean"
        warned = [text for text in gateway.status().warnings if "required" in text]
        self.assertEqual(warned, [f"se/merchant of coalition se {end}", f"nl/all of coalition nl {end}"])

    def test_a_batch_of_any_size_has_an_answer_for_each_line(self):
        self.saved()
        (self.state / "receipt.key").write_text("07" * 32 + "\n")
        gateway = self.gateway()
        identifiers = [{"kind": "domain", "value": f"a{at}.b.c"} for at in range(12)]
        large = {**ask(UNLISTED), "identifiers": identifiers, "view": "analyst", "iso8583": {"de42": "x"}}
        line = json.dumps(large, separators=(",", ":")).encode() + b"\n"
        answers = gateway.screen_batch(line * 300 + b"\n" + b"{}\n" * 32_800)
        self.assertEqual(len(answers), 33_101)
        self.assertTrue(all(isinstance(answer, Verdict) for answer in answers[:300]))
        self.assertEqual([answer.name for answer in answers[300:302]], ["json_syntax", "missing_field"])
        too_long = b"x" * (16 << 20)
        self.assertEqual([one.name for one in gateway.screen_batch([too_long, b"{}"])], ["message_too_large", "missing_field"])

    def test_a_line_whose_answer_found_no_room_is_sent_again(self):
        class Full:
            """An instance that has room for three answers."""

            minor, asked = 1, []

            def call(self, operation, message, now):
                lines = message.removesuffix(b"\n").split(b"\n")
                self.asked.append(lines)
                return b"".join(self.answer(at, line) for at, line in enumerate(lines))

            def answer(self, at, line):
                refused = b'{"error":{"code":-28,"name":"answer_too_large","message":""}'
                return (refused if at > 2 else b'{"action":"allow","degraded":false,"reference":"%s"' % line) + b',"line":%d}\n' % at

        full, lines = Full(), [b"%d" % at for at in range(8)]
        self.assertEqual([answer.reference for answer in screen_lines(full, lines, NOW)], [line.decode() for line in lines])
        self.assertEqual([len(asked) for asked in full.asked], [8, 5, 2])
        for wrong in (b',"line":8}\n', b"}\n"):
            full.answer = lambda at, line: b'{"action":"allow","degraded":false' + wrong
            self.assertRaises(AnswerError, screen_lines, full, lines, NOW)
        full.answer = lambda at, line: b'{"error":{"code":-28,"name":"answer_too_large"},"line":%d}\n' % at
        self.assertRaises(AnswerError, screen_lines, full, lines, NOW)

    def test_receipts_are_handed_out_and_a_callback_that_raises_loses_nothing(self):
        self.saved()
        (self.state / "receipt.key").write_text("07" * 32 + "\n")
        seen = []

        def received(receipt, answer):
            seen.append((receipt, answer))
            if len(seen) == 4:
                raise KeyError("full")

        gateway = self.gateway(on_receipt=received)
        verdict = gateway.screen(ask(LISTED))
        gateway.screen_batch([ask(UNLISTED), {"flow": "payout"}])
        self.assertIn(f'"receipt":{seen[0][0]}', verdict.text)
        self.assertIsInstance(seen[2][1], RefusedError)
        self.assertRaises(KeyError, gateway.screen, ask(LISTED))
        self.assertEqual(gateway.screen(ask(LISTED)).receipt, verdict.receipt)
        findings = self.gateway(receipts="findings")
        self.assertEqual((findings.screen(ask(UNLISTED)).receipt, findings.status().warnings[1:]), (None, []))

    def test_every_call_asks_the_clock_unless_it_is_given_a_time(self):
        self.saved()
        asked = []
        gateway = self.gateway(clock=lambda: asked.append(1) or NOW)
        acts = [lambda *now: gateway.screen(ask(LISTED), *now), lambda *now: gateway.screen_batch([ask(LISTED)], *now)]
        acts += [gateway.status, gateway.reload_if_changed, gateway.selftest, gateway.refresh]
        for act in acts:
            before = len(asked)
            act()
            self.assertGreater(len(asked), before)
            before = len(asked)
            act(NOW)
            self.assertEqual(len(asked), before)
        self.assertAlmostEqual(self.gateway(clock=time.time)._now(None), time.time(), delta=2)

    def test_the_test_merchants_of_the_lists_are_found(self):
        self.saved()
        self.gateway().selftest()
        shutil.rmtree(self.shelf / "generation-1")
        self.assertRaises(SelftestError, self.gateway().selftest)

    def test_the_self_test_of_a_compact_list_asks_for_no_monitored_merchant(self):
        members = {"edition": "compact", "repository": str(FIXTURES / "repositories" / "compact")}
        gateway = self.gateway(enrolments=[enrolment(**members)])
        self.assertRaises(SelftestError, gateway.selftest)
        self.assertEqual([coalition.why for coalition in gateway.refresh()], [None])
        gateway.selftest()


class Changing(Room):
    def test_a_closed_gateway_answers_nothing_and_closing_waits_for_calls(self):
        self.saved()
        gateway, answers, begun = self.gateway(), [], threading.Event()

        def screen():
            with gateway._borrowed() as instance:
                begun.set()
                time.sleep(0.1)
                answers.append(instance.call("screen", ask(LISTED), NOW))

        thread = threading.Thread(target=screen)
        thread.start()
        begun.wait()
        gateway.close()
        self.assertEqual(len(answers), 1)
        for act in (
            lambda: gateway.screen(ask(LISTED)),
            lambda: gateway.screen_batch([ask(LISTED)]),
            gateway.refresh,
            gateway.status,
            gateway.reload_if_changed,
            gateway.selftest,
            gateway.start_refreshing,
        ):
            self.assertRaises(ClosedError, act)
        thread.join()
        gateway.close()

    def test_a_swap_waits_for_nobody(self):
        self.saved()
        gateway = self.gateway()
        with gateway._borrowed() as old:
            os.utime(self.shelf / "current")
            self.assertTrue(gateway.reload_if_changed())
            self.assertFalse(gateway.reload_if_changed())
            self.assertEqual(gateway.screen(ask(LISTED)).action, "block")
            self.assertIn(b'"block"', old.call("screen", ask(LISTED), NOW))
        self.assertTrue(old.closed)

    def test_an_instance_that_trapped_is_replaced_by_a_clone_or_loaded_again(self):
        self.saved()
        for workers in (1, 2):
            gateway = self.gateway(module=TRAPPING, workers=workers)
            for _ in range(3):
                self.assertRaises(TrappedError, gateway.screen, "!")
                self.assertEqual(gateway.screen(ask(LISTED)).action, "block")
            self.assertEqual(gateway.status().traps, 3)
        gateway._load_again = gateway._live.pool._load = lambda: self.fail("an idle instance was there to clone")
        self.assertRaises(TrappedError, gateway.screen, "!")
        self.assertEqual(gateway.screen(ask(LISTED)).action, "block")

    def test_the_background_thread_survives_errors_and_tells_them(self):
        self.saved()
        gateway = self.gateway()
        gateway.refresh = lambda: 1 // 0
        gateway.start_refreshing(interval=0.01, jitter=0)
        until = time.monotonic() + 10
        while not gateway._notes and time.monotonic() < until:
            time.sleep(0.01)
        self.assertIn("did not end", gateway.status().warnings[-1])
        thread, _ = gateway._refresher
        self.assertTrue(thread.is_alive())
        gateway.stop_refreshing()
        self.assertFalse(thread.is_alive())

    def test_threads_share_a_gateway(self):
        self.saved()
        gateway, wrong = self.gateway(workers=2), []

        def screen():
            for _ in range(300):
                for name, action in ((LISTED, "block"), (UNLISTED, "allow")):
                    if gateway.screen(ask(name)).action != action:
                        wrong.append(name)

        threads = [threading.Thread(target=screen) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


class Stores(Room):
    def test_a_directory_that_is_not_there_is_an_error(self):
        self.assertRaises(StoreMissingError, self.gateway)
        self.assertRaises(StoreMissingError, Store.open, self.state)

    def test_a_directory_that_vanishes_is_named_and_what_was_loaded_answers(self):
        self.saved()
        gateway = self.gateway()
        shutil.rmtree(self.state)
        for act in (gateway.refresh, gateway.reload_if_changed):
            self.assertRaises(StoreMissingError, act)
        self.assertEqual(gateway.screen(ask(LISTED)).action, "block")

    def test_enrolling_makes_the_directory_and_never_replaces_a_root_or_key(self):
        store, given = Store.create(self.state), json.dumps(enrolment(), indent=3).encode()
        self.assertEqual(store.enrol(given, module=MODULE, now=NOW), "se")
        self.assertEqual((self.shelf / "enrolment.json").read_bytes(), given)
        self.assertEqual((self.state / "inventory.txt").read_text(), "interdict-inventory-1 2\nreceipt.key\nse\n")
        key = (self.state / "receipt.key").read_text()
        self.assertRegex(key, r"\A[0-9a-f]{64}\n\Z")
        for path in (self.state, *self.state.rglob("*")):
            self.assertEqual(path.stat().st_mode & 0o777, 0o700 if path.is_dir() else 0o600, path)
        store.enrol(enrolment(keys=[], recipient=RECIPIENT), module=MODULE, now=NOW)
        self.assertEqual((self.state / "receipt.key").read_text(), key)
        another = enrolment(keys=[{"epoch": 2, "key": "07" * 32}])
        with self.assertRaisesRegex(EnrolmentDiffersError, "interdict enrol FILE"):
            store.enrol(another, module=MODULE, now=NOW)
        self.assertRaises(RefusedError, store.enrol, enrolment(root="e30="), module=MODULE, now=NOW)
        self.assertRaises(InvalidError, store.enrol, enrolment(coalition="../se"), module=MODULE, now=NOW)
        self.assertRaises(EnrolmentDiffersError, lambda: self.gateway(enrolments=[another]))
        self.gateway(enrolments=[enrolment()])

    def test_who_changes_the_directory_keeps_others_out(self):
        store = Store.create(self.state)
        with files.locked(self.state / "lock"):
            started = time.monotonic()
            self.assertRaises(StoreBusyError, store.enrol, enrolment(), module=MODULE, now=NOW)
            self.assertLess(time.monotonic() - started, 5)
        store.enrol(enrolment(repository=str(self.room)), module=MODULE, now=NOW)
        with store.changing("se"):
            self.assertIn("another process", self.gateway().refresh()[0].why)

    def test_what_is_damaged_shows_and_is_never_a_pass(self):
        def cut(path):
            path.write_bytes(path.read_bytes()[:-1])

        def folder(path):
            path.unlink()
            path.mkdir()

        def pipe(path):
            path.unlink(missing_ok=True)
            os.mkfifo(path)

        file = "se/generation-1/se%2fmerchants.member-1.filter"
        for about, change, doubts, warns in (
            ("no history", lambda state: (state / "se/history").unlink(), ["no_history"], False),
            ("a cut history", lambda state: cut(state / "se/history"), ["no_history"], True),
            ("a history that is a directory", lambda state: folder(state / "se/history"), ["no_history"], True),
            ("a history that is a pipe", lambda state: pipe(state / "se/history"), ["no_history"], True),
            ("a cut filter", lambda state: cut(state / file), None, True),
            ("no filter", lambda state: (state / file).unlink(), None, True),
            ("a filter that is a pipe", lambda state: pipe(state / file), None, True),
            ("current is no number", lambda state: (state / "se/current").write_text("one"), None, True),
            ("a cut inventory", lambda state: (state / "inventory.txt").write_text("interdict"), ["state_lost"], True),
        ):
            with self.subTest(about):
                shutil.rmtree(self.state, ignore_errors=True)
                change(self.saved())
                gateway = self.gateway()
                verdict = gateway.screen(ask(UNLISTED))
                self.assertNotEqual(verdict.action, "allow")
                self.assertTrue(verdict.degraded)
                self.assertIn(doubts, (None, verdict.doubts))
                said = [text for text in gateway.status().warnings if "receipts" not in text]
                self.assertEqual(bool(said), warns, said)

    def test_a_generation_that_does_not_load_gives_way_to_the_one_before(self):
        self.saved()
        shutil.copytree(self.shelf / "generation-1", self.shelf / "generation-2")
        (self.shelf / "current").write_text("2\n")
        (self.shelf / "generation-2" / "targets.json").unlink()
        gateway = self.gateway()
        self.assertEqual(gateway.screen(ask(LISTED)).action, "block")
        self.assertEqual(gateway.screen(ask(UNLISTED)).action, "allow")
        self.assertTrue(any("generation 1 is used instead" in text for text in gateway.status().warnings))

    def test_what_cannot_be_known_keeps_a_gateway_from_starting(self):
        def enrolment_is(text):
            return lambda state: (state / "se/enrolment.json").write_text(text)

        for about, change in {
            "no enrolment": lambda state: (state / "se/enrolment.json").unlink(),
            "an enrolment that is none": enrolment_is("[]"),
            "an enrolment of another root": enrolment_is(json.dumps(enrolment(root="e30="))),
            "a receipt key that was cut": lambda state: (state / "receipt.key").write_text("07"),
            "a member key that was cut": lambda state: (state / "member.key").write_text("AGE-SECRET-KEY-1"),
            "pages of records": lambda state: (state / "se/pages").mkdir(),
        }.items():
            with self.subTest(about):
                shutil.rmtree(self.state, ignore_errors=True)
                change(self.saved())
                self.assertRaises((StoreDamagedError, RefusedError), self.gateway)

    def test_the_history_is_given_back_and_an_older_directory_is_noticed(self):
        self.saved()
        with self.gateway() as gateway:
            self.assertEqual(gateway.status().coalitions[0]["history"], HISTORY)
            self.assertEqual(gateway.status().coalitions[0]["doubts"], [])

    def test_keys_that_the_command_opened_are_given_to_the_module(self):
        self.saved()
        (self.shelf / "enrolment.json").write_text(json.dumps(enrolment(keys=[], recipient=RECIPIENT)))
        gateway = self.gateway()
        self.assertTrue(gateway.screen(ask(LISTED)).degraded)
        key = enrolment()["keys"][0]["key"]
        (self.shelf / "opened.keys").write_text(f"{key}\nno key\n")
        (self.shelf / "opened.keys").chmod(0o600)
        self.assertTrue(gateway.reload_if_changed())
        self.assertEqual(gateway.screen(ask(LISTED)).action, "block")
        said = gateway.status().warnings
        self.assertTrue(any("line 2 is no key" in text for text in said))
        kept = (gateway, gateway._store, gateway._live, gateway._live.coalitions, gateway.status())
        self.assertNotIn(key, repr(kept))

    def test_documents_that_the_module_refuses_are_left_out(self):
        self.saved()
        (self.state / "receipt.key").write_text("07" * 32)
        for kind in ("overrides", "clearances"):
            (self.state / kind).mkdir()
            (self.state / kind / "one.json").write_text("{}")
            (self.state / kind / "note.txt").write_text("passed over")
        gateway = self.gateway()
        self.assertEqual(gateway.screen(ask(LISTED)).action, "block")
        left_out = [text for text in gateway.status().warnings if "left out" in text]
        self.assertEqual([text.split(" ")[0] for text in left_out], ["overrides/one.json", "clearances/one.json"])

    def test_without_a_policy_no_verdict_is_clean(self):
        self.saved()
        self.assertNotEqual(self.gateway(policy=None).screen(ask(UNLISTED)).action, "allow")
        self.assertRaises(RefusedError, lambda: self.gateway(policy={"required": 7}))
        for policy in ("[]", "{", '{"required":{}},"state_lost":false', 7, b"\xff"):
            self.assertRaises(InvalidError, lambda: self.gateway(policy=policy))

    def test_arguments_of_the_wrong_type_are_invalid(self):
        self.saved()
        for options in ({"clock": NOW}, {"clock": lambda: "now"}, {"enrolments": enrolment()}, {"enrolments": b"{}"}):
            self.assertRaises(InvalidError, lambda: self.gateway(**options))
        gateway = self.gateway()
        self.assertRaises(InvalidError, gateway.screen_batch, ask(LISTED))
        for now in ("now", float("nan"), float("inf")):
            self.assertRaises(InvalidError, gateway.screen, ask(LISTED), now=now)

    def test_the_command_line_says_in_one_line_that_a_policy_file_is_missing(self):
        self.saved()
        command = [sys.executable, "-m", "interdict_host", str(self.state), "missing.json"]
        path = {**os.environ, "PYTHONPATH": str(Path(interdict_host.__file__).parents[1])}
        done = subprocess.run(command, env=path, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
        self.assertIn("missing.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
