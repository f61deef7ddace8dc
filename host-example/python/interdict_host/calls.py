"""How a function of the module is called: as the wheel's documents say, or without its conversions.

The public call of wasmtime's wheel asks for the function's type and converts each number each time: 34 to 40
microseconds. The unchecked one hands the same numbers to the same C function in 2. It uses parts of the wheel
that have no promise, so it runs only with versions that the tests ran with. Any other gets the public call.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from importlib import metadata
from typing import Any, Final, Literal, Protocol

import wasmtime
import wasmtime._ffi as ffi

TESTED: Final = frozenset({"48.0.0", "50.0.1"})
"""The wheels that both ways were compared with (tests/hosts/python)."""
SLOTS: Final = 5
"""The most parameters that a function of the contract has."""

WHEEL: Final = metadata.version("wasmtime")

Way = Literal["unchecked", "public"]


class Calls(Protocol):
    """Calls functions of one instance. Not for two threads at once: the caller holds a lock."""

    def handle(self, function: wasmtime.Func) -> Any:
        """What `run` takes for a function; asked once for each."""

    def run(self, handle: Any, *arguments: int) -> int:
        """Calls it with numbers of 32 bits with their sign. Raises wasmtime's errors."""

    def base(self) -> int:
        """The address of the memory, which moves when it grows."""

    def size(self) -> int:
        """The bytes of the memory."""


class PublicCalls:
    """The way that works with every version."""

    def __init__(self, store: wasmtime.Store, memory: wasmtime.Memory) -> None:
        self._store, self._memory = store, memory

    def handle(self, function: wasmtime.Func) -> wasmtime.Func:
        return function

    def run(self, handle: wasmtime.Func, *arguments: int) -> int:
        result = handle(self._store, *arguments)
        return result if isinstance(result, int) else 0

    def base(self) -> int:
        return ctypes.addressof(self._memory.data_ptr(self._store).contents)

    def size(self) -> int:
        return self._memory.data_len(self._store)


if sys.byteorder == "little" and WHEEL in TESTED:
    # CFUNCTYPE lets other threads of Python run during the call, PYFUNCTYPE does not: the last two take nanoseconds.
    _pointer = ctypes.c_void_p
    _call = ctypes.CFUNCTYPE(_pointer, _pointer, _pointer, _pointer, ctypes.c_size_t, _pointer)(
        ("wasmtime_func_call_unchecked", ffi.dll)
    )
    _data = ctypes.PYFUNCTYPE(_pointer, _pointer, _pointer)(("wasmtime_memory_data", ffi.dll))
    _data_size = ctypes.PYFUNCTYPE(ctypes.c_size_t, _pointer, _pointer)(("wasmtime_memory_data_size", ffi.dll))
    BEST: Way = "unchecked" if ctypes.sizeof(ffi.wasmtime_val_raw_t) == 16 else "public"
else:
    BEST = "public"

_PACKED: Final = [struct.Struct("<" + "i12x" * count) for count in range(SLOTS + 1)]


class UncheckedCalls:
    """The fast way. The types of all functions were compared with the contract before (module.py)."""

    def __init__(self, store: wasmtime.Store, memory: wasmtime.Memory) -> None:
        self._kept: list[object] = [store, memory]
        self._context = ctypes.cast(store._context(), ctypes.c_void_p).value
        self._memory = ctypes.addressof(memory._memory)
        self._slots = (ffi.wasmtime_val_raw_t * SLOTS)()
        self._slots_at = ctypes.addressof(self._slots)
        self._result = ctypes.c_int32.from_buffer(self._slots)
        self._trap = ctypes.c_void_p()
        self._trap_at = ctypes.addressof(self._trap)

    def handle(self, function: wasmtime.Func) -> int:
        self._kept.append(function)
        return ctypes.addressof(function._func)

    def run(self, handle: int, *arguments: int) -> int:
        _PACKED[len(arguments)].pack_into(self._slots, 0, *arguments)
        error = _call(self._context, handle, self._slots_at, SLOTS, self._trap_at)
        if error or self._trap.value:
            self._fail(error)
        return self._result.value

    def base(self) -> int:
        return _data(self._context, self._memory) or 0

    def size(self) -> int:
        return int(_data_size(self._context, self._memory))

    def _fail(self, error: int | None) -> None:
        """Hands the error or trap to the wheel, which frees it."""
        if error:
            raise wasmtime.WasmtimeError._from_ptr(ctypes.cast(error, ctypes.POINTER(ffi.wasmtime_error_t)))
        trap, self._trap.value = self._trap.value, None
        raise wasmtime.Trap._from_ptr(ctypes.cast(trap or 0, ctypes.POINTER(ffi.wasm_trap_t)))


def calls(way: Way, store: wasmtime.Store, memory: wasmtime.Memory) -> Calls:
    """The calls of one instance."""
    return UncheckedCalls(store, memory) if way == "unchecked" else PublicCalls(store, memory)
