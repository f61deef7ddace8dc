"""Makes the package, and a program outside the repository from the package and its README alone: fresh.py [PACKAGES].

It builds the source package and the wheel as README says, or takes the wheel that is in PACKAGES, installs it into an
environment of its own, takes every block of code from the README that the wheel holds, and runs them in order. Their clock
is that of the sample lists. Only the enrolment file comes from elsewhere, as a coalition would send it.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")
CLOCK = """
import runpy, sys, time
began, start = 1_793_599_200, time.monotonic()
time.time = lambda: began + time.monotonic() - start
sys.argv = sys.argv[1:]
if sys.argv[0] == "-m":
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(command, room, **options):
    """Runs a command with the environment's programs first, and gives what it printed."""
    path = f"{room / 'environment' / 'bin'}:{os.environ['PATH']}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=room, env={**environment, "PATH": path}, capture_output=True, text=True, **options
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def blocks(text):
    """The blocks of code of a document: (language, content)."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def readme_of(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert "interdict_host/interdict.wasm" in names and "interdict_host/py.typed" in names, names
        for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
            name = next(name for name in names if name.endswith(f"licenses/{licence}"))
            assert archive.read(name) == (ROOT / licence).read_bytes(), name
        assert archive.read("interdict_host/interdict.wasm") == (ROOT / "wasm/dist/interdict.wasm").read_bytes()
        metadata = archive.read(next(name for name in names if name.endswith("dist-info/METADATA"))).decode()
    assert re.search(r"^License-Expression: MIT OR Apache-2.0$", metadata, re.M), metadata[:500]
    return metadata.split("\n\n", 1)[1]


def built(room, text):
    """Builds and installs the package as README says. Gives the folder it is in."""
    run(["python", "-m", "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS)], room)
    (room / "host-example").symlink_to(ROOT / "host-example")
    install = blocks(text)[0]
    assert install[0] == "sh"
    run(install[1], room, shell=True)
    (room / "host-example").unlink()
    return room / "dist"


def main():
    with tempfile.TemporaryDirectory() as folder:
        room = pathlib.Path(folder)
        run([sys.executable, "-m", "venv", "environment"], room)
        text = (ROOT / "host-example" / "python" / "README.md").read_text()
        if len(sys.argv) > 1:
            packages = pathlib.Path(sys.argv[1]).resolve()
            run(["python", "-m", "pip", "install", "--quiet", str(next(packages.glob("*.whl")))], room)
        else:
            packages = built(room, text)
        wheel, source = next(packages.glob("*.whl")), next(packages.glob("*.tar.gz"))
        assert readme_of(wheel) == text
        print(f"{wheel.name}: {wheel.stat().st_size >> 10} KB, {source.name}: {source.stat().st_size >> 10} KB")
        print(f"{screens(room, blocks(readme_of(wheel))[1:])} passed, 0 failed")


def screens(room, code):
    """Runs what README shows after the installation. Gives the number of blocks."""
    enrolment = json.loads((ROOT / "fixtures" / "generation" / "enrolment.json").read_text())
    enrolment["repository"] = str(ROOT / "fixtures" / "repositories" / "sample")
    (room / "se.enrolment.json").write_text(json.dumps(enrolment))
    (room / "clock.py").write_text(CLOCK)
    printed, count = [], 0
    for language, content in code:
        if language == "text":
            assert printed[-1] == content, (printed[-1], content)
            continue
        count += 1
        if language == "python":
            (room / "program.py").write_text(content)
            printed.append(run(["python", "clock.py", "program.py"], room))
        else:
            assert language == "sh", language
            printed.append(run(content.replace("python -m", "python clock.py -m"), room, shell=True))
    assert printed[-1] == "se unchanged None\n", printed
    receipt = json.loads((room / "receipts.ndjson").read_text())
    assert (receipt["flow"], receipt["action"]) == ("payout", "block"), receipt
    verdict = json.loads((room / "verdicts.ndjson").read_text())
    assert (verdict["action"], verdict["because"]) == ("block", "record"), verdict
    assert count == 4, "a block of README did not run"
    return count


main()
