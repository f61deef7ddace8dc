"""Named members of a JSON object. Everything else is checked to be JSON and skipped, and never becomes a value.

The parser of the standard library makes all of a text into values, keeps the last of two members with the same name,
and takes half a surrogate pair and `NaN`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from .errors import MalformedError

Plan = Mapping[str, "Plan | str"]
"""Which members of an object are read: a string by the word that it gets, an object by a plan of its own."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_PLAIN: Final = r'[^"\\\x00-\x1f]*'
_STRING: Final = re.compile(rf'"{_PLAIN}(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{{4}}){_PLAIN})*"')
_SCALAR: Final = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")
_NULL: Final = "n"
"""What `null` alone begins with."""


def read_members(text: bytes, plan: Plan) -> dict[str, str | None]:
    """The strings that a plan names, by their words. One that is absent or null is left out, and so is what should be an
    object and is none; what should be a string and is none is `None`.

    Raises MalformedError unless the text is one JSON object in UTF-8 whose planned members are there once.
    """
    try:
        decoded = bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        decoded = ""  # raised outside, since that error has the text
    reader = _Reader(decoded)
    reader.object(plan)
    if reader.at != len(reader.text):
        raise _malformed()
    return reader.found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[str, str | None] = {}
        self._space()

    def object(self, plan: Plan) -> None:
        """Reads an object, and the white space behind it."""
        self._take("{")
        names: set[str] = set()
        more = not self._is_next("}")
        while more:
            name = self._decoded()
            self._take(":")
            if name in plan:
                if name in names:
                    raise _malformed()
                names.add(name)
                self._planned(plan[name])
            else:
                self._skip()
            more = self._is_next(",")
            if not more:
                self._take("}")

    def _planned(self, plan: Plan | str) -> None:
        first = self.text[self.at : self.at + 1]
        if isinstance(plan, str):
            if first == '"':
                self.found[plan] = self._decoded()
                return
            if first != _NULL:
                self.found[plan] = None
        elif first == "{":
            self.object(plan)
            return
        self._skip()

    def _skip(self) -> None:
        """Passes over a value of any depth, in a loop: an event must not be able to use up the stack."""
        closing: list[str] = []
        while True:
            if self._is_next("{"):
                closing.append("}")
                if not self._is_next("}"):
                    self._name()
                    continue
                closing.pop()
            elif self._is_next("["):
                closing.append("]")
                if not self._is_next("]"):
                    continue
                closing.pop()
            else:
                self._match(_STRING if self.text[self.at : self.at + 1] == '"' else _SCALAR)
            while closing and not self._is_next(","):
                self._take(closing.pop())
            if not closing:
                return
            if closing[-1] == "}":
                self._name()

    def _name(self) -> None:
        self._match(_STRING)
        self._take(":")

    def _decoded(self) -> str:
        """A string of whole characters."""
        decoded: str = json.loads(self._match(_STRING))
        if _HALF_PAIR.search(decoded):
            raise _malformed()
        return decoded

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _malformed()
        self.at = match.end()
        self._space()
        return match[0]

    def _take(self, mark: str) -> None:
        if not self._is_next(mark):
            raise _malformed()

    def _is_next(self, mark: str) -> bool:
        """Whether a mark is next, which is then passed over with the white space behind it."""
        if not self.text.startswith(mark, self.at):
            return False
        self.at += 1
        self._space()
        return True

    def _space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at


def _malformed() -> MalformedError:
    return MalformedError("the event is not one JSON object that has each member once")
