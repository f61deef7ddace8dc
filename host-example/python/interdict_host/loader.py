"""Builds an instance from the store: configure, replay what was saved, then hand over secrets and choices."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .errors import RefusedError, StoreDamagedError, TrappedError
from .instance import Instance
from .module import Module
from .shelf import NO_HISTORY, Shelf
from .store import Stamp, Store
from .walk import Replay, Walked, WalkError, state_of, walk

HISTORY_DAMAGED: Final = -100
_MOST_READINGS: Final = 5


@dataclass(frozen=True)
class Choices:
    """What the program decides, besides what the store holds."""

    module: Module
    policy: str | None = None
    """JSON, handed to the module as it is."""
    receipts: str = "always"


@dataclass
class Saved:
    """What is on the disk for one coalition."""

    shelf: Shelf
    enrolment: dict[str, Any] = field(repr=False)  # it holds keys
    history: str
    keys: list[str] = field(repr=False)
    generations: list[int]
    """What to try, best first; one that does not load is removed."""
    damaged: list[Path] = field(default_factory=list)
    """Directories of generations that did not load. Their metadata may still keep older releases out."""
    pending: bool = True
    sources: dict[str, Path] = field(default_factory=dict)
    """Where each file that the module verified is, by its name."""

    @property
    def directories(self) -> list[Path]:
        """What may be newer than the generation that loads."""
        return [*self.damaged, *([self.shelf.pending] if self.pending else [])]


@dataclass
class Loaded:
    """A loaded instance, and what it was loaded from."""

    instance: Instance
    coalitions: dict[str, Saved]
    stamp: Stamp
    warnings: list[str]


class _Again(Exception):
    """Something does not load: begin again without it."""


def load(store: Store, choices: Choices, now: int) -> Loaded:
    """Loads the best generation of each coalition that is whole.

    Raises what keeps a gateway from starting: StoreDamagedError, RefusedError, TrappedError.
    """
    try:
        return _load(store, choices, now)
    except OSError as error:
        raise StoreDamagedError(f"{error.filename or store.path}: {error.strerror}") from error


def _load(store: Store, choices: Choices, now: int) -> Loaded:
    for reading in range(1, _MOST_READINGS + 1):
        stamp, warnings = store.stamp(), store.warnings()
        store.check_member_key()
        coalitions = {shelf.name: _read(shelf, warnings) for shelf in store.shelves()}
        while True:
            instance = Instance(choices.module)
            try:
                _configure(instance, coalitions, warnings, now)
                for saved in coalitions.values():
                    _replay_all(instance, saved, warnings, now)
            except _Again:
                instance.close()
                continue
            break
        # A generation that was replaced while it was read looks damaged: read again.
        if reading == _MOST_READINGS or not any(saved.damaged for saved in coalitions.values()) or store.stamp() == stamp:
            break
        instance.close()
    _hand_over(instance, store, choices, warnings, now)
    warnings.extend(sealed_keys(instance, coalitions, now))
    warnings.extend(_not_enrolled(choices, coalitions))
    return Loaded(instance, coalitions, stamp, warnings)


def _read(shelf: Shelf, warnings: list[str]) -> Saved:
    """What is there for one coalition. What is damaged is left out with a warning, and verdicts show it."""
    try:
        generations = shelf.generations()
    except StoreDamagedError as error:
        warnings.append(str(error))
        generations = []
    try:
        history = shelf.history()
    except StoreDamagedError as error:
        warnings.append(str(error))
        history = None
    history = NO_HISTORY if history is None else history
    return Saved(shelf, shelf.enrolment() or {}, history, shelf.opened_keys(warnings), generations)


def _configure(instance: Instance, coalitions: Mapping[str, Saved], warnings: list[str], now: int) -> None:
    while True:
        given = [
            {"name": name, "enrolment": saved.enrolment, "history": saved.history} for name, saved in coalitions.items()
        ]
        keys = [{"coalition": name, "key": key} for name, saved in coalitions.items() for key in saved.keys]
        try:
            instance.call("configure", {"coalitions": given, **({"keys": keys} if keys else {})}, now)
            return
        except RefusedError as error:
            place = re.fullmatch(r"coalitions\[(\d+)\]\.history", error.path or "")
            if error.code != HISTORY_DAMAGED or not place:
                raise
            saved = list(coalitions.values())[int(place[1])]
            warnings.append(f"{saved.shelf.path / 'history'} is damaged; run a refresh")
            saved.history = NO_HISTORY


def _replay_all(instance: Instance, saved: Saved, warnings: list[str], now: int) -> None:
    if saved.generations:
        _replay_generation(instance, saved, warnings, now)
    for directory in saved.directories:
        try:
            _replay(instance, saved, directory, now)
        except WalkError as error:  # the files of two updates need not fit together
            if not isinstance(error.__cause__, RefusedError):
                warnings.append(f"{directory}: {error}")
        except TrappedError:
            warnings.append(f"{directory} traps the module and is left out")
            if directory == saved.shelf.pending:
                saved.pending = False
            else:
                saved.damaged.remove(directory)
            raise _Again from None


def _replay_generation(instance: Instance, saved: Saved, warnings: list[str], now: int) -> None:
    number = saved.generations[0]
    directory = saved.shelf.generation(number)
    try:
        problem = None if _replay(instance, saved, directory, now).completed else "a file is missing"
    except (WalkError, TrappedError) as error:
        problem = str(error)
    if problem is None:
        return
    del saved.generations[0]
    saved.sources.clear()
    if not instance.trapped:
        saved.damaged.append(directory)
    instead = f"; generation {saved.generations[0]} is used instead" if saved.generations else ""
    warnings.append(f"{directory} does not load: {problem}{instead}; run a refresh")
    raise _Again


def _replay(instance: Instance, saved: Saved, directory: Path, now: int) -> Walked:
    courier = Replay(directory)
    try:
        walked = walk(instance, saved.shelf.name, "store", now, courier)
    finally:
        saved.sources |= courier.metadata
    if walked.completed:
        saved.sources |= courier.parts
    return walked


def _not_enrolled(choices: Choices, coalitions: Mapping[str, Saved]) -> list[str]:
    """Warnings about lists that the policy requires and no enrolment names; none before the first enrolment. The module
    has accepted the policy."""
    required = (json.loads(choices.policy or "{}").get("required") or {}) if coalitions else {}
    known = {name: saved.enrolment.get("lists") or [] for name, saved in coalitions.items()}
    return [
        f"{one} of coalition {name} is required but not enrolled, so no verdict is clean"
        for name, lists in required.items()
        for one in lists
        if one not in known.get(name, [])
    ]


def _hand_over(instance: Instance, store: Store, choices: Choices, warnings: list[str], now: int) -> None:
    """Secrets and choices come last: what was loaded does not depend on them."""
    message: dict[str, Any] = {"module": choices.module.sha256}
    if (key := store.receipt_key()) is not None:
        message["receipt_key"] = key
    if choices.receipts != "always":  # an older module does not know the member
        message["receipts"] = choices.receipts
    if store.lost():
        message["state_lost"] = True
    instance.call("configure", message, now)
    if choices.policy is not None:
        instance.call("configure", f'{{"policy":{choices.policy}}}', now)
    for kind in ("overrides", "clearances"):
        _give(instance, store, kind, warnings, now)


def _give(instance: Instance, store: Store, kind: str, warnings: list[str], now: int) -> None:
    """Gives all documents that the module takes. One that it refuses must not keep a gateway from opening."""
    try:
        documents = store.documents(kind)
    except (StoreDamagedError, OSError) as error:
        warnings.append(str(error))
        return
    taken: list[tuple[str, str]] = []
    for name, data in documents:
        text = base64.b64encode(data).decode()
        if why := _refusal(instance, kind, [text], now):
            warnings.append(f"{kind}/{name} is left out: {why}")
        else:
            taken.append((name, text))
    while documents and (why := _refusal(instance, kind, [text for _, text in taken], now)) and taken:
        warnings.append(f"{kind}/{taken.pop()[0]} is left out: {why}")


def _refusal(instance: Instance, kind: str, documents: list[str], now: int) -> str | None:
    try:
        instance.call("configure", {kind: documents}, now)
    except RefusedError as error:
        return str(error)
    return None


def sealed_keys(instance: Instance, coalitions: Mapping[str, Saved], now: int) -> list[str]:
    """Warnings about lists that only a sealed key reads: this host opens none."""
    try:
        states = state_of(instance, now)
    except RefusedError:
        return []
    return [
        f"{name}: a list lacks its key, and sealed keys are there; run interdict refresh, which opens sealed keys"
        for name in coalitions
        if (state := states.get(name))
        and state.get("sealed_keys")
        and any(entry.get("key") is False for entry in state.get("lists") or [])
    ]

