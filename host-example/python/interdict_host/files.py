"""Files that are whole or absent: each is written under another name, forced to the disk and renamed."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .errors import AnswerError, StoreBusyError, StoreDamagedError

LOCK_PATIENCE: Final = 0.2
"""Seconds until a lock that another process has is given up."""
_PAUSE: Final = 0.01
_NAME: Final = re.compile(r"[a-z0-9%_-][a-z0-9.%_-]{0,199}")


def checked_name(name: str) -> str:
    """A file's name from the module, if it stays in its directory. Raises AnswerError otherwise."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise AnswerError("the module names a file that cannot be saved")
    return name


def read(path: Path, most: int) -> bytes | None:
    """A regular file of at most `most` bytes; `None` if there is none. Never waits for a pipe.

    Raises StoreDamagedError for anything else of that name, and for a larger file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise damaged(path, error.strerror or "cannot be read") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise damaged(path, "not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise damaged(path, error.strerror or "cannot be read") from None
    if len(data) > most:
        raise damaged(path, "larger than it can be")
    return data


def damaged(path: Path, why: str) -> StoreDamagedError:
    """The error for a file that cannot be used."""
    return StoreDamagedError(f"{path}: {why}")


def write(directory: Path, name: str, data: bytes) -> None:
    """Writes `directory/name`, readable by its owner alone, replacing an earlier file in one step."""
    staged = directory / f".staged-{name}"
    clear(staged)
    create(staged, data)
    path = directory / name
    if path.is_dir() and not path.is_symlink():
        clear(path)
    os.rename(staged, path)
    sync(directory)


def create(path: Path, data: bytes) -> None:
    """Writes a new file and forces it to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def link_or_copy(source: Path, path: Path, most: int) -> None:
    """Puts a file that never changes into another directory too. A copy has at most `most` bytes."""
    try:
        os.link(source, path)
    except OSError:
        data = read(source, most)
        if data is None:
            raise damaged(source, "is gone") from None
        create(path, data)


def make_directory(path: Path) -> None:
    """Makes a directory that only its owner can read, in place of anything else that has its name."""
    if not path.is_dir():
        clear(path)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def clear(path: Path) -> None:
    """Removes whatever has this name, if anything."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sync(directory: Path) -> None:
    """Forces a directory to the disk: before that, neither a rename nor a new file is there for sure."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_to_others(path: Path) -> bool:
    """Whether anybody but its owner may read or change a file."""
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False


@contextmanager
def locked(path: Path, *, shared: bool = False, patience: float = LOCK_PATIENCE) -> Iterator[None]:
    """Holds the lock that a file stands for (flock). Raises StoreBusyError if another process has it for too long."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise damaged(path, "not a regular file")
        _take(descriptor, path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, patience)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, how: int, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN):
                raise
        if time.monotonic() >= until:
            raise StoreBusyError(f"{path.parent}: another process is changing this directory")
        time.sleep(_PAUSE)
