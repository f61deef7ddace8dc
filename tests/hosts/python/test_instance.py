"""Modules that are refused, instances that trap, and calls that leave nothing behind."""

import json
import subprocess
import sys
import threading
import unittest

from common import MODULE, NOW, ROOT, ask
import modules

from interdict_host import (
    ClosedError,
    ForeignModuleError,
    Instance,
    InvalidError,
    Module,
    RefusedError,
    TrappedError,
    calls,
)

TRAPPING = modules.trapping()
LARGE = json.dumps({"identifiers": [{"kind": "domain", "value": f"a{at}.b.c"} for at in range(12)]})


class Modules(unittest.TestCase):
    def test_what_is_no_module_of_this_abi_is_refused(self):
        empty = modules.hollow()
        exporting = lambda **added: modules.exporting(  # noqa: E731
            lambda exports: exports.update({name: exports.get(place, place) for name, place in added.items()}), empty
        )
        for code, why in (
            (b"interdict", "no WebAssembly"),
            (modules.importing(empty), "imports env.secret"),
            (modules.without("interdict_result", base=empty), "not export interdict_result"),
            (modules.without("memory", base=empty), "no memory"),
            (modules.without("interdict_abi_v1", base=empty), "not export interdict_abi_v1"),
            (exporting(debug="interdict_alloc"), "exports 'debug'"),
            (exporting(secret="__heap_base"), "exports 'secret'"),
            (exporting(__heap_base=(modules.OF_GLOBAL, 0)), "exports '__heap_base'"),
            (exporting(interdict_alloc="interdict_screen"), "interdict_alloc has other parameters"),
            (exporting(interdict_walk="memory"), "exports 'interdict_walk'"),
            (modules.with_memory(b"\x00\x20", empty), "no maximum"),
            (modules.with_memory(b"\x01\x20" + modules.number(32_768), empty), "above 1 GiB"),
            (modules.of_major(2, empty), "another ABI major"),
        ):
            with self.subTest(why), self.assertRaisesRegex(ForeignModuleError, why):
                Instance(Module(code))
        Instance(Module(modules.of_major(1)))

    def test_modules_of_other_minor_versions_run(self):
        older = Instance(Module(modules.without("interdict_verdict", "interdict_walk")))
        newer = Instance(Module(modules.exporting(lambda e: e.update(interdict_to_come=e["interdict_alloc"]))))
        for instance, number in ((older, 60), (newer, 31)):
            self.assertIn(b'"degraded":true', instance.call("screen", ask("shop.example"), NOW))
            self.assertEqual(instance.verdict(), number)
        with self.assertRaises(InvalidError):
            older.walk("name")

    def test_an_untested_wheel_gets_the_public_call(self):
        script = (
            "import sys, importlib.metadata as m; sys.path.insert(0, sys.argv[1]); m.version = lambda _: '49.9.9';"
            "from interdict_host import Module; print(Module().call)"
        )
        command = [sys.executable, "-c", script, str(ROOT / "host-example" / "python")]
        self.assertEqual(subprocess.run(command, capture_output=True, text=True, check=True).stdout, "public\n")

    def test_the_wheel_of_this_run_is_called_the_fast_way_and_is_a_compiler(self):
        self.assertEqual(MODULE.call, "unchecked" if calls.WHEEL in calls.TESTED else "public")
        self.assertFalse(MODULE.engine.is_pulley())


class Instances(unittest.TestCase):
    def test_both_ways_of_calling_give_the_same_answers_refusals_and_traps(self):
        ways = [calls.BEST, "public"]
        instances = [Instance(Module(TRAPPING, call=way)) for way in ways]
        told = [[self.told(instance, message) for message in self.messages()] for instance in instances]
        self.assertEqual(told[0], told[1])
        kinds = ["answer", "answer", "refused", "refused", "answer", "trapped", "trapped"]
        self.assertEqual([one[0] for one in told[0]], kinds)

    def messages(self):
        return [ask("shop.example"), ask("ü" * 20), "{}", b"\xff", f'{{"flow":"payout",{LARGE[1:]}', "!", ask("shop.example")]

    def told(self, instance, message, now=2**32 - 1):
        try:
            return "answer", instance.call("screen", message, NOW), instance.verdict(), self.late(instance, now)
        except RefusedError as error:
            return error.kind, str(error), error.code, error.path, error.text, instance.verdict()
        except TrappedError as error:
            return error.kind, str(error), instance.verdict()

    def late(self, instance, now):
        with self.assertRaises(RefusedError) as caught:
            instance.call("screen", ask("shop.example"), now)
        return caught.exception.name

    def test_an_instance_that_trapped_answers_nothing_more(self):
        instance = Instance(Module(TRAPPING))
        with self.assertRaises(TrappedError):
            instance.call("screen", "!", NOW)
        for act in (
            lambda: instance.call("screen", ask("shop.example"), NOW),
            lambda: instance.file(b"file"),
            lambda: instance.walk("name"),
            instance.clone,
        ):
            self.assertRaises(TrappedError, act)
        self.assertEqual(instance.verdict(), 60)

    def test_a_poisoned_instance_says_so(self):
        instance = Instance(MODULE)
        instance._calls.run = lambda handle, *arguments: -4
        with self.assertRaises(TrappedError):
            instance.call("screen", ask("shop.example"), NOW)
        self.assertTrue(instance.trapped)

    def test_calls_allocate_look_up_and_grow_nothing(self):
        instance = Instance(MODULE)
        lines = b"\n".join([json.dumps(ask("shop.example")).encode()] * 50)
        act = [lambda: instance.call("screen", ask("shop.example"), NOW), lambda: instance.call("screen_batch", lines, NOW)]
        for one in act:
            one()
        asked, size, run = [], instance.memory_size, instance._calls.run
        names = {handle: name for name, handle in instance._functions.items()}
        instance._calls.handle = None
        instance._calls.run = lambda handle, *arguments: asked.append(names[handle]) or run(handle, *arguments)
        for _ in range(300):
            for one in act:
                one()
        self.assertEqual(set(asked), {"screen", "screen_batch"})
        self.assertEqual(instance.memory_size, size)

    def test_a_larger_message_or_answer_exchanges_the_buffer_and_frees_the_old_one(self):
        instance = Instance(MODULE)
        lines = b"\n".join([json.dumps(ask("shop.example")).encode()] * 400)
        answers = instance.call("screen_batch", lines, NOW)
        self.assertEqual(answers.count(b"\n"), 400)
        for _ in range(100):  # a module hands out 64 buffers
            instance._output = instance._exchange(instance._output, 1 << 15)
        self.assertEqual(instance.call("screen_batch", lines, NOW), answers)

    def test_a_clone_gives_the_same_answers_and_lives_on_its_own(self):
        instance = Instance(MODULE)
        instance.call("screen_batch", b"{}\n" * 2000, NOW)
        clone = instance.clone()
        self.assertEqual(clone.memory_size, instance.memory_size)
        expected = instance.call("screen", ask("shop.example"), NOW)
        instance.close()
        self.assertEqual(clone.call("screen", ask("shop.example"), NOW), expected)
        self.assertRaises(ClosedError, lambda: instance.call("screen", ask("shop.example"), NOW))

    def test_closing_waits_for_the_call_in_flight(self):
        instance, answers = Instance(MODULE), []
        lines = (json.dumps(ask("shop.example")) + "\n").encode() * 20_000
        thread = threading.Thread(target=lambda: answers.append(instance.call("screen_batch", lines, NOW)))
        thread.start()
        while not instance._lock.locked() and not answers:
            pass
        instance.close()
        thread.join()
        self.assertEqual(answers[0].count(b"\n"), 20_000)

    def test_what_cannot_be_asked_is_refused_before_the_module_is(self):
        instance = Instance(MODULE)
        for operation, message, now in (
            ("alloc", "{}", NOW),
            ("screen", "{}", -1),
            ("screen", "{}", 1 << 32),
            ("screen", "\ud800", NOW),
            ("screen", {"flow": object()}, NOW),
            ("screen", 7, NOW),
        ):
            with self.subTest(message=message):
                self.assertRaises(InvalidError, lambda: instance.call(operation, message, now))


if __name__ == "__main__":
    unittest.main()
