"""Modules that differ from the committed one in one thing, made by editing its sections."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILT = (ROOT / "wasm" / "dist" / "interdict.wasm").read_bytes()

FUNCTION, MEMORY, EXPORT, CODE = 3, 5, 7, 10
OF_FUNCTION, OF_MEMORY, OF_GLOBAL = 0, 2, 3


def read_number(code, at):
    value, shift = 0, 0
    while True:
        byte = code[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def number(value):
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def sections(code=BUILT):
    """The content of each section, by place, as a list of pairs (its number, its bytes)."""
    at, found = 8, []
    while at < len(code):
        kind = code[at]
        length, start = read_number(code, at + 1)
        found.append([kind, code[start : start + length]])
        at = start + length
    return found


def joined(parts):
    return BUILT[:8] + b"".join(bytes([kind]) + number(len(content)) + content for kind, content in parts)


def edited(kind, change, base=BUILT):
    """A module with one section's content changed."""
    return joined([[found, change(content) if found == kind else content] for found, content in sections(base)])


def hollow():
    """The module without what its functions do, which is compiled at once."""

    def empty(content):
        count, _ = read_number(content, 0)
        return number(count) + b"\x03\x00\x00\x0b" * count

    return edited(CODE, empty)


def exports_of(content):
    """Names to (kind, index)."""
    count, at = read_number(content, 0)
    exports = {}
    for _ in range(count):
        size, at = read_number(content, at)
        name, at = content[at : at + size].decode(), at + size
        index, after = read_number(content, at + 1)
        exports[name], at = (content[at], index), after
    return exports


def exporting(change, base=BUILT):
    """A module with its exports changed: `change` gets names to (kind, index)."""

    def edit(content):
        exports = exports_of(content)
        change(exports)
        entries = [number(len(name)) + name.encode() + bytes([kind]) + number(at) for name, (kind, at) in exports.items()]
        return number(len(exports)) + b"".join(entries)

    return edited(EXPORT, edit, base)


def without(*names, base=BUILT):
    return exporting(lambda exports: [exports.pop(name) for name in names], base)


def with_memory(limits, base=BUILT):
    """A module with other limits of its memory, as bytes."""
    return edited(MEMORY, lambda _: number(1) + limits, base)


def importing(base=BUILT):
    """A module with an import of a global, which moves no index of a function."""
    parts = sections(base)
    place = next(at for at, (kind, _) in enumerate(parts) if kind > 2)
    parts.insert(place, [2, number(1) + b"\x03env\x06secret" + bytes([3, 0x7F, 0])])
    return joined(parts)


def replacing(name, body, base=BUILT):
    """A module whose exported function is a new one of the same type. `body` gets the old function's index."""
    parts = sections(base)
    content = {kind: data for kind, data in parts}
    old = exports_of(content[EXPORT])[name][1]
    count, at = read_number(content[FUNCTION], 0)
    types = []
    for _ in range(count):
        kind, at = read_number(content[FUNCTION], at)
        types.append(kind)
    code = b"\0" + body(old) + b"\x0b"

    def grown(data, entry):
        found, after = read_number(data, 0)
        return number(found + 1) + data[after:] + entry

    changed = {
        FUNCTION: grown(content[FUNCTION], number(types[old])),
        CODE: grown(content[CODE], number(len(code)) + code),
    }
    added = joined([[kind, changed.get(kind, data)] for kind, data in parts])
    return exporting(lambda exports: exports.update({name: (OF_FUNCTION, count)}), added)


def trapping():
    """The module that traps if the message of a `screen` begins with an exclamation mark."""
    arguments = b"".join(b"\x20" + number(at) for at in range(5))
    asked = b"\x20\x00\x2d\x00\x00\x41\x21\x46\x04\x40\x00\x0b"
    return replacing("interdict_screen", lambda old: asked + arguments + b"\x10" + number(old))


def of_major(major, base=BUILT):
    """A module that says it speaks this major version of the ABI."""
    value = major << 16
    signed = bytearray()
    while True:  # i32.const takes a signed number
        byte, value = value & 0x7F, value >> 7
        done = value == 0 and not byte & 0x40
        signed.append(byte if done else byte | 0x80)
        if done:
            break
    return replacing("interdict_abi_version", lambda _: b"\x41" + bytes(signed), base)


if __name__ == "__main__":
    import sys

    pathlib.Path(sys.argv[1]).write_bytes(trapping())
