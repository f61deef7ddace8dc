"""The state directory: what a gateway must not lose (docs/store.md)."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Final

from . import files
from .errors import (
    EnrolmentDiffersError,
    InvalidError,
    StoreBusyError,
    StoreDamagedError,
    StoreMissingError,
)
from .instance import Instance, Message, as_bytes
from .module import Module
from .shelf import CURRENT, ENROLMENT, HISTORY, MAX_ENROLMENT, OPENED_KEYS, Shelf, is_coalition

RECEIPT_KEY: Final = "receipt.key"
MEMBER_KEY: Final = "member.key"
INVENTORY: Final = "inventory.txt"
LOCK: Final = "lock"
MAX_INVENTORY: Final = 4 << 10
MAX_DOCUMENT: Final = 4 << 20
_MEMBER_KEY: Final = re.compile(rb"AGE-SECRET-KEY-1[0-9A-Z]{58}\s*")

Stamp = dict[str, tuple[int, int, int]]
"""When each file was replaced last, its size and its number on the disk, by its place below the directory."""


class Store:
    """A state directory. Readers take no lock; whoever writes does."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Store:
        """The state directory. Raises StoreMissingError if there is none: an empty one would forget what it knew."""
        if not os.path.isdir(path):
            raise StoreMissingError(f"{os.fspath(path)}: there is no state directory here; enrol first")
        return cls(Path(path))

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> Store:
        """The state directory, made if there is none. Raises StoreDamagedError if a file has its name, or the like."""
        try:
            Path(path).mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreDamagedError(f"{os.fspath(path)}: the state directory cannot be made: {error.strerror}") from error
        return cls.open(path)

    def enrol(self, enrolment: Message, *, module: Module | None = None, now: float | None = None) -> str:
        """Takes an enrolment file, after the module has accepted it. Returns the coalition's name.

        The first one makes the gateway's receipt key. A coalition that is enrolled stays as it is.

        Raises EnrolmentDiffersError if it is enrolled with another root or without some of these keys, and
        RefusedError if the module does not trust the file.
        """
        data = as_bytes(enrolment)
        name = _coalition(data)
        coalition = b'{"coalitions":[{"enrolment":%s,"history":"none"}]}' % data
        Instance(module or Module()).call("configure", coalition, int(time.time() if now is None else now))
        with files.locked(self.path / LOCK):
            if self.receipt_key() is None:
                files.write(self.path, RECEIPT_KEY, f"{secrets.token_hex(32)}\n".encode())
            shelf = Shelf(self.path, name)
            if (known := shelf.enrolment()) is None:
                files.make_directory(shelf.path)
                files.write(shelf.path, ENROLMENT, data)
            elif _differs(known, json.loads(data)):
                raise EnrolmentDiffersError(
                    f"{name} is enrolled with another root, or without some of these keys; interdict enrol FILE merges them"
                )
            self._add_to_inventory()
        return name

    def shelves(self) -> list[Shelf]:
        """The coalitions, by name. Raises StoreDamagedError if one lost its enrolment."""
        shelves = [Shelf(self.path, name) for name in sorted(self._names()) if is_coalition(name)]
        return [shelf for shelf in shelves if shelf.enrolment() is not None]

    def enrolled(self) -> set[str]:
        """The names of the coalitions, whether or not they can be read."""
        names = filter(is_coalition, self._names())
        return {name for name in names if (self.path / name / ENROLMENT).exists()}

    def receipt_key(self) -> str | None:
        """The gateway's own secret; `None` before the first enrolment. Raises StoreDamagedError."""
        path = self.path / RECEIPT_KEY
        data = files.read(path, 128)
        if data is None:
            return None
        text = data.decode(errors="replace").rstrip()
        if not re.fullmatch("[0-9a-f]{64}", text):
            raise files.damaged(path, "not 64 hexadecimal digits")
        return text

    def check_member_key(self) -> None:
        """Raises StoreDamagedError if there is one and it is damaged. Only the command `interdict` uses it."""
        data = files.read(self.path / MEMBER_KEY, 128)
        if data is not None and not _MEMBER_KEY.fullmatch(data):
            raise files.damaged(self.path / MEMBER_KEY, "not a key")

    def documents(self, kind: str) -> list[tuple[str, bytes]]:
        """The signed documents in `overrides` or `clearances`, with their names, in the order of the names."""
        directory = self.path / kind
        try:
            names = sorted(os.listdir(directory))
        except (FileNotFoundError, NotADirectoryError):
            return []
        names = [name for name in names if name.endswith(".json") and not name.startswith(".")]
        found = [(name, files.read(directory / name, MAX_DOCUMENT)) for name in names]
        return [(name, data) for name, data in found if data is not None]

    def lost(self) -> list[str]:
        """What the inventory names and the directory lacks; the inventory itself if it is damaged."""
        known = self._inventory()
        return [INVENTORY] if known is None else sorted(known - self._contents())

    def take_stock(self) -> None:
        """Adds to the inventory what is new. If another process has the lock, the next refresh does it."""
        try:
            with files.locked(self.path / LOCK, patience=0):
                self._add_to_inventory()
        except StoreBusyError:
            pass

    def warnings(self) -> list[str]:
        """What a person should know about the secrets and about what is lost."""
        lost = self.lost()
        told = [f"{self.path}: {name} is lost or damaged; restore it, or run interdict state accept" for name in lost]
        here = self._contents()
        if here - {RECEIPT_KEY, MEMBER_KEY} and RECEIPT_KEY not in here | set(lost):
            told.append(f"{self.path / RECEIPT_KEY} is gone, so verdicts have no receipts; restore it")
        paths = [self.path / (name if name.endswith(".key") else f"{name}/{ENROLMENT}") for name in sorted(here)]
        return told + [
            f"{path} holds secrets and others on this machine may read it; chmod 600"
            for path in paths
            if files.open_to_others(path)
        ]

    def stamp(self) -> Stamp:
        """Changes when anything is saved that instances are loaded from. Opens no file: microseconds."""
        stamp: Stamp = {}
        _stamp(stamp, self.path, RECEIPT_KEY)
        for name in self._names():
            if is_coalition(name):
                for counted in (CURRENT, HISTORY, ENROLMENT, OPENED_KEYS):
                    _stamp(stamp, self.path, f"{name}/{counted}")
        for kind in ("overrides", "clearances"):
            if (self.path / kind).is_dir():
                for name in os.listdir(self.path / kind):
                    _stamp(stamp, self.path, f"{kind}/{name}")
        return stamp

    def changing(self, name: str) -> AbstractContextManager[object]:
        """Keeps others from changing one coalition's files. Raises StoreBusyError."""
        with ExitStack() as stack:
            stack.enter_context(files.locked(self.path / LOCK, shared=True))
            stack.enter_context(files.locked(self.path / name / LOCK))
            return stack.pop_all()

    def _names(self) -> list[str]:
        try:
            return os.listdir(self.path)
        except OSError:
            raise StoreMissingError(f"{self.path}: the state directory is gone") from None

    def _inventory(self) -> set[str] | None:
        """What the inventory names: nothing without one, `None` if it is damaged."""
        try:
            data = files.read(self.path / INVENTORY, MAX_INVENTORY)
        except StoreDamagedError:
            return None
        if data is None:
            return set()
        names = set(data.decode(errors="replace").split("\n")[1:-1])
        fine = all(name in (RECEIPT_KEY, MEMBER_KEY) or is_coalition(name) for name in names)
        return names if fine and data == _inventory_text(names) else None

    def _contents(self) -> set[str]:
        """The secrets and coalitions that are there, whether or not they can be read."""
        return self.enrolled() | ({RECEIPT_KEY, MEMBER_KEY} & set(self._names()))

    def _add_to_inventory(self) -> None:
        known = self._inventory()
        if known is not None and (names := known | self._contents()) != known:
            files.write(self.path, INVENTORY, _inventory_text(names))

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"


def _differs(known: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether an enrolment has another root than the saved one, or a key that it does not have."""
    keys = known.get("keys") or []
    return known.get("root") != given.get("root") or any(key not in keys for key in given.get("keys") or [])


def _coalition(data: bytes) -> str:
    try:
        enrolment = json.loads(data)
    except (ValueError, RecursionError):
        enrolment = None
    name = enrolment.get("coalition") if isinstance(enrolment, dict) else None
    if not isinstance(name, str) or not is_coalition(name) or len(data) > MAX_ENROLMENT:
        raise InvalidError("not an enrolment file")
    return name


def _stamp(stamp: Stamp, root: Path, place: str) -> None:
    try:
        found = os.stat(root / place)
    except OSError:
        return
    stamp[place] = found.st_mtime_ns, found.st_size, found.st_ino


def _inventory_text(names: set[str]) -> bytes:
    lines = [f"interdict-inventory-1 {len(names)}", *sorted(names)]
    return "".join(f"{line}\n" for line in lines).encode()


