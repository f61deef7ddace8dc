"""One coalition's update: from its repository to the disk, all or nothing (docs/store.md, Writing)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .errors import AnswerError, InterdictError
from .instance import Instance
from .loader import Saved
from .repository import Patience, Repository
from .walk import Fetch, Walked, WalkError, history_of, walk

Outcome = Literal["updated", "unchanged", "failed"]


@dataclass(frozen=True)
class Refreshed:
    """The result of one coalition's refresh."""

    coalition: str
    outcome: Outcome
    time: int
    """When it was asked for, in seconds since 1970."""
    why: str | None = None
    """Why it failed. The last good list still answers."""


@dataclass(frozen=True)
class Access:
    """How repositories are reached."""

    base: Path
    """Where relative paths start."""
    patience: Patience
    private: bool | frozenset[str]
    """The coalitions whose repository may be in a private network."""
    ended: Callable[[], bool]
    """Whether the gateway is about to close."""

    def repository(self, saved: Saved) -> Repository:
        """The repository that the enrolment names. Raises NotBrought if it names none that may be asked."""
        private = self.private if isinstance(self.private, bool) else saved.shelf.name in self.private
        location = str(saved.enrolment.get("repository") or "")
        return Repository(
            location, base=self.base, patience=self.patience, allow_private=private, ended=self.ended
        )


class _Fetching:
    """Brings files from a repository, and keeps what was verified before the next one is asked for."""

    def __init__(self, repository: Repository, saved: Saved) -> None:
        self._repository, self._saved = repository, saved
        self.sources = dict(saved.sources)

    def bring(self, fetch: Fetch) -> bytes | None:
        bring = self._repository.bring if fetch.is_metadata else self._repository.bring_target
        return bring(fetch.path, fetch.max_size)

    def keep(self, fetch: Fetch, data: bytes) -> None:
        self.sources[fetch.name] = self._saved.shelf.keep(fetch.name, data)


def update(instance: Instance, saved: Saved, access: Access, now: int) -> tuple[Outcome, Saved]:
    """Walks through the repository in this instance, which is the new state if nothing is raised, and saves it.

    The caller holds the coalition's lock. Raises WalkError, NotBrought, InterdictError or OSError; then the instance
    is of no use, and what was verified stays in `pending`.
    """
    shelf, name = saved.shelf, saved.shelf.name
    courier = _Fetching(access.repository(saved), saved)
    try:
        walked = walk(instance, name, "repository", now, courier)
    except WalkError:
        _remember(instance, saved, now)
        raise
    if not walked.completed:
        _remember(instance, saved, now)
        raise WalkError("the repository's files do not make up a release")
    contents = _contents(walked, courier.sources)
    current = saved.generations[0] if saved.generations else None
    outcome: Outcome = "unchanged"
    if current is None or not _is_generation(shelf.generation(current), contents):
        number = shelf.add_generation(contents)
        shelf.commit(number, current)
        contents = {file: shelf.generation(number) / file for file in contents}
        current, outcome = number, "updated"
    else:
        shelf.clear_pending()
    history = history_of(instance, name, now)
    shelf.save_history(history)
    return outcome, Saved(shelf, saved.enrolment, history, saved.keys, [current], pending=False, sources=contents)


def why(error: Exception) -> str:
    """What a person is told about a refresh that failed."""
    if isinstance(error, OSError) and not isinstance(error, InterdictError):
        return f"the state directory: {error.strerror or type(error).__name__}"
    return str(error)


def _remember(instance: Instance, saved: Saved, now: int) -> None:
    """Saves the versions that an unfinished update brought, so that the loss of its files is noticed."""
    history = history_of(instance, saved.shelf.name, now)
    if history != saved.history:
        saved.shelf.save_history(history)


def _contents(walked: Walked, sources: dict[str, Path]) -> dict[str, Path]:
    missing = [name for name in walked.files if name not in sources]
    if missing:
        raise AnswerError("the module names a file that it never asked for")
    return {name: sources[name] for name in walked.files}


def _is_generation(directory: Path, contents: dict[str, Path]) -> bool:
    """Whether the generation has exactly these files."""
    count = sum(1 for entry in directory.iterdir() if not entry.name.startswith(".")) if directory.is_dir() else 0
    return count == len(contents) and all(path.parent == directory for path in contents.values())
