"""Where a coalition's files come from. It needs no trust, because the module verifies every byte; what is bounded
here is how much it may send and how long it may take."""

from __future__ import annotations

import os
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote, unquote_to_bytes

from .web import HttpRepository
from .walk import NotBrought

CHUNK: Final = 64 << 10
_SEGMENT: Final = re.compile(r"([A-Za-z0-9\-._~]|%[0-9A-F]{2})+")


@dataclass(frozen=True)
class Patience:
    """How long a repository may take, in seconds."""

    connect: float = 10
    """Until its name is resolved, and again until the connection is established."""
    response: float = 10
    """Until the answer begins."""
    file: float = 60
    """From the request to the last byte of a file."""
    refresh: float = 600
    """For all files of one refresh of a coalition."""


class Source(Protocol):
    """A file that is being read."""

    def read(self, size: int) -> bytes:
        """At most this many bytes; none at the end. Raises NotBrought."""

    def close(self) -> None:
        """Ends the reading."""


class Repository:
    """A web server or a directory."""

    def __init__(
        self,
        location: str,
        *,
        base: Path,
        patience: Patience,
        allow_private: bool,
        ended: Callable[[], bool] = lambda: False,
    ) -> None:
        """`location` is a path, a `file:` URL or an HTTP(S) URL. Relative paths start at `base`.

        All files together have `patience.refresh` from now on, or until `ended` says so. Raises NotBrought for any
        other location, and for one in a private network unless `allow_private`.
        """
        self._until = time.monotonic() + patience.refresh
        self._ended = ended
        self._directory: Path | None = None
        self._http: HttpRepository | None = None
        if location.startswith("file:"):
            rest = location.removeprefix("file:")
            rest = rest.removeprefix("//localhost") if rest.startswith("//localhost/") else rest.removeprefix("//")
            self._directory = base / rest
        elif "://" not in location:
            self._directory = base / location
        else:
            self._http = HttpRepository(location, patience, allow_private, ended)

    def bring(self, path: str, max_size: int) -> bytes | None:
        """One file below the base, of at most `max_size` bytes; `None` if the repository says it has none.

        Raises NotBrought for any other failure.
        """
        return self._bring(path, max_size, packed=False)

    def bring_target(self, path: str, max_size: int) -> bytes | None:
        """One target: from the gzip copy beside it, or, whatever is wrong with that, the file itself."""
        try:
            if (data := self._bring(f"{path}.gz", max_size, packed=True)) is not None:
                return data
        except NotBrought:
            pass
        return self.bring(path, max_size)

    def _bring(self, path: str, max_size: int, packed: bool) -> bytes | None:
        if not is_below_base(path):
            raise NotBrought("the module asks for a path outside the repository")
        if self._ended() or time.monotonic() >= self._until:
            raise NotBrought("the repository took longer than a refresh may")
        most = max_size + (max_size >> 10) + 1024 if packed else max_size
        source: Source | None
        if self._http is not None:
            source = self._http.open(path, most, self._until)
        else:
            source = _file(self._directory or Path(), path)
        if source is None:
            return None
        try:
            return _unpacked(source, max_size, most) if packed else _plain(source, max_size)
        finally:
            source.close()


def is_below_base(path: str) -> bool:
    """Whether a path stays below its base: segments of plain characters, the others percent-encoded in the one usual
    way, so that no server decodes a dot or slash that was not there."""

    def usual(segment: str) -> bool:
        return bool(_SEGMENT.fullmatch(segment)) and quote(unquote_to_bytes(segment), safe="") == segment

    segments = path.split("/")
    return len(path) <= 1000 and all(not segment.startswith(".") and usual(segment) for segment in segments)


def _plain(source: Source, max_size: int) -> bytes:
    data = bytearray()
    while chunk := source.read(min(CHUNK, max_size + 1 - len(data))):
        data += chunk
        if len(data) > max_size:
            raise NotBrought("the file is larger than it can be")
    return bytes(data)


def _unpacked(source: Source, max_size: int, most: int) -> bytes:
    """Unpacks while reading, and never further than `max_size`, however much the copy would hold."""
    unpacker, data, taken = zlib.decompressobj(wbits=31), bytearray(), 0
    try:
        while not unpacker.eof:
            chunk = unpacker.unconsumed_tail or source.read(CHUNK)
            taken += 0 if unpacker.unconsumed_tail else len(chunk)
            data += unpacker.decompress(chunk, max_size + 1 - len(data))
            if len(data) > max_size or taken > most:
                raise NotBrought("the file is larger than it can be")
            if not chunk:
                raise NotBrought("the copy was cut")
    except zlib.error:
        raise NotBrought("the copy is damaged") from None
    return bytes(data)


class _File:
    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "rb")

    def read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            raise NotBrought(error.strerror or "cannot be read") from None

    def close(self) -> None:
        self._file.close()


def _file(base: Path, path: str) -> _File | None:
    # Without its base no file counts as missing: a stick that is not plugged in does not say which root is newest.
    try:
        base = base.resolve(strict=True)
    except (OSError, RuntimeError):
        raise NotBrought("the repository's directory is not there") from None
    try:
        file = (base / path).resolve(strict=True)
        if not file.is_relative_to(base) or not file.is_file():
            raise NotBrought("not a file within the repository")
        return _File(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError):
        raise NotBrought("the file cannot be read") from None
