"""What can go wrong. No error is ever a verdict: a merchant that was not screened has not passed."""

from __future__ import annotations

from typing import ClassVar


class InterdictError(Exception):
    """The base of all errors of this package. `kind` is the same word in the hosts of all languages.

    `code` is the module's error code (docs/abi.md, Codes), or `None` if the host found the fault.
    """

    kind: ClassVar[str] = "error"
    code: int | None = None


class RefusedError(InterdictError):
    """The module refused a message. `str()` of it is the module's own sentence, which repeats nothing that was sent.

    A batch returns one of these in place of the verdict on a line that was refused.
    """

    kind = "refused"

    def __init__(
        self,
        sentence: str,
        code: int,
        name: str = "",
        path: str | None = None,
        text: str = "",
        receipt: dict[str, object] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.name = name
        """The code's name, such as `unknown_field`."""
        self.path = path
        """The place in the message, such as `identifiers[0]`, as far as the module knows it."""
        self.text = text
        """The answer as the module wrote it: an object with `error`."""
        self.receipt = receipt
        """The receipt of the refusal, if a receipt key is configured."""


class TrappedError(InterdictError):
    """The module trapped. The instance never answers again; a gateway replaces it by itself."""

    kind = "trapped"


class ForeignModuleError(InterdictError):
    """The bytes are no module of this ABI (docs/abi.md, What a host accepts)."""

    kind = "foreign_module"


class AnswerError(InterdictError):
    """The module's answer is not one that this host understands."""

    kind = "answer"


class StoreMissingError(InterdictError):
    """There is no state directory where one was expected."""

    kind = "store_missing"


class StoreDamagedError(InterdictError):
    """A file of the state directory cannot be used, and no warning would do instead."""

    kind = "store_damaged"


class StoreBusyError(InterdictError):
    """Another process is changing the state directory."""

    kind = "store_busy"


class EnrolmentDiffersError(InterdictError):
    """The coalition is enrolled already, with another root or without some of these keys."""

    kind = "enrolment_differs"


class NotScreenedError(InterdictError):
    """The verdict asks to hold, and this door cannot hold. The merchant has not passed."""

    kind = "not_screened"


class SelftestError(InterdictError):
    """The test merchants that every list has were not found, or a merchant that none has was."""

    kind = "selftest"


class ClosedError(InterdictError):
    """The gateway or instance is closed."""

    kind = "closed"


class InvalidError(InterdictError, ValueError):
    """An argument is wrong. The module was not asked."""

    kind = "invalid"


class MalformedError(InterdictError):
    """An issuer's event is not one JSON object, or a member of it that is read is there twice."""

    kind = "malformed"


class NoMerchantError(InterdictError):
    """An issuer's event is of another type, or names no merchant."""

    kind = "no_merchant"
