"""The module: compiled once, and checked before anything of it runs."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import Final

import wasmtime

from . import calls
from .errors import ForeignModuleError, InvalidError

OPERATIONS: Final = ("configure", "poll", "supply", "screen", "screen_batch", "state", "describe")
MAX_PAGES: Final = (1 << 30) >> 16
LINKER_GLOBALS: Final = frozenset({"__data_end", "__heap_base"})

# The parameters and results of each function; all are i32.
NEEDED: Final = {
    **{f"interdict_{name}": (5, 1) for name in OPERATIONS},
    "interdict_abi_v1": (0, 0),
    "interdict_abi_version": (0, 1),
    "interdict_alloc": (1, 1),
    "interdict_free": (2, 0),
    "interdict_file_begin": (1, 1),
    "interdict_result": (2, 1),
    "interdict_last_error": (2, 1),
}
LATER: Final = {"interdict_verdict": (0, 1), "interdict_walk": (3, 1)}
"""Functions of ABI 1.1, which an archived module may lack."""


class Module:
    """The compiled module, from which instances are made. Threads may share it."""

    def __init__(self, code: bytes | None = None, *, call: calls.Way | None = None) -> None:
        """Compiles `code`, by default the module that came with this package. It takes half a second.

        `call` chooses how instances are called: by default the fastest way that was tested with the wheel.

        Raises ForeignModuleError if it imports anything, or its exports are not those of docs/abi.md.
        """
        if code is None:
            code = resources.files(__package__).joinpath("interdict.wasm").read_bytes()
        if not isinstance(code, bytes):
            raise InvalidError("a module is given as its bytes")
        if call == "unchecked" and calls.BEST != "unchecked":
            raise InvalidError("the unchecked call was not tested with this version of wasmtime")
        self.call: calls.Way = call or calls.BEST
        """How instances are called: `unchecked` or `public` (calls.py)."""
        self.sha256: str = hashlib.sha256(code).hexdigest()
        """SHA-256 of the file, as receipts name it."""
        self.engine = wasmtime.Engine()
        try:
            self.compiled = wasmtime.Module(self.engine, code)
        except wasmtime.WasmtimeError:
            raise ForeignModuleError("the bytes are no WebAssembly module") from None
        _check(self.compiled)

    def __repr__(self) -> str:
        return f"<Module {self.sha256}>"


def _check(compiled: wasmtime.Module) -> None:
    for imported in compiled.imports:
        raise ForeignModuleError(f"the module imports {imported.module}.{imported.name}")
    exports = {export.name: export.type for export in compiled.exports}
    for name in NEEDED.keys() - exports.keys():
        raise ForeignModuleError(f"the module does not export {name}")
    _check_memory(exports.pop("memory", None))
    for name, kind in exports.items():
        if isinstance(kind, wasmtime.FuncType) and name.startswith("interdict_"):
            _check_function(name, kind)
        elif not (name in LINKER_GLOBALS and isinstance(kind, wasmtime.GlobalType) and not kind.mutable):
            raise ForeignModuleError(f"the module exports {name!r}, which docs/abi.md does not have")


def _check_function(name: str, kind: wasmtime.FuncType) -> None:
    i32, wanted = wasmtime.ValType.i32(), NEEDED.get(name) or LATER.get(name)
    found = len(kind.params), len(kind.results)
    if wanted and (wanted != found or any(value != i32 for value in [*kind.params, *kind.results])):
        raise ForeignModuleError(f"{name} has other parameters or results than in docs/abi.md")


def _check_memory(memory: object) -> None:
    if not isinstance(memory, wasmtime.MemoryType) or memory.is_64 or memory.is_shared:
        raise ForeignModuleError("the module exports no memory of 32 bits of its own")
    if memory.limits.max is None or memory.limits.max > MAX_PAGES:
        raise ForeignModuleError("the module's memory has no maximum, or one above 1 GiB")
