"""Refreshes: what a repository may answer, how much and how slowly, and what is on the disk afterwards."""

import base64
import contextlib
import gzip
import io
import json
import os
import shutil
import threading
import time
import tracemalloc
import unittest

from common import LISTED, NOW, REPOSITORIES, UNLISTED, Room, ask, enrolment
import server

from interdict_host import ClosedError, Patience
from interdict_host.addresses import is_public_name
from interdict_host.files import checked_name
from interdict_host.repository import Repository, _unpacked, is_below_base
from interdict_host.walk import NotBrought

SAMPLE = REPOSITORIES / "sample"


class Fetching(Room):
    def served(self, answers=None, **options):
        found = server.Server(self.room, answers)
        self.addCleanup(found.close)
        location = options.pop("location", found.address)
        patience = Patience(**options.pop("patience", {}))
        options = {"base": self.room, "patience": patience, "allow_private": True, **options}
        return found, Repository(location, **options)

    def failed(self, repository, path="file", most=100):
        with self.assertRaises(NotBrought) as caught:
            repository.bring(path, most)
        return str(caught.exception)

    def test_a_file_is_brought_or_is_not_there(self):
        (self.room / "metadata").mkdir()
        (self.room / "metadata" / "1.root.json").write_bytes(b"root")
        found, repository = self.served({"/gone": server.status(410)})
        self.assertEqual(repository.bring("metadata/1.root.json", 4), b"root")
        self.assertIsNone(repository.bring("metadata/2.root.json", 4))
        self.assertIsNone(repository.bring("gone", 4))
        headers = found.asked[0][1]
        self.assertRegex(headers["User-Agent"], r"\Ainterdict-python/\d+\.\d+\.\d+\Z")
        self.assertEqual((headers["Accept-Encoding"], headers.get("Cookie")), ("identity", None))

    def test_any_other_answer_is_a_failure(self):
        for status in (201, 204, 206, 304, 400, 401, 403, 429, 500, 503):
            _, repository = self.served({"*": server.status(status)})
            self.assertIn(str(status), self.failed(repository))
        for answer in (server.cut(50, b"x" * 9), lambda handler: handler.wfile.write(b"nonsense\r\n\r\n")):
            _, repository = self.served({"*": answer})
            self.failed(repository)
        _, repository = self.served(location="http://127.0.0.1:9")
        self.failed(repository)

    def test_redirects_stay_on_the_server_and_end(self):
        (self.room / "other").write_bytes(b"here")
        found, repository = self.served()
        for location in ("/other", f"{found.address}/other", f"{found.address.upper().replace('HTTP', 'http')}/other#x"):
            found.answers["/file"] = server.status(302, Location=location)
            self.assertEqual(repository.bring("file", 4), b"here")
        elsewhere = server.Server(self.room)
        self.addCleanup(elsewhere.close)
        for location in (
            elsewhere.address + "/other",
            found.address.replace("http:", "https:") + "/other",
            found.address.replace("127.0.0.1", "localhost") + "/other",
            found.address.replace("127.0.0.1", "a@127.0.0.1") + "/other",
            "//127.0.0.1/other",
            "file:///etc/passwd",
            "other",
            "/a b",
            "",
        ):
            found.answers["/file"] = server.status(307, Location=location)
            self.assertIn("redirected elsewhere", self.failed(repository), location)
        self.assertEqual(elsewhere.asked, [])
        found.answers["/file"] = server.status(301, Location="/file")
        found.asked.clear()
        self.assertIn("too many redirects", self.failed(repository))
        self.assertEqual(len(found.asked), 4)

    def test_no_more_is_read_than_a_file_may_have(self):
        exactly, more = b"x" * 100, b"x" * 101
        found, repository = self.served({"/file": server.body(exactly)})
        self.assertEqual(repository.bring("file", 100), exactly)
        found.answers["/file"] = server.body(more)
        self.assertIn("larger", self.failed(repository))
        found.answers["/file"] = server.dripping(0)
        self.assertIn("larger", self.failed(repository, most=5000))
        found.answers["/file"] = server.body(more, Content_Encoding="gzip")
        self.assertIn("larger", self.failed(repository))
        packed = gzip.compress(b"plain")
        found.answers["/file"] = server.body(packed, Content_Encoding="gzip")
        self.assertEqual(repository.bring("file", 100), packed)

    def test_a_copy_is_unpacked_no_further_than_the_file_may_have_and_the_file_is_asked_for_then(self):
        plain, noise = b"plain" * 20, os.urandom(100)
        found, repository = self.served({"/file": server.body(plain)})
        for copy, expected, paths in (
            (gzip.compress(b"packed"), b"packed", ["/file.gz"]),
            (gzip.compress(noise, mtime=0), noise, ["/file.gz"]),
            (gzip.compress(bytes(1 << 26)), plain, ["/file.gz", "/file"]),
            (gzip.compress(b"packed")[:-1], plain, ["/file.gz", "/file"]),
            (gzip.compress(b"packed")[:-9] + b"\0" * 9, plain, ["/file.gz", "/file"]),
            (b"no copy", plain, ["/file.gz", "/file"]),
            (b"", plain, ["/file.gz", "/file"]),
        ):
            found.answers["/file.gz"] = server.body(copy)
            found.asked.clear()
            self.assertEqual(repository.bring_target("file", 100), expected)
            self.assertEqual([path for path, _ in found.asked], paths)
        found.answers["/file.gz"] = server.status(404)
        self.assertEqual(repository.bring_target("file", 100), plain)

    def test_a_copy_that_would_fill_the_memory_does_not(self):
        bomb = gzip.compress(bytes(1 << 26))
        with self.assertRaisesRegex(NotBrought, "larger"), self.less_than(1 << 22):
            _unpacked(io.BytesIO(bomb), 1 << 20, len(bomb))

    @contextlib.contextmanager
    def less_than(self, most):
        tracemalloc.start()
        try:
            yield
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            self.assertLess(peak, most)

    def test_a_server_that_is_slow_is_left(self):
        slow = {"connect": 2, "response": 0.2, "file": 0.5, "refresh": 60}
        stop = threading.Event()
        self.addCleanup(stop.set)
        for about, answer in {
            "a body that drips": server.dripping(0.05),
            "no answer": lambda handler: stop.wait(5),
            "an answer that drips": lambda handler: [(handler.wfile.write(b"H"), stop.wait(0.05)) for _ in range(99)],
        }.items():
            _, repository = self.served({"*": answer}, patience=slow)
            started = time.monotonic()
            self.assertIn("slow", self.failed(repository, most=1 << 20), about)
            self.assertLess(time.monotonic() - started, 3, about)
        _, repository = self.served(patience={**slow, "refresh": 0})
        self.assertIn("longer than a refresh", self.failed(repository))

    def test_a_name_and_password_are_sent_and_never_shown(self):
        (self.room / "file").write_bytes(b"here")
        found, _ = self.served()
        location = found.address.replace("://", "://bank:p%40ss%2fword@")
        _, repository = self.served(location=location)
        repository.bring("file", 4)
        sent = found.asked[-1][1]
        self.assertEqual(base64.b64decode(sent["Authorization"].split(" ")[1]), b"bank:p@ss/word")
        self.assertNotIn("@", sent["Host"])
        found.answers["/file"] = server.status(302, Location="/other")
        self.assertIsNone(repository.bring("file", 4))
        self.assertIn("Authorization", found.asked[-1][1])
        found.answers["*"] = server.status(401)
        for text in (self.failed(repository, "more"), repr(repository), repr(repository._http)):
            self.assertNotIn("p%40ss", text)
            self.assertNotIn("p@ss", text)

    def test_a_repository_in_a_private_network_is_not_asked(self):
        found, _ = self.served()
        for location in (found.address, found.address.replace("127.0.0.1", "localhost"), "http://[::1]/"):
            with self.assertRaisesRegex(NotBrought, "private network"):
                self.served(location=location, allow_private=False)
        _, repository = self.served(location="http://name.example/", allow_private=False)
        import socket

        look_up = socket.getaddrinfo
        self.addCleanup(setattr, socket, "getaddrinfo", look_up)
        socket.getaddrinfo = lambda host, port, **more: look_up("127.0.0.1", found.server_address[1], **more)
        self.assertIn("private network", self.failed(repository))
        self.assertEqual(found.asked, [])

    def test_what_is_no_repository_is_not_asked(self):
        for location in (
            "ftp://lists.example/",
            "https://",
            "https://lists.example/?a=b",
            "https://lists.example/#a",
            "https://lists.example:x/",
            "https://lists example/",
            "https://lists.example/\r\nHost: other.example",
        ):
            with self.assertRaises(NotBrought, msg=location):
                self.served(location=location)

    def test_a_directory_is_read_and_nothing_outside_it(self):
        base = self.room / "stick"
        (base / "targets").mkdir(parents=True)
        (base / "targets" / "file").write_bytes(b"here")
        (self.room / "secret").write_bytes(b"secret")
        (base / "targets" / "link").symlink_to(self.room / "secret")
        os.mkfifo(base / "targets" / "pipe")
        for location in (str(base), "stick", f"file:{base}", f"file://{base}", f"file://localhost{base}"):
            _, repository = self.served(location=location)
            self.assertEqual(repository.bring_target("targets/file", 4), b"here")
            self.assertIsNone(repository.bring("targets/none", 4))
            for path in ("targets/link", "targets/pipe", "targets"):
                self.failed(repository, path)
            self.assertIn("larger", self.failed(repository, "targets/file", 3))
        shutil.rmtree(base)
        self.failed(repository, "targets/file")


class Names(unittest.TestCase):
    def test_paths_that_climb_are_never_asked_for(self):
        for path in ("metadata/2.root.json", "targets/se/0a.merchants.member-1.filter", "metadata/7...%2Fa~b%20%C3%A5.json"):
            self.assertTrue(is_below_base(path), path)
        for path in (
            *("", "/etc/passwd", "../x", "a/../b", "a//b", "a/%2e%2e/b", "a/%2E%2E%2Fb", "a%2f", "a%2", "a%+2", "a%"),
            *("a b", "a?b", "a#b", "a\\b", "a/.b", "a/", "a\n", "å", "a" * 1001),
        ):
            self.assertFalse(is_below_base(path), path)

    def test_names_that_leave_the_directory_are_refused(self):
        for name in ("timestamp.json", "12.root.json", "se%2fmerchants.member-1.filter", "a" * 200):
            self.assertEqual(checked_name(name), name)
        for name in ("", ".", "..", ".staged", "a/b", "/etc", "a\\b", "a..b", "a\0", "C:a", "A", "ä", "a\n", "a" * 201):
            self.assertRaises(Exception, checked_name, name)

    def test_every_address_of_this_machine_and_its_networks_needs_to_be_allowed(self):
        for host in (
            *("localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1"),
            *("172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.0.8", "224.0.0.1"),
            *("255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fe80::1%eth0]", "[fec0::1]", "[fc00::1]", "[fd12::1]"),
            *("[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::10.0.0.1]", "[64:ff9b::a00:1]"),
            *("[64:ff9b:1::1]", "[2002:a00:1::1]"),
        ):
            self.assertFalse(is_public_name(host), host)
        for host in (
            *("lists.example", "localhost.example", "1.1.1.1", "172.32.0.1", "100.128.0.1", "198.20.0.1"),
            *("[2606:4700:4700::1111]", "[::ffff:1.1.1.1]", "[64:ff9b::101:101]", "[2002:101:101::1]"),
        ):
            self.assertTrue(is_public_name(host), host)


class Refreshing(Room):
    def refreshed(self, gateway, outcome):
        (result,) = gateway.refresh()
        self.assertEqual(result.outcome, outcome, result)
        self.assertEqual(gateway.status().refreshed["se"], result)
        return result.why

    def test_an_update_is_saved_as_a_whole_and_answers(self):
        gateway = self.enrolled(SAMPLE, workers=2)
        self.assertTrue(gateway.screen(ask(LISTED)).degraded)
        self.refreshed(gateway, "updated")
        self.assertEqual(gateway.screen(ask(LISTED)).action, "block")
        self.assertEqual(gateway.screen(ask(UNLISTED)).action, "allow")
        self.assertEqual(sorted(path.name for path in self.shelf.iterdir()), ["current", "enrolment.json", "generation-1", "history", "lock"])
        self.assertFalse(gateway.reload_if_changed())
        history = (self.shelf / "history").read_text()
        self.assertIn("polled=1793599200", history)
        self.assertFalse(history.endswith("\n"))
        with self.gateway() as again:
            self.assertEqual(again.screen(ask(UNLISTED)).text, gateway.screen(ask(UNLISTED)).text)
        (result,) = gateway.refresh(NOW + 60)
        self.assertEqual(result.outcome, "unchanged")
        self.assertIn("polled=1793599260", (self.shelf / "history").read_text())

    def test_what_did_not_complete_stays_and_is_used_next_time(self):
        served = server.Server(SAMPLE)
        self.addCleanup(served.close)
        gateway = self.enrolled(served.address, allow_private={"se"})
        place = next(path for path in SAMPLE.rglob("*.records*")).relative_to(SAMPLE).as_posix()
        served.answers = {f"/{place}": server.status(500), f"/{place}.gz": server.status(500)}
        self.assertIn("answered 500", self.refreshed(gateway, "failed"))
        kept = sorted(path.name for path in (self.shelf / "pending").iterdir())
        self.assertIn("timestamp.json", kept)
        self.assertTrue(gateway.screen(ask(LISTED)).degraded)
        served.answers = {}
        self.refreshed(gateway, "updated")
        self.assertFalse((self.shelf / "pending").exists())
        self.assertEqual(gateway.screen(ask(LISTED)).action, "block")
        served.answers = {"*": server.status(503)}
        self.refreshed(gateway, "failed")
        self.assertEqual(gateway.screen(ask(UNLISTED)).action, "allow")

    def test_two_generations_are_kept_and_files_that_did_not_change_are_links(self):
        repository = self.room / "repository"
        shutil.copytree(REPOSITORIES / "sample-1", repository)
        gateway = self.enrolled(repository)
        self.refreshed(gateway, "updated")
        for name in ("sample", "renewed"):
            shutil.rmtree(repository)
            shutil.copytree(REPOSITORIES / name, repository)
            gateway.refresh()
        generations = sorted(path.name for path in self.shelf.glob("generation-*"))
        self.assertEqual(generations, ["generation-2", "generation-3"])
        linked = [path.stat().st_nlink for path in self.shelf.glob("generation-*/*.filter")]
        self.assertEqual(linked, [2, 2])

    def test_another_program_that_refreshed_is_noticed_before_this_one_does(self):
        first, repository = self.enrolled(self.room / "repository"), self.room / "repository"
        shutil.copytree(REPOSITORIES / "sample-1", repository)
        self.refreshed(first, "updated")
        with self.gateway() as second:
            shutil.rmtree(repository)
            shutil.copytree(REPOSITORIES / "sample", repository)
            self.refreshed(second, "updated")
        self.refreshed(first, "unchanged")
        self.assertFalse(first.reload_if_changed())
        self.assertEqual((self.shelf / "current").read_text(), "2\n")

    def test_closing_ends_a_refresh_that_waits_for_a_server(self):
        served = server.Server(SAMPLE, {"*": server.dripping(0.05)})
        self.addCleanup(served.close)
        gateway = self.enrolled(served.address, allow_private=True)
        results = []
        thread = threading.Thread(target=lambda: results.extend(gateway.refresh()))
        thread.start()
        while not served.asked:
            time.sleep(0.01)
        started = time.monotonic()
        gateway.close()
        thread.join()
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual([result.outcome for result in results], ["failed"])
        self.assertRaises(ClosedError, gateway.refresh)

    def test_a_coalition_that_fails_does_not_stop_the_others(self):
        gateway = self.enrolled(SAMPLE)
        shutil.copytree(self.shelf, self.state / "aa")
        (self.state / "aa" / "enrolment.json").write_text(json.dumps(enrolment(repository="nowhere")))
        outcomes = {result.coalition: result.outcome for result in gateway.refresh()}
        self.assertEqual(outcomes, {"aa": "failed", "se": "updated"})
        self.assertEqual((self.state / "inventory.txt").read_text(), "interdict-inventory-1 3\naa\nreceipt.key\nse\n")

    def test_a_background_refresh_updates(self):
        gateway = self.enrolled(SAMPLE)
        gateway.start_refreshing(interval=60, jitter=0)
        until = time.monotonic() + 30
        while not gateway.status().refreshed and time.monotonic() < until:
            time.sleep(0.02)
        self.assertEqual(gateway.status().refreshed["se"].outcome, "updated")


if __name__ == "__main__":
    unittest.main()
