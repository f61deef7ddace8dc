"""Card-shaped runs (docs/identifiers.md, Card-shaped runs): by their form alone, whatever the check digit.

The module has the same rule for what is screened. This one is for what a host keeps of an event. Digits and letters are
those of the Unicode version that this Python has.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
"""Default_Ignorable_Code_Point, and marks on the digit before, such as the frame of a keycap."""
_DIGIT: Final = re.compile(
    r"[\d\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea"
    r"\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\U0001f100-\U0001f10c]"
)
"""Decimal digits of every script, and those that are raised, lowered, circled, in parentheses or with a full stop."""
_LETTERS: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Mc"})
_CIRCLED: Final = re.compile("[\u24b6-\u24e9\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]")
"""With the letters: what is Alphabetic, as far as Python knows that property."""
_FEWEST: Final = 12
"""Digits on a track; every other run has more."""
_RUN: Final = re.compile(r"(?<![DL])(?:D{13,}|D{4}([^DL]+)(?:D{4}\1D{4}\1D{4}|D{6}\1D{4,5}))(?![DL])")
"""Unbroken, or in printed groups with the same separator: 4-4-4-4 (also at the front of 4-4-4-4-3), 4-6-4, 4-6-5."""
_TRACK: Final = re.compile(r"B[0-9]{12,19}\^|(?<![0-9A-Za-z])[0-9]{12,19}D[0-9]{7,}(?![0-9A-Za-z])")
"""ISO/IEC 7813: track 1, and track 2 as messages carry it."""
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{2}")


def holds_card_number(text: str) -> bool:
    """Whether a text holds a card-shaped run, as it is or with its percent escapes resolved."""
    return _holds(text) or ("%" in text and _holds(_unescaped(text)))


def _holds(text: str) -> bool:
    if len(_DIGIT.findall(text)) < _FEWEST:
        return False
    letters = ("L" if unicodedata.category(c) in _LETTERS else c for c in _INVISIBLE.sub("", text))
    form = _DIGIT.sub("D", _CIRCLED.sub("L", "".join(letters)))
    return _RUN.search(form) is not None or _TRACK.search(text) is not None


def _unescaped(text: str) -> str:
    """Escapes resolved until none is left, in one pass: each byte completes at most one after another."""
    resolved = bytearray()
    for byte in text.encode():
        resolved.append(byte)
        while len(resolved) > 2 and resolved[-3] == ord("%"):
            if not _HEX.fullmatch(resolved, len(resolved) - 2):
                break
            resolved[-3:] = bytes.fromhex(resolved[-2:].decode())
    return resolved.decode(errors="replace")
