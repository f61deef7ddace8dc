"""check_module refuses modules that a host must not accept: modules.py CHECK_MODULE MODULE."""

import pathlib
import subprocess
import sys
import tempfile

CHECK, MODULE = sys.argv[1], pathlib.Path(sys.argv[2]).read_bytes()


def leb(code, at):
    value = shift = 0
    while True:
        value |= (code[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if code[at - 1] < 0x80:
            return value, at


def written(value):
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def sections(code):
    at = 8
    while at < len(code):
        size, start = leb(code, at + 1)
        yield code[at], code[start : start + size]
        at = start + size


def changed(number, change):
    """The module with one section changed; a new one comes before the first that is above it."""
    out, done = MODULE[:8], False
    for section, content in sections(MODULE):
        if not done and (section == number or (section > number and section != 12)):
            done = True
            made = change(content if section == number else b"")
            out += bytes([number]) + written(len(made)) + made
            if section == number:
                continue
        out += bytes([section]) + written(len(content)) + content
    return out


def exports(change):
    def changing(content):
        count, at = leb(content, 0)
        names = {}
        for _ in range(count):
            size, at = leb(content, at)
            name, at = content[at : at + size], at + size
            _, after = leb(content, at + 1)
            names[name], at = content[at:after], after
        change(names)
        return written(len(names)) + b"".join(written(len(n)) + n + place for n, place in names.items())

    return changed(7, changing)


def accepted(code):
    with tempfile.NamedTemporaryFile(suffix=".wasm") as file:
        file.write(code)
        file.flush()
        return subprocess.run([CHECK, file.name], stderr=subprocess.DEVNULL).returncode == 0


def named(name, place=b"interdict_screen"):
    return exports(lambda names: names.update({name: names[place]}))


TAKEN = {
    "the module as it is": MODULE,
    "a further function of ours": named(b"interdict_later"),
    "without what the linker left": exports(lambda names: (names.pop(b"__data_end"), names.pop(b"__heap_base"))),
}
REFUSED = {
    "an import": changed(2, lambda _: b"\x01\x03env\x05clock\x00\x00"),
    "a missing function": exports(lambda names: names.pop(b"interdict_walk")),
    "a missing memory": exports(lambda names: names.pop(b"memory")),
    "a foreign function": named(b"malloc"),
    "a function with the linker's name": named(b"__data_end"),
    "another marker": exports(lambda names: names.update({b"interdict_abi_v2": names.pop(b"interdict_abi_v1")})),
    "a memory of ours": named(b"interdict_memory", b"memory"),
    "a memory without a maximum": changed(5, lambda _: b"\x01\x00\x20"),
    "a memory above 1 GiB": changed(5, lambda _: b"\x01\x01\x20" + written(16385)),
    "two memories": changed(5, lambda _: b"\x02\x01\x20\x40\x01\x20\x40"),
    "a cut file": MODULE[:-1],
    "another file": b"\x7fELF" + MODULE,
}
for about, code in TAKEN.items():
    assert accepted(code), about
for about, code in REFUSED.items():
    assert not accepted(code), about
print(f"{len(TAKEN)} taken, {len(REFUSED)} refused")
