"""Packs the module, which is a link in the repository, as the file that it is."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODULE = "interdict_host/interdict.wasm"


class LinkedModule(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling before it packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_data["force_include"][str((Path(self.root) / MODULE).resolve(strict=True))] = MODULE
