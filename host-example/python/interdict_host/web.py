"""A repository on a web server, asked with the standard library alone: no proxies, no cookies, no encodings."""

from __future__ import annotations

import base64
import http.client
import io
import re
import selectors
import socket
import ssl
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from . import addresses
from ._version import VERSION
from .walk import NotBrought

if TYPE_CHECKING:
    from .repository import Patience

MAX_REDIRECTS: Final = 3
REDIRECTS: Final = (301, 302, 303, 307, 308)
USER_AGENT: Final = f"interdict-python/{VERSION}"
PORTS: Final = {"http": 80, "https": 443}
_GLANCE: Final = 0.5
"""Seconds between two looks whether the gateway is about to close."""
_FORM: Final = "a repository is a path, or a URL that starts with https:, http: or file:"
_ADDRESS: Final = re.compile(r"[!-~]+")


class HttpRepository:
    """A web server, by its base URL. A name and password in the URL are sent, and never shown."""

    def __init__(self, location: str, patience: Patience, allow_private: bool, ended: Callable[[], bool]) -> None:
        """Raises NotBrought for what is no base URL, and for a private one unless `allow_private`."""
        url = _url(location)
        if url is None or url.query or url.fragment or "?" in location or "#" in location:
            raise NotBrought(_FORM)
        host = url.hostname or ""
        if not allow_private and not addresses.is_public_name(host):
            raise NotBrought(addresses.REFUSED)
        self._origin = _origin(url)
        self._path = url.path.rstrip("/")
        self._patience, self._allow_private, self._ended = patience, allow_private, ended
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._headers = {
            "Host": url.netloc.rpartition("@")[2],
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        if url.username is not None:
            pair = unquote_to_bytes(url.username) + b":" + unquote_to_bytes(url.password or "")
            self._headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()

    def open(self, path: str, most: int, until: float) -> Body | None:
        """Begins to read a file of at most `most` bytes; `None` if the server says it has none.

        The whole file ends by `until`, a time of the monotonic clock, or earlier. Raises NotBrought.
        """
        until = min(until, time.monotonic() + self._patience.file)
        target = f"{self._path}/{path}"
        for _ in range(MAX_REDIRECTS + 1):
            body = self._ask(target, until)
            status = body.response.status
            if status == 200:
                if (body.response.length or 0) > most:
                    body.close()
                    raise NotBrought("the file is larger than it can be")
                return body
            body.close()
            if status in (404, 410):
                return None
            if status in REDIRECTS:
                target = self._within(body.response.getheader("Location") or "", status)
            elif status == 403:
                raise NotBrought("the server answered 403; for a file it does not have it must answer 404")
            else:
                raise NotBrought(f"the server answered {status}")
        raise NotBrought("too many redirects")

    def _ask(self, target: str, until: float) -> Body:
        try:
            channel = self._connect(until)
        except (OSError, ValueError) as error:
            raise NotBrought(_told(error)) from None
        response = http.client.HTTPResponse(channel, method="GET")  # type: ignore[arg-type]
        body = Body(response, channel)
        try:
            head = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in self._headers.items()), "", ""]
            channel.until = min(until, time.monotonic() + self._patience.response)
            channel.send("\r\n".join(head).encode("latin-1"))
            response.begin()
        except BaseException as error:
            body.close()
            if isinstance(error, (OSError, http.client.HTTPException, ValueError)):
                raise NotBrought(_told(error)) from None
            raise
        channel.until = until
        return body

    def _connect(self, until: float) -> _Channel:
        _, host, port = self._origin
        wait = min(self._patience.connect, _left(until))
        found = addresses.resolved(host, port, wait, self._allow_private)
        by = min(until, time.monotonic() + self._patience.connect)
        failure: OSError = ConnectionError()
        for address in found:
            try:
                connection = socket.create_connection(address, timeout=_left(by))
            except OSError as error:
                failure = error
                continue
            try:
                connection.settimeout(_left(by))
                if self._tls is not None:
                    connection = _secured(self._tls, connection, host, by)
                return _Channel(connection, until, self._ended)
            except BaseException:
                connection.close()
                raise
        raise failure

    def _within(self, location: str, status: int) -> str:
        """The path of a redirect on the same server. Raises NotBrought for any other."""
        elsewhere = NotBrought(f"{status}: redirected elsewhere")
        if not _ADDRESS.fullmatch(location):
            raise elsewhere
        if location.startswith("/") and not location.startswith("//"):
            return location.partition("#")[0]
        url = _url(location)
        if url is None or "@" in url.netloc or _origin(url) != self._origin:
            raise elsewhere
        return (url.path or "/") + (f"?{url.query}" if url.query else "")


class Body:
    """The body of an answer, while it is read."""

    def __init__(self, response: http.client.HTTPResponse, channel: _Channel) -> None:
        self.response, self._channel = response, channel

    def read(self, size: int) -> bytes:
        """At most this many bytes; none at the end. Raises NotBrought."""
        try:
            data = self.response.read(size) if size else b""
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotBrought(_told(error)) from None
        if size and not data and self.response.length:
            raise NotBrought("the connection ended early")
        return data

    def close(self) -> None:
        """Ends the connection."""
        self.response.close()
        self._channel.close()


class _Channel(io.RawIOBase):
    """A connection on which everything ends by a time, however slowly the server drips."""

    def __init__(self, connection: socket.socket, until: float, ended: Callable[[], bool]) -> None:
        self._connection, self._ended = connection, ended
        self.until = until

    def makefile(self, _mode: str) -> Any:
        """What `HTTPResponse` reads from."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ended():
            self._connection.settimeout(min(_left(self.until), _GLANCE))
            try:
                return self._connection.recv_into(buffer)
            except TimeoutError:
                continue
        raise TimeoutError

    def send(self, data: bytes) -> None:
        self._connection.settimeout(_left(self.until))
        self._connection.sendall(data)

    def close(self) -> None:
        self._connection.close()
        super().close()


def _secured(tls: ssl.SSLContext, connection: socket.socket, host: str, until: float) -> socket.socket:
    """Shakes hands by a time, however slowly the server answers."""
    secured = tls.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)
    secured.settimeout(0)
    while True:
        with selectors.DefaultSelector() as selector:
            try:
                secured.do_handshake()
                return secured
            except ssl.SSLWantReadError:
                selector.register(secured, selectors.EVENT_READ)
            except ssl.SSLWantWriteError:
                selector.register(secured, selectors.EVENT_WRITE)
            selector.select(_left(until))


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _url(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text)
        fine = url.scheme in PORTS and bool(url.hostname) and _ADDRESS.fullmatch(text) and url.port != 0
    except ValueError:
        return None
    return url if fine else None


def _origin(url: SplitResult) -> tuple[str, str, int]:
    return url.scheme, (url.hostname or "").lower(), url.port or PORTS[url.scheme]


def _told(error: BaseException) -> str:
    """What went wrong, in fixed words without the address, which may contain a password."""
    if isinstance(error, TimeoutError):
        return "the server was too slow"
    if isinstance(error, PermissionError) and str(error) == addresses.REFUSED:
        return addresses.REFUSED
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the server's certificate was not accepted"
    if isinstance(error, socket.gaierror):
        return "no such host"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, ConnectionResetError):
        return "the connection was reset"
    if isinstance(error, (http.client.IncompleteRead, http.client.RemoteDisconnected)):
        return "the connection ended early"
    return "the connection failed" if isinstance(error, OSError) else "the server's answer was not understood"
