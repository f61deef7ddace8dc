"""The version of this package, as pyproject.toml reads it."""

VERSION = "0.2.0"
