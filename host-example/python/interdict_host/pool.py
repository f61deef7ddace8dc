"""A few equal instances that threads take turns with."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .errors import ClosedError
from .instance import Instance


class Pool:
    """Instances with the same lists. One that trapped is replaced: by a clone, or by `load`."""

    def __init__(self, first: Instance, size: int, load: Callable[[], Instance]) -> None:
        self._changed = threading.Condition()
        self._idle = [first]
        self._load = load
        self._lacking = 0  # how many instances trapped and were not replaced yet
        self._retired = False
        self._idle.extend(first.clone() for _ in range(size - 1))

    def take(self) -> Instance:
        """An instance for this thread alone, to be given back. Raises ClosedError once the pool is retired."""
        with self._changed:
            while not self._idle and not self._lacking and not self._retired:
                self._changed.wait()
            if self._retired:
                raise ClosedError("the gateway is closed")
            if self._idle:
                return self._idle.pop()
            self._lacking -= 1
        try:
            return self._load()
        except BaseException:
            self._lack()
            raise

    def give_back(self, instance: Instance) -> None:
        """Whatever happened to it. One that trapped is replaced."""
        if instance.trapped:
            instance.close()
            return self._replace()
        with self._changed:
            if not self._retired:
                self._idle.append(instance)
                self._changed.notify()
                return
        instance.close()

    def retire(self) -> None:
        """Nobody gets an instance any more. Idle ones are closed now, the others when they come back."""
        with self._changed:
            self._retired = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for instance in idle:
            instance.close()

    def _replace(self) -> None:
        """Clones an idle instance in place of one that trapped. Without one, the next caller loads it."""
        with self._changed:
            model = self._idle.pop() if self._idle else None
        if model is None:
            return self._lack()
        try:
            clone = model.clone()
        except Exception:
            self._lack()
        else:
            self.give_back(clone)
        finally:
            self.give_back(model)

    def _lack(self) -> None:
        with self._changed:
            self._lacking += 1
            self._changed.notify()
