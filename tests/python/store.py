"""One program writes the state directory and is killed midway; two programs read it (docs/store.md).

store.py INTERDICT: the Rust command writes, from an earlier and a later release of the sample. It is killed
while it waits for each file, and the steps after the last file are laid out one by one. After each, the
command and the Python host must give the same verdicts, and after every fourth another refresh must mend what
was left.
"""

import functools
import hashlib
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "host-example" / "python"))

from interdict_host import Gateway, InterdictError, Module  # noqa: E402

INTERDICT = str(pathlib.Path(sys.argv[1]).resolve())
REPOSITORIES = ROOT / "fixtures" / "repositories"
NOW, NOW_TEXT = 1_793_599_200, "2026-11-02T06:00:00Z"
POLICY = {"required": {"se": ["se/merchants"]}}
NAMES = ["bücher.example", "hidden-shop.test", "flowers.example", "removed.example"]
MODULE = Module()


class Repository(http.server.ThreadingHTTPServer):
    """A repository that may leave its nth request unanswered."""

    def __init__(self, folder, stops_at=None):
        handler = functools.partial(Handler, directory=str(folder))
        super().__init__(("127.0.0.1", 0), handler)
        self.asked, self.stops_at, self.reached = 0, stops_at, threading.Event()
        self.lock, self.gone = threading.Lock(), threading.Event()
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.gone.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        with self.server.lock:
            self.server.asked += 1
            stops = self.server.asked == self.server.stops_at
        if stops:
            self.server.reached.set()
            self.server.gone.wait()
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


def command(room, *arguments, **options):
    arguments = [INTERDICT, *arguments, "--now", NOW_TEXT, "--config", str(room / "gateway.toml")]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def done(process, data=None, codes=(0,)):
    out, error = process.communicate(data)
    assert process.returncode in codes, (process.args, process.returncode, out, error)
    return out


def point_at(room, address):
    """The gateway fetches from here, whatever its enrolment says."""
    text = (room / "gateway.toml").read_text().split("\n[[repository]]")[0]
    mirror = f'\n[[repository]]\ncoalition = "se"\nurl = "{address}"\nallow_private = true\n'
    (room / "gateway.toml").write_text(text + mirror)


def refresh(room, folder, stops_at=None):
    """Refreshes from a folder. Returns whether it ended by itself."""
    server = Repository(folder, stops_at)
    point_at(room, server.address)
    process = command(room, "refresh")
    try:
        while process.poll() is None and not server.reached.wait(0.02):
            pass
        if server.reached.is_set():
            process.kill()
            process.communicate()
            return False
        done(process)
        return True
    finally:
        server.close()


def without_receipt(verdict):
    return {name: value for name, value in verdict.items() if name not in ("receipt", "line")}


def by_rust(room):
    ask = [{"flow": "payout", "identifiers": [{"kind": "domain", "value": name}]} for name in NAMES]
    lines = "".join(json.dumps(one) + "\n" for one in ask).encode()
    # 1: a merchant is listed. 2: a list is late, or the directory was damaged.
    out = done(command(room, "screen", stdin=subprocess.PIPE), lines, (0, 1, 2))
    return [without_receipt(json.loads(line)) for line in out.splitlines()]


def by_python(room):
    options = {"module": MODULE, "policy": POLICY, "clock": lambda: NOW, "workers": 1}
    with Gateway.open(room / "state", **options) as gateway:
        ask = [{"flow": "payout", "identifiers": [{"kind": "domain", "value": name}]} for name in NAMES]
        verdicts = [without_receipt(gateway.screen(one).members) for one in ask]
        return verdicts, gateway.status().coalitions[0]["doubts"]


def alike(room, doubts, about):
    rust, (python, found) = by_rust(room), by_python(room)
    assert rust == python, (about, rust, python)
    assert found == doubts, (about, found)
    return rust


def copied(room, to):
    shutil.copytree(room, to, symlinks=True)
    return to


def mended(room, newest, about):
    assert refresh(room, REPOSITORIES / "sample"), about
    assert alike(room, [], about) == newest, about
    shelf = room / "state" / "se"
    kept = sorted(path.name for path in shelf.iterdir())
    assert "pending" not in kept, (about, kept)
    assert not [name for name in kept if name.startswith(".")], (about, kept)


def main():
    with tempfile.TemporaryDirectory() as folder:
        room = pathlib.Path(folder) / "first"
        room.mkdir()
        done(command(room, "enrol", str(ROOT / "fixtures" / "generation" / "enrolment.json")))
        assert refresh(room, REPOSITORIES / "sample-1")
        oldest = alike(room, [], "the first release")
        after = copied(room, pathlib.Path(folder) / "after")
        assert refresh(after, REPOSITORIES / "sample")
        newest = alike(after, [], "the second release")
        assert oldest != newest
        steps = killed_while_fetching(pathlib.Path(folder), room, newest)
        steps += killed_afterwards(pathlib.Path(folder), room, after, oldest, newest)
        steps += damaged(pathlib.Path(folder), after, newest)
    print(f"{steps} passed, 0 failed")


def killed_while_fetching(folder, room, newest):
    for step in range(1, 100):
        killed = copied(room, folder / f"killed-{step}")
        if refresh(killed, REPOSITORIES / "sample", stops_at=step):
            assert step > 5, "there were files to wait for"
            return step - 1
        alike(killed, [], f"killed while it waits for file {step}")
        if step % 4 == 0:
            mended(killed, newest, f"killed while it waits for file {step}")
    raise AssertionError("the refresh does not end")


def killed_afterwards(folder, before, after, oldest, newest):
    """The steps from the last verified file on, each as a kill leaves it."""
    shelf, generation = pathlib.Path("state/se"), "generation-2"
    files = sorted((after / shelf / generation).iterdir())
    number = 0

    def left(about, verdicts, change):
        nonlocal number
        number += 1
        room = copied(before, folder / f"left-{number}")
        change(room / shelf)
        found = alike(room, [], about)
        assert verdicts in (None, found), about
        if number % 4 == 0:
            mended(room, newest, about)

    def pending(here):
        (here / "pending").mkdir()
        for file in files:
            shutil.copy(file, here / "pending")

    def made(here, count=None):
        pending(here)
        (here / generation).mkdir()
        for file in files[:count]:
            shutil.copy(file, here / generation)

    def switched(here):
        made(here)
        (here / "current").write_text("2\n")

    def cleared(here):
        switched(here)
        shutil.rmtree(here / "pending")

    for count in range(len(files)):
        left(f"{count} files of the new generation", None, lambda here: made(here, count))
    left("a generation that is whole and not current", None, made)
    left("switched, with the pending files", newest, switched)
    left("switched, without the pending files", newest, cleared)
    left("a file that is half written", oldest, lambda here: (here / ".staged-current").write_text("2"))
    return number


def damaged(folder, after, newest):
    """What is lost or damaged is no other verdict, and a doubt where nothing else shows it."""
    number = 0
    for about, doubts, change in [
        ("no history", ["no_history"], lambda path: path.unlink()),
        ("an empty history", ["no_history"], lambda path: path.write_bytes(b"")),
        ("a cut history", ["no_history"], lambda path: path.write_bytes(path.read_bytes()[:-1])),
        ("a history that is no text", ["no_history"], lambda path: path.write_bytes(b"\xff\xfe")),
    ]:
        number += 1
        room = copied(after, folder / f"damaged-{number}")
        change(room / "state" / "se" / "history")
        found = alike(room, doubts, about)
        assert all(one["doubts"] == doubts for one in found), (about, found)
        assert [one["action"] for one in found if one["action"] == "block"], about
        if number == 1:
            mended(room, newest, about)
    room = copied(after, folder / "older")
    old = folder / "first" / "state" / "se"
    for name in ("current", "generation-1"):
        target = room / "state" / "se" / name
        shutil.rmtree(target) if target.is_dir() else target.unlink()
        (shutil.copytree if (old / name).is_dir() else shutil.copy)(old / name, target)
    shutil.rmtree(room / "state" / "se" / "generation-2")
    alike(room, ["rolled_back"], "an older directory under a newer history")
    mended(room, newest, "an older directory under a newer history")
    return number + 1 + poisoned(folder, after, newest) + lost(folder, after) + not_started(folder, after)


def poisoned(folder, after, newest):
    """A verified time that cannot be true lets every block stand, and the next refresh replaces it."""
    room = copied(after, folder / "poisoned")
    history = room / "state" / "se" / "history"
    text = re.sub("verified=[0-9]+", "verified=4070908800", history.read_text().split(" check=")[0])
    history.write_text(f"{text} check={hashlib.sha256(text.encode()).hexdigest()[:32]}")
    rust, (python, _) = by_rust(room), by_python(room)
    assert rust == python, (rust, python)
    assert all(one["doubts"] == ["clock_behind"] and one["action"] != "allow" for one in rust), rust
    blocks = lambda verdicts: [one["action"] == "block" for one in verdicts]
    assert blocks(rust) == blocks(newest), rust
    mended(room, newest, "a time of 2099")
    return 1


def lost(folder, after):
    """What vanishes from the directory is a doubt of every verdict, and no coalition is to blame."""
    cases = [
        ("no receipt key", lambda state: (state / "receipt.key").unlink()),
        ("an empty inventory", lambda state: (state / "inventory.txt").write_bytes(b"")),
        ("a cut inventory", lambda state: cut(state / "inventory.txt")),
        ("an inventory that is no text", lambda state: (state / "inventory.txt").write_bytes(b"\xff")),
        ("a coalition that is gone", lambda state: name_another(state / "inventory.txt")),
    ]
    for number, (about, change) in enumerate(cases):
        room = copied(after, folder / f"lost-{number}")
        change(room / "state")
        found = alike(room, [], about)
        assert all(one.get("doubts") == ["state_lost"] for one in found), (about, found)
        done(command(room, "state", "accept"))
        assert not any(one.get("doubts") for one in alike(room, [], about)), about
    return len(cases)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def name_another(path):
    assert path.read_text() == "interdict-inventory-1 2\nreceipt.key\nse\n"
    path.write_text("interdict-inventory-1 3\nnl\nreceipt.key\nse\n")


def not_started(folder, after):
    """A host that cannot know what it was does not start as if nothing had been there."""
    cases = [
        ("no enrolment", lambda state: (state / "se" / "enrolment.json").unlink()),
        ("no directory", shutil.rmtree),
    ]
    for number, (about, change) in enumerate(cases):
        room = copied(after, folder / f"not-started-{number}")
        change(room / "state")
        process = command(room, "describe")
        _, error = process.communicate()
        assert process.returncode not in (0, 1), (about, error)
        try:
            by_python(room)
        except InterdictError:
            continue
        raise AssertionError(about)
    return len(cases)


main()
