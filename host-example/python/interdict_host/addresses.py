"""Which machines a repository may be on: a coalition's file must not make a gateway ask its own machine."""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Final, Union

REFUSED: Final = "the repository is on this machine or in a private network; if that is meant, give allow_private"

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

_PRIVATE: Final = [
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
    )
]  # fmt: skip


def is_public(address: Address) -> bool:
    """Whether an address is of the internet (RFC 6890). One that carries an address of version 4 is as that one:
    mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056)."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _PRIVATE)
    number = int(address)
    first, second, third = (number >> shift & 0xFFFF for shift in (112, 96, 80))
    last = ipaddress.IPv4Address(number & 0xFFFFFFFF)
    if number >> 48 == 0:
        return number >> 32 != 0 and is_public(last)
    if (first, second) == (0x64, 0xFF9B):
        return third != 1 and is_public(last)
    if first == 0x2002:
        return is_public(ipaddress.IPv4Address(number >> 80 & 0xFFFFFFFF))
    # Unique local, link-local and site-local, multicast.
    return not (first & 0xFE00 == 0xFC00 or first & 0xFF80 == 0xFE80 or first & 0xFF00 == 0xFF00)


def is_public_name(host: str) -> bool:
    """The same of the host of a URL, as far as its text shows."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return is_public(ipaddress.ip_address(name.split("%")[0]))
    except ValueError:
        return name != "localhost" and not name.endswith(".localhost")


def resolved(host: str, port: int, seconds: float, allow_private: bool) -> list[tuple[str, int]]:
    """The addresses of a host that a repository may have.

    Raises TimeoutError, OSError if there is no such host, and PermissionError if all addresses are private ones.
    """
    found: list[object] = []

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys((str(entry[4][0]), port) for entry in entries))
        except (OSError, UnicodeError) as error:
            found.append(error)

    # The system's resolver has no time limit of its own.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError
    addresses = [entry for entry in found if isinstance(entry, tuple)]
    if not addresses:
        raise socket.gaierror("no such host")
    if allow_private:
        return addresses
    public = [entry for entry in addresses if is_public(ipaddress.ip_address(entry[0].split("%")[0]))]
    if not public:
        raise PermissionError(REFUSED)
    return public

