"""Issuers' authorisation events: what they say about the merchant, and nothing about the payer.

`fixtures/issuers.json` of the repository has the cases, and its README the rules and each issuer's members.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from .card_number import holds_card_number
from .errors import InvalidError, NoMerchantError
from .members import Plan, read_members

_ACQUIRER: Final = re.compile("[0-9]{1,32}")
"""Three times the 11 digits of ISO 8583, for leading zeros."""
_CATEGORY: Final = re.compile("[0-9]{4}")
_ACCEPTOR: Final = 15
"""Bytes of a card acceptor's id in ISO 8583. One of no more is often all digits, and is no card number that matters."""
_LONGEST_ACCEPTOR: Final = 64
"""Bytes: four times that, for padding."""
_LONGEST_NAME: Final = 256
"""Bytes: more than any scheme sends."""
_ADDRESS: Final = re.compile(r"([^/\\?#]*)[/\\]*([^/\\?#]*)")
"""What stands before the first stop, and what stands behind the slashes there, up to the next."""


class Issuer(Enum):
    """Whose authorisation event it is, by the name that the project's gateway has for it."""

    STRIPE_ISSUING = "stripe-issuing"
    """Stripe Issuing, `issuing_authorization.request`."""
    ADYEN_RELAYED = "adyen-relayed"
    """Adyen, `balancePlatform.authorisation.relayed`."""
    LITHIC_ASA = "lithic-asa"
    """Lithic, Auth Stream Access."""
    MARQETA_JIT = "marqeta-jit"
    """Marqeta, Gateway JIT Funding."""


_PLANS: Final[dict[Issuer, Plan]] = {
    Issuer.STRIPE_ISSUING: {
        "type": "type",
        "data": {
            "object": {
                "network_data": {"acquiring_institution_id": "acquirer"},
                "merchant_data": {
                    "network_id": "acceptor",
                    "name": "name",
                    "category_code": "category",
                    "url": "url",
                },
            }
        },
    },
    Issuer.ADYEN_RELAYED: {
        "type": "type",
        "merchantData": {
            "acquirerId": "acquirer",
            "merchantId": "acceptor",
            "nameLocation": {"name": "name"},
            "mcc": "category",
        },
    },
    Issuer.LITHIC_ASA: {
        "merchant": {
            "acquiring_institution_id": "acquirer",
            "acceptor_id": "acceptor",
            "descriptor": "name",
            "mcc": "category",
        }
    },
    Issuer.MARQETA_JIT: {
        "acquirer": {"institution_id_code": "acquirer"},
        "card_acceptor": {"mid": "acceptor", "name": "name", "mcc": "category", "url": "url"},
    },
}
_TYPES: Final = {
    Issuer.STRIPE_ISSUING: "issuing_authorization.request",
    Issuer.ADYEN_RELAYED: "balancePlatform.authorisation.relayed",
}


@dataclass(frozen=True)
class IssuerEvent:
    """What is kept of an issuer's event, each as it was sent. What was not sent, or breaks a rule, is `None`."""

    acquirer: str | None
    """The acquiring institution's digits (ISO 8583, DE32)."""
    acceptor: str | None
    """The card acceptor's id (DE42)."""
    name: str | None
    """For people to read: it is never screened, and has no place in a log."""
    category: str | None
    """The merchant category code, four digits."""
    url: str | None
    """The merchant's web address; of one with a card-shaped run, scheme and host."""
    incomplete: tuple[str, ...]
    """Which of `acquirer`, `acceptor` and `url` could not be asked about, in this order; `url` only if it was dropped."""

    @property
    def identifiers(self) -> tuple[dict[str, str], ...]:
        """The `card_acceptor`, if both halves of it were sent."""
        if self.acquirer is None or self.acceptor is None:
            return ()
        return ({"kind": "card_acceptor", "value": f"{self.acquirer}/{self.acceptor}"},)

    def request(self) -> dict[str, Any]:
        """What to give to `Gateway.screen`. Half of a card acceptor is in it too, and an empty address for one that was
        dropped: the verdict of either is never clean.
        """
        request: dict[str, Any] = {"flow": "authorisation"}
        half = {"de32": self.acquirer, "de42": self.acceptor}
        if self.identifiers:
            request["identifiers"] = list(self.identifiers)
        elif self.acquirer is not None or self.acceptor is not None:
            request["iso8583"] = {name: value for name, value in half.items() if value is not None}
        if self.url is not None or "url" in self.incomplete:
            request["url"] = self.url or ""
        if self.category is not None:
            request["signals"] = {"mcc": self.category}
        return request


def read_issuer_event(issuer: Issuer, event: bytes) -> IssuerEvent:
    """What an authorisation event says about the merchant. `event` is the body as it was received, after its signature
    was verified over these bytes.

    Raises MalformedError for what is no event, and NoMerchantError for one of another type or that names nobody.
    """
    if not isinstance(issuer, Issuer) or not isinstance(event, (bytes, bytearray, memoryview)):
        raise InvalidError("an event is an Issuer and the bytes that were received")
    sent = read_members(event, _PLANS[issuer])
    if not _is_request(issuer, sent):
        raise NoMerchantError("the event is of another type")
    acquirer = _kept(sent.get("acquirer"), _is_acquirer)
    acceptor = _kept(sent.get("acceptor"), _is_acceptor)
    url, is_url_dropped = _web_address(sent.get("url"))
    if acquirer is None and acceptor is None and url is None:
        raise NoMerchantError("the event names no merchant")
    missing = {"acquirer": acquirer is None, "acceptor": acceptor is None, "url": is_url_dropped}
    return IssuerEvent(
        acquirer,
        acceptor,
        _kept(sent.get("name"), _is_name),
        _kept(sent.get("category"), _is_category),
        url,
        tuple(name for name, is_missing in missing.items() if is_missing),
    )


def _is_request(issuer: Issuer, sent: dict[str, str | None]) -> bool:
    wanted = _TYPES.get(issuer)
    # Older versions of Adyen's webhook name no type.
    is_left_out = issuer is Issuer.ADYEN_RELAYED and "type" not in sent
    return wanted is None or is_left_out or sent.get("type") == wanted


def _kept(text: str | None, rule: Callable[[str], bool]) -> str | None:
    return text if text is not None and rule(text) else None


def _is_acquirer(text: str) -> bool:
    return _ACQUIRER.fullmatch(text) is not None and not holds_card_number(text)


def _is_acceptor(text: str) -> bool:
    size = len(text.encode())
    may_be_card = size > _ACCEPTOR and holds_card_number(text)
    return not _is_blank(text) and size <= _LONGEST_ACCEPTOR and not may_be_card


def _is_name(text: str) -> bool:
    return not _is_blank(text) and len(text.encode()) <= _LONGEST_NAME and not holds_card_number(text)


def _is_category(text: str) -> bool:
    return _CATEGORY.fullmatch(text) is not None


def _is_blank(text: str) -> bool:
    return not text.strip(" ")


def _web_address(text: str | None) -> tuple[str | None, bool]:
    """The address, and whether one was dropped. The merchant writes it, so a card-shaped run in it cuts it to scheme and
    host, which alone are screened: nobody is to keep itself from being screened with a number in a path.
    """
    if text is None or _is_blank(text):
        return None, False
    if holds_card_number(text):
        scheme, host = _scheme_and_host(text)
        text = scheme + host
        if _is_blank(host) or holds_card_number(text):
            return None, True
    return text, False


def _scheme_and_host(address: str) -> tuple[str, str]:
    """The scheme with two slashes, or nothing, and the host, however many slashes stand before it."""
    first, behind = _ADDRESS.match(address).groups()  # type: ignore[union-attr]  # it matches any text
    is_scheme = first.endswith(":")
    authority = behind if is_scheme or not first else first
    return f"{first}//" if is_scheme else "", authority.rpartition("@")[2]
