"""A host of Interdict's module in Python: screens merchants against signed lists, in the process.

    from interdict_host import Gateway

    with Gateway.open("state", policy={"required": {"se": ["se/merchants"]}}) as gateway:
        for answer in gateway.screen_batch(open("requests.ndjson", "rb").read()):
            print(answer.text)

`Gateway` does everything. Below it are `Store`, the directory that is kept between runs, and `Instance`, one engine
of the `Module`. A `Verdict` becomes what a door does by `decision`. No `InterdictError` is ever a verdict.
`read_issuer_event` reads what an issuer's authorisation event says about the merchant.
"""

from ._version import VERSION
from .batch import Answer
from .errors import (
    AnswerError,
    ClosedError,
    EnrolmentDiffersError,
    ForeignModuleError,
    InterdictError,
    InvalidError,
    MalformedError,
    NoMerchantError,
    NotScreenedError,
    RefusedError,
    SelftestError,
    StoreBusyError,
    StoreDamagedError,
    StoreMissingError,
    TrappedError,
)
from .gateway import Gateway, Status
from .instance import Instance, Message
from .issuers import Issuer, IssuerEvent, read_issuer_event
from .module import Module
from .refresh import Refreshed
from .repository import Patience
from .store import Store
from .verdict import Decision, Verdict, decision

__version__ = VERSION

__all__ = [
    "Answer",
    "AnswerError",
    "ClosedError",
    "Decision",
    "EnrolmentDiffersError",
    "ForeignModuleError",
    "Gateway",
    "Instance",
    "InterdictError",
    "InvalidError",
    "Issuer",
    "IssuerEvent",
    "MalformedError",
    "Message",
    "Module",
    "NoMerchantError",
    "NotScreenedError",
    "Patience",
    "Refreshed",
    "RefusedError",
    "SelftestError",
    "Status",
    "Store",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreMissingError",
    "TrappedError",
    "Verdict",
    "decision",
    "read_issuer_event",
]
