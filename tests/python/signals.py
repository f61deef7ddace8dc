"""Signals, from the table of docs/scoring.md: which values can be used, and what they are read as. The other programs of
this folder import it; it shares no code with the core."""

import pathlib
import re


def table():
    """Form and range of each signal that a request may give, in the order of the table."""
    document = (pathlib.Path(__file__).parents[2] / "docs" / "scoring.md").read_text()
    rows = document.split("### Signals")[1].split("### Conditions")[0]
    found = {}
    for row in re.findall(r"^\| `(\w+)` \|(.*)\|$", rows, re.MULTILINE):
        form, _, span, meaning = (cell.strip() for cell in row[1].split("|"))
        if not meaning.startswith("worked out"):
            found[row[0]] = form, span
    return found


TABLE = table()


def read(name, given):
    """The value that rules compare; None if it cannot be used."""
    form, span = TABLE[name]
    if form == "truth":
        return given
    if form == "integer":
        low, high = (int(end.replace(",", "")) for end in span.split(" to "))
        return given if low <= given <= high else None
    text = given.strip()
    if form == "country":
        text = text.upper() if text.isascii() else ""
    return text if re.fullmatch({"country": "[A-Z]{2}", "category": "[0-9]{4}"}[form], text) else None


def coded(name, value):
    """The number that receipts hash for a value that can be used."""
    if TABLE[name][0] == "country":
        return int.from_bytes(value.encode(), "big")
    return int(value)
