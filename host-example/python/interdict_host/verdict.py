"""What the module answers to a request, and what a door does with it."""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from .errors import AnswerError, InvalidError, NotScreenedError

Decision = Literal["pass", "hold", "refuse"]

ACTIONS: Final = frozenset({"allow", "monitor", "review", "hold_payout", "block"})
FLOWS: Final = frozenset({"onboarding", "authorisation", "checkout", "payout"})
HOLDING_FLOWS: Final = frozenset({"onboarding", "payout"})
"""The flows in which somebody can wait for an answer."""
LISTED: Final = frozenset({"record", "candidate"})
"""The values of `because` that say a list has the merchant."""


class Verdict:
    """A verdict on one request (docs/abi.md, screen). Its members never change."""

    __slots__ = ("_members", "action", "because", "degraded", "score", "text")

    def __init__(self, text: str) -> None:
        """Reads an answer of the module.

        Raises AnswerError unless the action is one of the five words and `degraded` a boolean.
        """
        try:
            members = json.loads(text)
        except ValueError:
            raise AnswerError("the module's answer is not JSON") from None
        action = members.get("action") if isinstance(members, dict) else None
        if not isinstance(action, str) or action not in ACTIONS or not isinstance(members.get("degraded"), bool):
            raise AnswerError("the module's answer is not one this host understands")
        self.text: str = text
        """The answer as the module wrote it; in a batch without the member `line`."""
        self.action: str = action
        """`allow`, `monitor`, `review`, `hold_payout` or `block`."""
        self.because: str | None = members.get("because")
        """Why the action is above `allow`, in one word (docs/scoring.md, Because)."""
        self.score: int | None = members.get("score")
        """0 to 1000, as docs/scoring.md says."""
        self.degraded: bool = members["degraded"]
        """Whether a list that must answer could not in full, or time or state is in doubt."""
        self._members: dict[str, Any] | None = None  # thousands of verdicts would take ten times their text

    @property
    def members(self) -> dict[str, Any]:
        """All members of the answer, read from `text` when they are first asked for."""
        if self._members is None:
            self._members = json.loads(self.text)
        return self._members

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """What counted, the most important first."""
        return self.members.get("reasons") or []

    @property
    def lists(self) -> list[dict[str, Any]]:
        """The lists that were asked, with their age."""
        return self.members.get("lists") or []

    @property
    def doubts(self) -> list[str]:
        """Why time or state is in doubt."""
        return self.members.get("doubts") or []

    @property
    def receipt(self) -> dict[str, Any] | None:
        """The receipt, to be kept as it is; `None` without a receipt key."""
        return self.members.get("receipt")

    @property
    def reference(self) -> str | None:
        """The request's own `reference`, if it has one."""
        return self.members.get("reference")

    def decision(self, flow: str, holds: bool = True) -> Decision:
        """What a door of this flow does: see `decision`."""
        return decision(self.action, self.because, flow, holds)

    def __repr__(self) -> str:
        because = f" because {self.because}" if self.because else ""
        return f"<Verdict {self.action}{because}{', degraded' if self.degraded else ''}>"


def decision(action: str, because: str | None, flow: str, holds: bool = True) -> Decision:
    """What a door does with a verdict: the table of docs/abi.md, The verdict as a number.

    `flow` is `onboarding`, `authorisation`, `checkout` or `payout`. `holds` says whether this door can hold a merchant
    or payment back until a person has looked. One that cannot refuses what a list has.

    Raises NotScreenedError if it must hold, cannot, and no list has the merchant, and InvalidError for an unknown word.
    """
    if action not in ACTIONS:
        raise InvalidError("an action is allow, monitor, review, hold_payout or block")
    if flow not in FLOWS:
        raise InvalidError("a flow is onboarding, authorisation, checkout or payout")
    if action == "block":
        return "refuse"
    if action in ("allow", "monitor") or flow not in HOLDING_FLOWS:
        return "pass"
    if holds:
        return "hold"
    if because in LISTED:
        return "refuse"
    raise NotScreenedError("the verdict asks to hold, and this door cannot")
