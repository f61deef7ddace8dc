"""A gateway: instances loaded from a state directory, which screen, refresh and replace each other."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, Union

from .batch import Answer, lines_of, screen_lines
from .errors import ClosedError, InterdictError, InvalidError, RefusedError, SelftestError, StoreDamagedError
from .instance import Instance, Message, as_bytes
from .loader import Choices, Loaded, Saved, load, sealed_keys
from .module import Module
from .pool import Pool
from .refresh import Access, Refreshed, update, why
from .repository import Patience
from .shelf import NO_HISTORY
from .store import Stamp, Store
from .verdict import LISTED, Verdict
from .walk import NotBrought, WalkError, state_of

Receipts = Literal["always", "findings", "never"]
OnReceipt = Callable[[str, Union[Verdict, RefusedError]], object]

MONITORED_MERCHANT: Final = "monitor.listed.test"
TEST_MERCHANTS: Final = (MONITORED_MERCHANT, "review.listed.test", "hold-payout.listed.test", "block.listed.test")
CLEAN_MERCHANT: Final = "clean.test"


@dataclass(frozen=True)
class Status:
    """What a gateway answers from, and how its last refreshes went."""

    coalitions: list[dict[str, Any]]
    """The module's own `state` of each coalition (docs/abi.md, state)."""
    refreshed: dict[str, Refreshed]
    """The last refresh of each coalition since the gateway was opened."""
    warnings: list[str]
    """What a person should look at."""
    traps: int
    """How many instances trapped and were replaced. No message should do this: report it."""


@dataclass(frozen=True)
class _Live:
    """What answers now. Replaced as a whole."""

    pool: Pool
    coalitions: dict[str, Saved]
    stamp: Stamp
    warnings: list[str]


class Gateway:
    """Screens merchants. Threads may share it: each call borrows one of a few equal instances.

    At 3 to 15 microseconds a screening, a small pool serves a machine. Use it as a context manager, or call `close`.

        with Gateway.open("state", policy={"required": {"se": ["se/merchants"]}}) as gateway:
            verdict = gateway.screen({"flow": "payout", "identifiers": [{"kind": "domain", "value": "shop.example"}]})
    """

    def __init__(self, store: Store, choices: Choices, access: Access, workers: int, clock: Callable[[], float]) -> None:
        """Use `Gateway.open`."""
        self._store, self._choices, self._workers, self._clock = store, choices, workers, clock
        self._ending = threading.Event()
        self._access = Access(access.base, access.patience, access.private, self._ending.is_set)
        self._on_receipt: OnReceipt | None = None
        self._refreshing = threading.Lock()
        self._swapping = threading.Lock()
        self._calls = threading.Condition()
        self._in_flight, self._closed, self._traps = 0, False, 0
        self._refreshed: dict[str, Refreshed] = {}
        self._notes: list[str] = []
        self._refresher: tuple[threading.Thread, threading.Event] | None = None
        self._live = self._pooled(load(store, choices, self._now(None)))

    @classmethod
    def open(
        cls,
        state: str | os.PathLike[str],
        *,
        policy: Message | None = None,
        enrolments: Iterable[Message] = (),
        workers: int | None = None,
        module: Module | None = None,
        clock: Callable[[], float] = time.time,
        receipts: Receipts = "always",
        on_receipt: OnReceipt | None = None,
        allow_private: bool | Collection[str] = False,
        patience: Patience | None = None,
    ) -> Gateway:
        """Loads the state directory `state`.

        `policy` is an object with the lists that must answer (docs/scoring.md); without one, no verdict is clean.
        `enrolments` are enrolment files: each is enrolled first if the directory lacks its coalition (`Store.enrol`). `workers` is
        how many instances to load, by default one for each processor and at most 4. `module` is by default the one
        that came with this package. `clock` gives seconds since 1970 and must advance: one that stands still makes
        verdicts doubtful (`clock_stopped`). `receipts` says which answers have a receipt. `on_receipt` is
        called with the JSON of each receipt, without a line feed, and its Verdict or RefusedError. What it raises
        reaches the caller of the screening, who then has no answer: a batch stops at that receipt.
        `allow_private` names the coalitions whose repository may be in a private network, or is True for all.

        Raises StoreMissingError, StoreDamagedError, StoreBusyError, EnrolmentDiffersError, RefusedError or InvalidError.
        """
        if receipts not in ("always", "findings", "never"):
            raise InvalidError("receipts are always, findings or never")
        if workers is not None and workers < 1:
            raise InvalidError("a gateway has at least one worker")
        if not callable(clock):
            raise InvalidError("a clock is a function that gives seconds since 1970")
        if isinstance(enrolments, (bytes, str, Mapping)):
            raise InvalidError("enrolments are a list of enrolment files")
        choices = Choices(module or Module(), None if policy is None else _policy(policy), receipts)
        given = [as_bytes(enrolment) for enrolment in enrolments]
        store = Store.create(state) if given else Store.open(state)
        for enrolment in given:
            store.enrol(enrolment, module=choices.module, now=clock())
        private = allow_private if isinstance(allow_private, bool) else frozenset(allow_private)
        access = Access(store.path.absolute().parent, patience or Patience(), private, lambda: False)
        gateway = cls(store, choices, access, workers or min(4, os.cpu_count() or 1), clock)
        gateway._on_receipt = on_receipt
        return gateway

    def screen(self, request: Message, now: float | None = None) -> Verdict:
        """The verdict on one request (docs/abi.md, screen). Many at a time cost less: `screen_batch`.

        Raises RefusedError for a request that the module does not take, TrappedError, AnswerError or ClosedError:
        none of them is a pass.
        """
        message, at = as_bytes(request), self._now(now)
        try:
            with self._borrowed() as instance:
                text = instance.call("screen", message, at).decode()
        except RefusedError as error:
            self._hand_out([error])
            raise
        verdict = Verdict(text)
        self._hand_out([verdict])
        return verdict

    def screen_batch(self, requests: bytes | str | Iterable[Message], now: float | None = None) -> list[Answer]:
        """The answer to each request, in order: its verdict, or the RefusedError that it would have raised.

        `requests` is newline-delimited JSON, or any number of requests. This is the call to use.
        """
        lines, at = lines_of(requests), self._now(now)
        with self._borrowed() as instance:
            answers = screen_lines(instance, lines, at)
        self._hand_out(answers)
        return answers

    def refresh(self, now: float | None = None) -> list[Refreshed]:
        """Updates each coalition from its repository, one after the other. What fails is told, and the last good
        list goes on answering."""
        at = self._now(now)
        with self._entered(), self._refreshing:
            names = sorted({*self._live.coalitions, *self._store.enrolled()})
            results = [self._refresh_one(name, at) for name in names]
            self._store.take_stock()
            return results

    def reload_if_changed(self, now: float | None = None) -> bool:
        """Loads the state directory again if another program changed it. Returns whether it did."""
        at = self._now(now)
        with self._entered(), self._swapping:
            if self._store.stamp() == self._live.stamp:
                return False
            self._swap(self._pooled(load(self._store, self._choices, at)))
            return True

    def status(self, now: float | None = None) -> Status:
        """What is live, and what a person should look at."""
        at = self._now(now)
        with self._borrowed() as instance:
            coalitions = list(state_of(instance, at).values())
        return Status(coalitions, dict(self._refreshed), [*self._live.warnings, *self._notes], self._traps)

    def selftest(self, now: float | None = None) -> None:
        """Screens the merchants that every list has, and one that none has (docs/identifiers.md). A compact list has none
        that asks to monitor.

        Raises SelftestError unless the lists found exactly those. Run it at the start, before traffic.
        """
        names = [*TEST_MERCHANTS, CLEAN_MERCHANT]
        requests = [{"flow": "onboarding", "identifiers": [{"kind": "domain", "value": name}]} for name in names]
        with self._borrowed() as instance:
            answers = screen_lines(instance, lines_of(requests), self._now(now))
        for name, answer in zip(names, answers):
            if isinstance(answer, RefusedError):
                raise SelftestError(f"{name}: {answer}") from answer
            if name == MONITORED_MERCHANT and _is_compact(answer):
                continue
            if _is_listed(answer) != (name != CLEAN_MERCHANT):
                raise SelftestError(f"{name} was {'found' if name == CLEAN_MERCHANT else 'not found'}")

    def start_refreshing(self, interval: float = 3600, jitter: float = 300) -> None:
        """Refreshes in a thread, every `interval` seconds and up to `jitter` more, so that gateways do not ask all at
        once. The first time is within `jitter`. Whatever goes wrong is in `status`."""
        if interval <= 0 or jitter < 0:
            raise InvalidError("an interval is above 0, and jitter not below")
        with self._entered():
            self.stop_refreshing()
            stop = threading.Event()
            arguments = stop, interval, jitter
            thread = threading.Thread(target=self._refresh_again, args=arguments, name="interdict-refresh", daemon=True)
            self._refresher = thread, stop
            thread.start()

    def stop_refreshing(self) -> None:
        """Ends the thread of `start_refreshing` once a refresh that runs has ended."""
        if self._refresher is not None:
            thread, stop = self._refresher
            self._refresher = None
            stop.set()
            if thread is not threading.current_thread():
                thread.join()

    def close(self) -> None:
        """Waits for the calls in flight and gives all memory back. Every later call raises ClosedError, but `close` may
        be called again."""
        with self._calls:
            self._closed = True
        self._ending.set()  # a refresh ends before its next file
        self.stop_refreshing()
        with self._calls:
            while self._in_flight:
                self._calls.wait()
        self._live.pool.retire()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Gateway {str(self._store.path)!r}>"

    def _now(self, given: float | None) -> int:
        try:
            return int(self._clock() if given is None else given)
        except (TypeError, ValueError, OverflowError):
            raise InvalidError("a time is a number of seconds since 1970") from None

    @contextmanager
    def _entered(self) -> Iterator[None]:
        """While it lasts, `close` waits."""
        with self._calls:
            if self._closed:
                raise ClosedError("the gateway is closed")
            self._in_flight += 1
        try:
            yield
        finally:
            with self._calls:
                self._in_flight -= 1
                if not self._in_flight:
                    self._calls.notify_all()

    @contextmanager
    def _borrowed(self) -> Iterator[Instance]:
        """An instance of the pool that is live now. A call that it was given before a swap ends on it."""
        with self._entered():
            pool, instance = self._take()
            try:
                yield instance
            finally:
                if instance.trapped:
                    with self._calls:
                        self._traps += 1
                pool.give_back(instance)

    def _take(self) -> tuple[Pool, Instance]:
        while True:
            pool = self._live.pool
            try:
                return pool, pool.take()
            except ClosedError:
                if pool is self._live.pool:
                    raise

    def _hand_out(self, answers: list[Answer]) -> None:
        """Gives each receipt to the program, after the instance went back to the pool."""
        if self._on_receipt is None:
            return
        for answer in answers:
            if answer.receipt is not None:
                self._on_receipt(json.dumps(answer.receipt, ensure_ascii=False, separators=(",", ":")), answer)

    def _refresh_one(self, name: str, now: int) -> Refreshed:
        try:
            with self._store.changing(name):
                result = Refreshed(name, self._update(name, now), now)
        except (InterdictError, NotBrought, WalkError, OSError) as error:
            result = Refreshed(name, "failed", now, why(error))
        self._refreshed = {**self._refreshed, name: result}
        return result

    def _update(self, name: str, now: int) -> Any:
        """Walks in a clone, which then answers. The caller holds the coalition's lock."""
        live = self._live
        loaded = self._walking(live, name, now)
        saved = loaded.coalitions.get(name)
        if saved is None:
            raise StoreDamagedError(f"{name} is not enrolled any more")
        try:
            outcome, new = update(loaded.instance, saved, self._access, now)
        except BaseException as error:
            loaded.instance.close()
            if isinstance(error, WalkError) and saved.shelf.pending.exists():
                # What it kept is newer than some lists: say so now, as after a restart.
                with self._swapping:
                    self._swap(self._pooled(load(self._store, self._choices, now)))
            raise
        coalitions = {**loaded.coalitions, name: new}
        stamp = {place: at for place, at in loaded.stamp.items() if not place.startswith(f"{name}/")}
        stamp |= {place: at for place, at in self._store.stamp().items() if place.startswith(f"{name}/")}
        mended = (f"{name}: ", *(f"{saved.shelf.path}/{part}" for part in ("current", "generation-", "history", "pending")))
        warnings = [text for text in loaded.warnings if not text.startswith(mended)]
        warnings += sealed_keys(loaded.instance, {name: new}, now)
        with self._swapping:
            # Another program changed the rest meanwhile; or what was verified without a history goes on saying so.
            if self._live is not live or saved.history == NO_HISTORY:
                loaded.instance.close()
                self._swap(self._pooled(load(self._store, self._choices, now)))
            else:
                self._swap(self._pooled(Loaded(loaded.instance, coalitions, stamp, warnings)))
        return outcome

    def _walking(self, live: _Live, name: str, now: int) -> Loaded:
        """A clone to walk in. If the directory has something else than what is live, it is loaded instead."""
        saved = live.coalitions.get(name)
        if saved is None or saved.shelf.pending.exists() or self._store.stamp() != live.stamp:
            return load(self._store, self._choices, now)
        with self._borrowed() as instance:
            if self._live is live:
                return Loaded(instance.clone(), live.coalitions, live.stamp, live.warnings)
        return load(self._store, self._choices, now)

    def _pooled(self, loaded: Loaded) -> _Live:
        pool = Pool(loaded.instance, self._workers, self._load_again)
        return _Live(pool, loaded.coalitions, loaded.stamp, loaded.warnings)

    def _load_again(self) -> Instance:
        return load(self._store, self._choices, self._now(None)).instance

    def _swap(self, live: _Live) -> None:
        """Waits for nobody: calls in flight end on the old instances."""
        old, self._live = self._live, live
        old.pool.retire()

    def _refresh_again(self, stop: threading.Event, interval: float, jitter: float) -> None:
        wait = random.uniform(0, jitter)
        while not stop.wait(wait):
            try:
                self.refresh()
            except ClosedError:
                return
            except Exception as error:
                self._notes = [f"a refresh did not end: {error}"]
            wait = interval + random.uniform(0, jitter)


def _policy(policy: Message) -> str:
    """The text of a policy, which is one object. What is in it only the module reads."""
    text = as_bytes(policy).decode(errors="replace")
    try:
        if isinstance(json.loads(text), dict):
            return text
    except (ValueError, RecursionError):
        pass
    raise InvalidError("a policy is an object of JSON")


def _is_listed(verdict: Verdict) -> bool:
    return verdict.because in LISTED or any(reason.get("code") in ("listed", "candidate") for reason in verdict.reasons)


def _is_compact(verdict: Verdict) -> bool:
    """Whether lists were asked, and none of them is a member edition."""
    return bool(verdict.lists) and all(asked.get("edition") != "member" for asked in verdict.lists)
