"""One coalition's directory in the store (docs/store.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from . import files
from .errors import StoreDamagedError

ENROLMENT: Final = "enrolment.json"
CURRENT: Final = "current"
HISTORY: Final = "history"
OPENED_KEYS: Final = "opened.keys"
NO_HISTORY: Final = "none"
MAX_ENROLMENT: Final = 2 << 20
MAX_HISTORY: Final = 32 << 10
MAX_OPENED_KEYS: Final = 64 << 10
MAX_FILE: Final = 512 << 20
"""As much as the module's open region takes."""

_COALITION: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")
_NUMBER: Final = re.compile(r"[0-9]{1,19}")


def is_coalition(name: str) -> bool:
    """Whether this may be the name of a coalition in a gateway."""
    return _COALITION.fullmatch(name) is not None


class Shelf:
    """Enrolment, history and generations of one coalition. What is read back is verified again by the module."""

    def __init__(self, state: Path, name: str) -> None:
        self.name = name
        self.path = state / name
        self.pending = self.path / "pending"

    def enrolment(self) -> dict[str, Any] | None:
        """The enrolment; `None` if there is none. Raises StoreDamagedError: a coalition must not just vanish."""
        if (pages := self.path / "pages").exists():
            raise files.damaged(pages, "pages of records were removed; delete this folder, then run interdict refresh")
        path = self.path / ENROLMENT
        data = files.read(path, MAX_ENROLMENT)
        if data is None:
            if (self.path / CURRENT).exists():
                raise files.damaged(path, "the enrolment is gone; restore it, or enrol again")
            return None
        try:
            enrolment = json.loads(data)
        except (ValueError, RecursionError):
            enrolment = None
        if not isinstance(enrolment, dict):
            raise files.damaged(path, "not an enrolment; enrol again with interdict enrol --replace")
        return enrolment

    def history(self) -> str | None:
        """What was saved as the history; only the module reads it. Raises StoreDamagedError."""
        data = files.read(self.path / HISTORY, MAX_HISTORY)
        return None if data is None else data.decode(errors="replace")

    def opened_keys(self, warnings: list[str]) -> list[str]:
        """The list keys that `interdict refresh` opened. A line of another form is passed over with a warning."""
        path = self.path / OPENED_KEYS
        try:
            lines = (files.read(path, MAX_OPENED_KEYS) or b"").decode(errors="replace").splitlines()
        except StoreDamagedError as error:
            warnings.append(str(error))
            return []
        if lines and files.open_to_others(path):
            warnings.append(f"{path} holds secrets and others on this machine may read it; chmod 600")
        for number, line in enumerate(lines, 1):
            if not _KEY.fullmatch(line):
                warnings.append(f"{path}: line {number} is no key; run interdict refresh")
        return sorted({line.lower() for line in lines if _KEY.fullmatch(line)})

    def current(self) -> int | None:
        """The number of the generation to load. Raises StoreDamagedError if it is no number."""
        path = self.path / CURRENT
        data = files.read(path, 32)
        if data is None:
            return None
        text = data.decode(errors="replace").rstrip()
        if not _NUMBER.fullmatch(text):
            raise files.damaged(path, "not a number; run interdict refresh")
        return int(text)

    def generations(self) -> list[int]:
        """What may be loaded, best first: the current generation and those that it replaced."""
        current = self.current()
        if current is None:
            return []
        return [current, *sorted((number for number in self._numbers() if number < current), reverse=True)]

    def generation(self, number: int) -> Path:
        """The directory of a generation."""
        return self.path / f"generation-{number}"

    def keep(self, name: str, data: bytes) -> Path:
        """Saves a verified file of an update. It is on the disk when this returns."""
        files.make_directory(self.pending)
        files.write(self.pending, files.checked_name(name), data)
        return self.pending / name

    def add_generation(self, contents: Mapping[str, Path]) -> int:
        """Makes a generation from files that are on the shelf. `commit` makes it current."""
        number = max(self._numbers(), default=0) + 1
        directory = self.generation(number)
        directory.mkdir(mode=0o700)
        for name, source in contents.items():
            files.link_or_copy(source, directory / files.checked_name(name), MAX_FILE)
        files.sync(directory)
        files.sync(self.path)
        return number

    def commit(self, number: int, before: int | None) -> None:
        """Makes a generation current, then removes all others but the one before."""
        files.write(self.path, CURRENT, f"{number}\n".encode())
        files.clear(self.pending)
        for other in set(self._numbers()) - {number, before}:
            files.clear(self.generation(other))

    def clear_pending(self) -> None:
        """Removes what an update saved before it completed."""
        files.clear(self.pending)

    def save_history(self, history: str) -> None:
        """Replaces the history: after the files that it belongs to."""
        files.write(self.path, HISTORY, history.encode())

    def _numbers(self) -> Iterator[int]:
        names = [entry.name for entry in self.path.iterdir()]
        texts = [name.removeprefix("generation-") for name in names if name.startswith("generation-")]
        return (int(text) for text in texts if _NUMBER.fullmatch(text) and str(int(text)) == text)
