"""Packs what is a link in the repository: the module, and in the source package the licences."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODULE = "interdict_host/interdict.wasm"
LICENCES = ("LICENSE-MIT", "LICENSE-APACHE")


class LinkedFiles(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling before it packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        names = (MODULE, *LICENCES) if self.target_name == "sdist" else (MODULE,)
        for name in names:
            build_data["force_include"][str((Path(self.root) / name).resolve(strict=True))] = name
