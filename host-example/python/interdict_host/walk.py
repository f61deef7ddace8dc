"""Brings the module one file after another until it has what it needs, or refuses one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Protocol

from .errors import AnswerError, InterdictError, InvalidError, RefusedError, StoreDamagedError
from .files import checked_name, read
from .instance import Instance
from pathlib import Path

MAX_FILES: Final = 4096
"""The most files of one walk: 256 roots, three more of metadata, and the parts of a coalition's lists."""


@dataclass(frozen=True)
class Fetch:
    """A file that the module asks for."""

    name: str
    """Its name in the store."""
    path: str
    """Its path below the repository's base."""
    max_size: int

    @property
    def is_metadata(self) -> bool:
        """Metadata stays trusted when a walk ends early; the parts of a release do not."""
        return self.path.startswith("metadata/")


@dataclass(frozen=True)
class Walked:
    """A walk that ended without a refusal."""

    completed: bool
    """Whether everything was verified and is live."""
    files: list[str]
    """If so, the names of all files that make up the coalition's state."""


class NotBrought(Exception):
    """A file could not be brought, for another reason than that there is none."""


class WalkError(Exception):
    """A walk that ended early. Nothing that was live changed."""


class Courier(Protocol):
    """Where the files of a walk come from."""

    def bring(self, fetch: Fetch) -> bytes | None:
        """The file; `None` if there is none. Raises NotBrought."""

    def keep(self, fetch: Fetch, data: bytes) -> None:
        """Called with each file that the module verified, before the next one is asked for."""


def walk(instance: Instance, coalition: str, begin: str, now: int, courier: Courier) -> Walked:
    """Walks from the `store` or the `repository`.

    Raises WalkError if the module refused a file, and the errors of `Instance.call` and of the courier.
    """
    try:
        progress = json.loads(instance.call("poll", {"coalition": coalition, "begin": begin}, now))
    except RefusedError as error:
        raise WalkError(str(error)) from error
    for _ in range(MAX_FILES):
        fetch = _fetch(progress)
        if fetch is None:
            return Walked(progress.get("completed") is True, list(progress.get("files") or []))
        progress = _supply(instance, coalition, fetch, now, courier)
    raise AnswerError("the module asks for too many files")


def _supply(instance: Instance, coalition: str, fetch: Fetch, now: int, courier: Courier) -> dict[str, Any]:
    outcome, data, failure = "not_found", None, None
    try:
        data = courier.bring(fetch)
        if data is not None:
            instance.file(data)
            outcome = "bytes"
    except (NotBrought, InvalidError) as error:
        outcome, failure = "failed", str(error)
    message = {"coalition": coalition, "name": fetch.name, "outcome": outcome}
    try:
        progress: dict[str, Any] = json.loads(instance.call("supply", message, now))
    except RefusedError as error:
        raise WalkError(f"{fetch.path}: {failure or error}") from error
    if data is not None and progress.get("keep") is True:
        courier.keep(fetch, data)
    return progress


def _fetch(progress: Any) -> Fetch | None:
    try:
        fetch = progress["fetch"]
        return fetch and Fetch(checked_name(fetch["name"]), str(fetch["path"]), int(fetch["max_size"]))
    except (KeyError, TypeError, ValueError):
        raise AnswerError("the module's answer is not one this host understands") from None


class Replay:
    """The files that a directory of the store holds."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.metadata: dict[str, Path] = {}
        self.parts: dict[str, Path] = {}

    def bring(self, fetch: Fetch) -> bytes | None:
        try:
            return read(self._directory / fetch.name, fetch.max_size)
        except StoreDamagedError as error:
            raise NotBrought(str(error)) from None

    def keep(self, fetch: Fetch, data: bytes) -> None:
        (self.metadata if fetch.is_metadata else self.parts)[fetch.name] = self._directory / fetch.name


def history_of(instance: Instance, coalition: str, now: int) -> str:
    """What the module says to keep beside a coalition's files."""
    return str(state_of(instance, now)[coalition]["history"])


def state_of(instance: Instance, now: int) -> dict[str, dict[str, Any]]:
    """What is live, by coalition (docs/abi.md, state)."""
    try:
        return {entry["name"]: entry for entry in json.loads(instance.call("state", b"{}", now))["coalitions"]}
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InterdictError):
            raise
        raise AnswerError("the module's answer is not one this host understands") from None
