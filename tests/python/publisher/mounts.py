"""A repository on a file system of its own: another one, one that becomes read-only, one that is full, one that is gone.

mounts.py INTERDICT-PUBLISH: runs in a mount namespace, whose mounts nobody else sees and which ends with it:
`unshare --mount --map-root-user python3 mounts.py INTERDICT-PUBLISH`. A repository reached over a mount and one reached
over a symbolic link are tried. After each failure the next try works once the file system is back, with version numbers
that nobody has seen, and the copy of an upload is complete at all times.
"""

import pathlib
import subprocess
import sys
import tempfile

from walked import walk

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


class Desk:
    """A coalition `se` whose repository and `mirror` are file systems in memory of their own."""

    def __init__(self, folder, linked):
        self.folder, self.day = pathlib.Path(folder), 1
        self.well("init", "se", "--coalition", "se", "--test-keys")
        self.repository, self.mirror = self.folder / "disk", self.folder / "mirror"
        inside = self.folder / "se/repository"
        for disk in (self.repository, self.mirror):
            disk.mkdir()
            mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", disk)
        subprocess.run(["cp", "-r", f"{inside}/.", self.repository], check=True)
        if linked:
            subprocess.run(["rm", "-r", inside], check=True)
            inside.symlink_to(self.repository)
        else:
            mount("--bind", self.repository, inside)
            self.repository = inside
        assert self.repository.stat().st_dev != (self.folder / "se/keys").stat().st_dev
        self.release("a")
        self.well("upload", "se", "--to", "mirror")

    def run(self, *arguments):
        line = [PROGRAM, "--clock", f"2026-12-{self.day:02}T12:00:00Z", *arguments]
        done = subprocess.run(line, cwd=self.folder, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def well(self, *arguments):
        code, said = self.run(*arguments)
        assert code == 0, f"{arguments}: {code}: {said}"

    def refused(self, words, *arguments, code=1):
        found, said = self.run(*arguments)
        assert found == code and all(word in said for word in words), f"{arguments}: {found}: {said}"

    def release(self, name):
        (self.folder / "new.csv").write_text(f"kind,value\ndomain,{name}.example\n")
        self.well("import", "se", "new.csv", "--source", "se")
        self.well("release", "se", "--first", "--base")

    def versions(self):
        return walk(self.folder / "se/repository")

    def mend(self, before):
        """What comes after every failure: all of it works, with new versions, and the copy follows."""
        assert walk(self.mirror) == before
        self.day += 1
        self.well("renew", "se")
        self.well("release", "se", "--base")
        assert self.versions() > before, self.versions()
        self.well("upload", "se", "--to", "mirror")
        assert walk(self.mirror) == self.versions()
        self.well("verify", "se")


def read_only(desk):
    before = desk.versions()
    mount("-o", "remount,ro", desk.repository)
    for command in ("release", "renew", "rotate-root"):
        desk.refused(["Read-only file system", "gateways keep what was published before"], command, "se")
        assert desk.versions() == before
    # An upload only reads it.
    desk.well("upload", "se", "--to", "mirror")
    mount("-o", "remount,rw", desk.repository)
    desk.mend(before)
    before = desk.versions()
    desk.well("renew", "se")
    mount("-o", "remount,ro", desk.mirror)
    desk.refused(["Read-only file system", "mirror"], "upload", "se", "--to", "mirror")
    mount("-o", "remount,rw", desk.mirror)
    desk.mend(before)


def full(desk):
    """With room for one more page each time. Returns how many tries failed."""
    release, renew, upload = ("release", "se", "--base"), ("renew", "se"), ("upload", "se", "--to", "mirror")
    failed = 0
    for disk, command in (("disk", release), ("mirror", upload), ("disk", renew), ("mirror", upload)):
        disk = desk.folder / disk
        before = walk(disk)
        for pages in range(100):
            with_room(disk / "filler", pages)
            code, said = desk.run(*command)
            (disk / "filler").unlink()
            if code == 0:
                break
            assert code == 1 and "No space left on device" in said, said
            assert command == upload or "new version numbers" in said, said
            assert walk(disk) == before and not list(disk.rglob(".staged-*"))
            failed += 1
        assert code == 0
    desk.mend(desk.versions())
    return failed


def with_room(filler, pages):
    subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4096"], capture_output=True, check=False)
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - 4096 * pages)


def gone(desk):
    before = desk.versions()
    away = desk.folder / "away"
    away.mkdir()
    mount("--bind", desk.repository, away)
    subprocess.run(["umount", "--lazy", desk.repository], check=True)
    for command in ("release", "renew", "rotate-root", "status"):
        desk.refused(["mount what it lies on"], command, "se", code=6)
    desk.refused(["mount what it lies on"], "upload", "se", "--to", "mirror", code=6)
    mount("--bind", away, desk.repository)
    desk.mend(before)
    before = desk.versions()
    held = desk.folder / "held"
    held.mkdir()
    mount("--bind", desk.mirror, held)
    subprocess.run(["umount", "--lazy", desk.mirror], check=True)
    desk.refused(["mount what it lies on"], "upload", "se", "--to", "mirror", code=6)
    assert not list(desk.mirror.iterdir())
    mount("--bind", held, desk.mirror)
    desk.mend(before)


def main():
    passed = 0
    for linked in (False, True):
        for case in (read_only, full, gone):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                tmp = pathlib.Path(folder)
                mount("-t", "tmpfs", "tmpfs", tmp)
                found = case(Desk(tmp, linked))
                subprocess.run(["umount", "--recursive", "--lazy", tmp], check=False)
            print(f"{'over a link' if linked else 'mounted'}, {case.__name__.replace('_', '-')}"
                  f"{'' if found is None else f': {found} tries without room'}", flush=True)
            passed += 1
    print(f"{passed} passed, 0 failed")


main()
