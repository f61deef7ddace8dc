"""One instance of the module: one engine, with its lists."""

from __future__ import annotations

import ctypes
import json
import threading
from collections.abc import Mapping
from typing import Any, Final, Union

import wasmtime

from .calls import calls
from .errors import AnswerError, ClosedError, ForeignModuleError, InvalidError, RefusedError, TrappedError
from .module import OPERATIONS, Module

Message = Union[bytes, str, Mapping[str, Any]]
"""JSON as bytes or text, or an object to write as JSON."""

ABI_MAJOR: Final = 1
POISONED: Final = -4
NO_VERDICT: Final = 60
BUFFER: Final = 16 << 10
LARGEST_BUFFER: Final = 64 << 20
OTHERS: Final = ("abi_version", "alloc", "free", "file_begin", "result", "last_error")
LATER: Final = ("verdict", "walk")
WALK_TEXTS: Final = {"name": 1, "path": 2, "history": 6, "files": 7}
WALK_NUMBERS: Final = {"max_size": 3, "keep": 4, "completed": 5}


class Instance:
    """One engine. Threads may share it; a call waits until the one before has ended.

    After a trap it never answers again: make another, or clone one that is loaded.
    """

    module: Module
    """What it is an instance of."""
    trapped: bool
    """Whether it is of no use any more."""
    closed: bool
    _lock: threading.Lock
    _store: wasmtime.Store

    def __init__(self, module: Module) -> None:
        """Makes an instance without lists. Raises ForeignModuleError for another ABI major."""
        self._link(module)
        version = self._run("abi_version")
        if version >> 16 != ABI_MAJOR:
            raise ForeignModuleError("the module speaks another ABI major")
        self.minor: int = version & 0xFFFF
        """The ABI's minor version."""
        self._input, self._output = self._buffer(BUFFER), self._buffer(BUFFER)

    def call(self, operation: str, message: Message, now: int) -> bytes:
        """Runs one operation of docs/abi.md. `now` is seconds since 1970. Returns the answer's bytes.

        Raises RefusedError with the module's own sentence, TrappedError, ClosedError, or InvalidError.
        """
        if operation not in OPERATIONS:
            raise InvalidError("docs/abi.md has no such operation")
        data = as_bytes(message)
        if not 0 <= now < 1 << 32:
            raise InvalidError("a time is seconds since 1970, below 2^32")
        with self._lock:
            return self._call(operation, data, now - (now >> 31 << 32))

    def verdict(self) -> int:
        """The number of the last verdict (docs/abi.md). 60 is none, and so is the answer of an instance that trapped."""
        with self._lock:
            if self.trapped or "verdict" not in self._functions:
                return NO_VERDICT
            return self._run("verdict")

    def walk(self, question: str) -> int | str:
        """A fact about the last `poll` or `supply` without its JSON (docs/abi.md, Walks without JSON)."""
        with self._lock:
            if "walk" not in self._functions:
                raise InvalidError("the module is older than this question")
            if question in WALK_NUMBERS:
                return self._run("walk", WALK_NUMBERS[question], 0, 0)
            if question not in WALK_TEXTS:
                raise InvalidError("docs/abi.md has no such question")
            return self._text("walk", WALK_TEXTS[question]).decode()

    def file(self, data: bytes) -> None:
        """Puts a file into the open region, for the next `supply`.

        Raises InvalidError if the module has no room for it: then supply it as `failed`.
        """
        with self._lock:
            pointer = self._run("file_begin", len(data)) if len(data) < 1 << 31 else 0
            if pointer <= 0:
                raise InvalidError("the module has no room for the file")
            self._check(pointer, len(data))
            ctypes.memmove(self._calls.base() + pointer, data, len(data))

    def clone(self) -> Instance:
        """Another instance with the same lists, keys and buffers, by copying the memory: milliseconds."""
        with self._lock:
            self._usable()
            copy = Instance.__new__(Instance)
            copy._link(self.module)
            copy.minor, copy._input, copy._output = self.minor, self._input, self._output
            copy._grow(self._calls.size())
            ctypes.memmove(copy._calls.base(), self._calls.base(), self._calls.size())
            return copy

    @property
    def memory_size(self) -> int:
        """The bytes of the module's memory, which never shrinks."""
        with self._lock:
            self._usable()
            return self._calls.size()

    def close(self) -> None:
        """Gives the memory back at once. Waits for a call in flight; every later one is a ClosedError."""
        with self._lock:
            if not self.closed:
                self.closed = True
                self._store.close()

    def _link(self, module: Module) -> None:
        """Makes the bare instance and looks up each function, once."""
        self.module = module
        self.trapped, self.closed = False, False
        self._lock = threading.Lock()
        self._store = wasmtime.Store(module.engine)
        exports = wasmtime.Instance(self._store, module.compiled, []).exports(self._store)
        memory = exports["memory"]
        if not isinstance(memory, wasmtime.Memory):
            raise ForeignModuleError("the module exports no memory")
        self._memory = memory
        self._calls = calls(module.call, self._store, memory)
        found = set(exports)
        self._functions: dict[str, Any] = {}
        for name in (*OPERATIONS, *OTHERS, *LATER):
            if (function := f"interdict_{name}") in found or name not in LATER:
                self._functions[name] = self._calls.handle(_function(exports[function]))

    def _call(self, operation: str, data: bytes, now: int) -> bytes:
        if len(data) > self._input[1]:
            self._input = self._exchange(self._input, len(data))
        self._usable()
        ctypes.memmove(self._calls.base() + self._input[0], data, len(data))
        length = self._run(operation, self._input[0], len(data), now, *self._output)
        if length < 0:
            raise self._refusal(length)
        if length > self._output[1]:  # it has run; only its answer did not fit
            self._output = self._exchange(self._output, length)
            if self._run("result", *self._output) != length:
                raise AnswerError("the module does not hand out its answer")
        return ctypes.string_at(self._calls.base() + self._output[0], length)

    def _refusal(self, code: int) -> RefusedError | TrappedError:
        if code == POISONED:
            self.trapped = True
            return TrappedError("the module trapped before")
        sentence = self._text("last_error").decode()
        text = self._text("result").decode()
        return refusal(text, sentence, code)

    def _text(self, function: str, *arguments: int) -> bytes:
        """What a function copies to the out buffer, whatever its length."""
        length = self._run(function, *arguments, *self._output)
        if length > self._output[1]:
            self._output = self._exchange(self._output, length)
            length = self._run(function, *arguments, *self._output)
        if not 0 <= length <= self._output[1]:
            raise AnswerError("the module does not answer the question")
        return ctypes.string_at(self._calls.base() + self._output[0], length)

    def _run(self, name: str, *arguments: int) -> int:
        self._usable()
        try:
            return self._calls.run(self._functions[name], *arguments)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            self.trapped = True
            raise TrappedError("the module trapped") from error

    def _usable(self) -> None:
        if self.closed:
            raise ClosedError("the instance is closed")
        if self.trapped:
            raise TrappedError("the module trapped before")

    def _buffer(self, length: int) -> tuple[int, int]:
        pointer = self._run("alloc", length) if length <= LARGEST_BUFFER else 0
        if pointer <= 0:
            raise InvalidError("too large for the module")
        self._check(pointer, length)
        return pointer, length

    def _exchange(self, old: tuple[int, int], length: int) -> tuple[int, int]:
        new = self._buffer(1 << (length - 1).bit_length())
        self._run("free", *old)
        return new

    def _check(self, pointer: int, length: int) -> None:
        if pointer + length > self._calls.size():
            self.trapped = True
            raise AnswerError("the module gave a pointer outside its memory")

    def _grow(self, size: int) -> None:
        try:
            self._memory.grow(self._store, (size - self._calls.size()) >> 16)
        except wasmtime.WasmtimeError as error:
            raise TrappedError("there is no memory for another instance") from error


def as_bytes(message: Message) -> bytes:
    """A message as the bytes of its JSON. Raises InvalidError if it has none."""
    if isinstance(message, bytes):
        return message
    try:
        if isinstance(message, Mapping):
            message = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        return message.encode()
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise InvalidError("a message is an object of JSON, or its text") from None


def refusal(text: str, sentence: str | None = None, code: int | None = None) -> RefusedError:
    """Reads an object with `error`. Raises AnswerError if it is none and the code is not known otherwise."""
    try:
        error = json.loads(text)["error"]
        receipt = error.get("receipt")
        code = int(error["code"]) if code is None else code
        name, path = str(error["name"]), error.get("path")
        if sentence is None:
            sentence = str(error.get("message", name))
        return RefusedError(sentence, code, name, path, text, receipt)
    except (ValueError, TypeError, KeyError, AttributeError):
        if code is None:
            raise AnswerError("the module's answer is not one this host understands") from None
        return RefusedError(sentence or "the module refused the message", code)  # of a module before its version 0.2


def _function(export: object) -> wasmtime.Func:
    if not isinstance(export, wasmtime.Func):
        raise ForeignModuleError("the module lacks a function")
    return export
