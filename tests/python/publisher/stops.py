"""Commands of the publisher that are stopped at every change which they make to a disk.

stops.py INTERDICT-PUBLISH [EVERY]: `strace` lists what `backup`, `restore`, `recover` and `upload` write, rename,
sync, make and delete. Each command then runs once for each of these changes: it is killed before the change, the
change is refused for want of space, or the command waits there while another one runs from beginning to end. EVERY
skips changes: of that many, one is tried.

Whatever happened, the state is the one before or the one after, and the same command then works, or says that it was
done.
"""

import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from walked import walk

CHANGES = (
    "write,pwrite64,writev,pwritev,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat,"
    "fsync,fdatasync,ftruncate,fallocate,copy_file_range,sendfile,openat"
)
# Exit code of a command that was killed, as strace passes it on.
KILLED = -signal.SIGKILL
# What was published after the backup has no name in it, and stays until a person confirms that it may go.
HELD_BACK = 8
# The targets of the mirror and of the repository.
BEFORE, AFTER = 2, 3


class World:
    """A folder with a coalition `se`, its `mirror`, a `backup` and what was `restored` from it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def path(self, name):
        return self.folder / name

    def copy(self, folder):
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return World(folder)

    def run(self, day, *arguments):
        command = [PROGRAM, "--clock", f"2026-12-{day:02}T12:00:00Z", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def well(self, day, *arguments):
        code, said = self.run(day, *arguments)
        assert code == 0, f"{arguments}: {code}: {said}"
        return said


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def prepared(folder):
    """A coalition with three releases, of which the mirror has two and the backup one."""
    world = World(folder)
    csv = "kind,value,action\ndomain,{}.example,block\n"
    world.well(1, "init", "se", "--coalition", "se", "--test-keys")
    said = subprocess.run([PROGRAM, "backup-key", "key.txt"], cwd=folder, capture_output=True, text=True, check=True)
    world.path("recipient.txt").write_text(said.stdout.split()[0])
    for day, name in ((1, "a"), (10, "b"), (24, "c")):
        world.path("new.csv").write_text(csv.format(name))
        world.well(day, "import", "se", "new.csv", "--source", "se")
        world.well(day, "release", "se", "--first", "--base")
        if day == 1:
            world.well(day, *Backup.arguments(world, "old.age"))
        if day < 24:
            world.well(day, *Upload.arguments(world))
    world.well(24, "restore", "old.age", "restored", "--identity", "key.txt")
    shutil.copytree(world.path("se/repository"), world.path("restored/repository"), dirs_exist_ok=True)
    return world


class Backup:
    name, day, besides = "backup", 25, [("import", "se", "new.csv", "--source", "se"), ("release", "se")]

    @staticmethod
    def arguments(world, file="new.age"):
        return "backup", "se", file, "--with-keys", "--recipient", world.path("recipient.txt").read_text()

    def check(self, world, code):
        file = world.path("new.age")
        assert code != 0 or file.exists(), "done and not there"
        if code not in (0, KILLED):
            assert not file.exists(), "failed and there"
            assert not self.left(world), "failed and left something"
        there = file.exists()
        again, said = world.run(self.day, *self.arguments(world))
        assert again == (1 if there else 0), said
        assert not there or "never overwrites" in said, said
        world.well(self.day, "restore", "new.age", "new", "--identity", "key.txt")
        world.well(self.day, *self.arguments(world, "next.age"))
        assert not self.left(world), self.left(world)
        world.well(self.day, "verify", "se")

    @staticmethod
    def left(world):
        return list(world.folder.glob("*.partial*")) + list(world.path("se/staging").iterdir())


class Restore:
    name, day, besides = "restore", 25, [("renew", "back"), ("restore", "old.age", "back", "--identity", "key.txt")]

    @staticmethod
    def arguments(_):
        return "restore", "old.age", "back", "--identity", "key.txt"

    def check(self, world, code):
        back = world.path("back")
        whole = (back / "register.sqlite").exists()
        assert code != 0 or whole, "done and not there"
        if code not in (0, KILLED):
            assert not world.path("back.restoring").exists(), "failed and left something"
        again, said = world.run(self.day, *self.arguments(world))
        assert again == (1 if whole else 0), said
        assert not whole or "is not empty" in said, said
        assert files(back / "keys") == files(world.path("restored/keys"))
        assert not world.path("back.restoring").exists()
        refused, said = world.run(self.day, "release", "back", "--today", f"2026-12-{self.day}")
        assert refused == 1 and "interdict-publish recover" in said, said
        world.well(self.day, "verify", "back")


class Recover:
    name, day, besides = "recover", 25, [("renew", "restored"), ("import", "restored", "new.csv", "--source", "se")]

    @staticmethod
    def arguments(_):
        return "recover", "restored", "--from", "se/repository"

    def check(self, world, code):
        refused, said = world.run(self.day, "release", "restored")
        if code == 0:
            assert refused == HELD_BACK, said
        elif refused != HELD_BACK:
            assert "interdict-publish recover" in said, said
            world.well(self.day, *self.arguments(world))
            assert world.run(self.day, "release", "restored")[0] == HELD_BACK
        assert walk(world.path("restored/repository")) > walk(world.path("se/repository"))
        world.well(self.day, "verify", "restored")


class Upload:
    name, day, besides = "upload", 25, [("release", "se", "--base"), ("renew", "se"), ("upload", "se", "--to", "mirror")]

    @staticmethod
    def arguments(_):
        return "upload", "se", "--to", "mirror"

    def check(self, world, code):
        found = walk(world.path("mirror"))
        # A release beside it may have come before it began.
        assert found in (BEFORE, AFTER, walk(world.path("se/repository"))), found
        assert code != 0 or found >= AFTER, "done and old"
        world.well(self.day, *self.arguments(world))
        assert walk(world.path("mirror")) == walk(world.path("se/repository"))
        assert not list(world.path("mirror").rglob(".staged-*"))


# What is injected at a change.
KILL, FULL, WAIT = "signal=SIGKILL", "error=ENOSPC", "signal=SIGSTOP"


def traced(world, command, log, injected=()):
    line = ["strace", "-f", "-y", "-o", log, "-e", f"trace={CHANGES}", *injected, PROGRAM]
    line += ["--clock", f"2026-12-{command.day:02}T12:00:00Z", *command.arguments(world)]
    return subprocess.Popen(line, cwd=world.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def changes(log):
    """The changes of a run, in order: each as the call and how often it had been made by then."""
    found, counts, main = [], {}, None
    for line in log.read_text().splitlines():
        thread, call = line.split(None, 1)
        main = main or thread
        name = re.match(r"\w+(?=\()", call)
        if thread != main or not name:
            continue
        name = name[0]
        counts[name] = counts.get(name, 0) + 1
        to_a_person = re.match(r"write\([12]<", call)
        reads = name == "openat" and "O_CREAT" not in call
        if not to_a_person and not reads:
            found.append((name, counts[name]))
    return found


def paused(child, log):
    """Waits until the program has stopped or ended; returns its process."""
    for _ in range(6000):
        text = log.read_text() if log.exists() else ""
        if "--- stopped by SIGSTOP ---" in text:
            return int(text.split(None, 1)[0])
        if child.poll() is not None:
            return None
        time.sleep(0.005)
    raise AssertionError("neither stopped nor ended")


def run_beside(world, command, child, log, beside):
    """Runs another command while this one is stopped; one that waits for it goes on with it. Returns what it said."""
    process = paused(child, log)
    line = [PROGRAM, "--clock", f"2026-12-{command.day:02}T12:00:00Z", *beside]
    other = subprocess.Popen(line, cwd=world.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        other.wait(timeout=1)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if process:
            os.kill(process, signal.SIGCONT)
    said = other.communicate(timeout=60)[0]
    assert other.returncode in (0, 1, 5, HELD_BACK), f"{beside}: {other.returncode}: {said}"
    return said


def attempt(world, command, change, injected, beside):
    """One run in a copy of the world. Returns its exit code, or what went wrong."""
    call, count = change
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder, tempfile.NamedTemporaryFile(dir=SCRATCH) as log:
        world = world.copy(folder)
        log = pathlib.Path(log.name)
        child = traced(world, command, log, ["-e", f"inject={call}:{injected}:when={count}"])
        other = run_beside(world, command, child, log, beside) if beside else ""
        said = child.communicate(timeout=60)[0]
        try:
            if child.returncode not in (0, KILLED):
                assert child.returncode in (1, 5, 6) and "interdict-publish: " in said, child.returncode
            command.check(world, child.returncode)
        except (AssertionError, OSError, ValueError) as error:
            place = f"{command.name} {injected} {' '.join(beside)} at {call} {count}"
            return f"{place}: exit {child.returncode}: {said}{other}\n  {error!r}"
        return child.returncode


def tried(world, command, every):
    """Tries one command; returns the counts and what went wrong."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        copy = world.copy(pathlib.Path(folder) / "copy")
        log = pathlib.Path(folder) / "log"
        child = traced(copy, command, log)
        said = child.communicate(timeout=60)[0]
        assert child.returncode == 0, said
        found = changes(log)
    total, failures = 0, []
    for injected, beside in [(KILL, ()), (FULL, ()), *[(WAIT, beside) for beside in command.besides]]:
        chosen = found[random.randrange(every)::every]
        if injected is FULL:
            chosen = [change for change in chosen if not change[0].startswith(("unlink", "rmdir"))]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda change: attempt(world, command, change, injected, beside), chosen))
        wrong = [result for result in results if isinstance(result, str)]
        done = results.count(0)
        what = {KILL: "killed", FULL: "out of space", WAIT: f"beside {' '.join(beside[:1])}"}[injected]
        print(f"{command.name}, {what}: {len(chosen)} of {len(found)} changes tried, {done} done, "
              f"{len(chosen) - done - len(wrong)} stopped, {len(wrong)} wrong", flush=True)
        total += len(chosen)
        failures += wrong
    return total, failures


def main():
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    total, failures = 0, []
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        world = prepared(folder)
        for command in (Backup, Restore, Recover, Upload):
            count, wrong = tried(world, command(), every)
            total += count
            failures += wrong
    for failure in failures:
        print("FAILED:", failure)
    print(f"{total - len(failures)} passed, {len(failures)} failed")
    sys.exit(bool(failures))


PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
# Copies are made in memory where that is possible: what is lost with a disk's power is not tried here.
SCRATCH = "/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None

if __name__ == "__main__":
    main()
