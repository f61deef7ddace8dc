"""The Python host with the oldest and the newest wasmtime that it takes, and its types and package: wheels.py FOLDER.

Makes an environment for each in FOLDER, unless it is there. This is the one command that tests everything.
"""

import ast
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PACKAGE = ROOT / "host-example" / "python"


def wheels():
    """The tested versions, as the package names them."""
    text = (PACKAGE / "interdict_host" / "calls.py").read_text()
    return sorted(ast.literal_eval(re.search(r"TESTED: Final = frozenset\((.*)\)", text)[1]))


def environment(folder, *wanted):
    python = folder / "bin" / "python3"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *wanted]
    subprocess.run(command, check=True)
    return str(python)


def passed(command):
    """Runs a test program, which says at its end what it skipped and how many passed."""
    print(*command, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    count = re.search(r"^(\d+) passed, 0 failed$", done.stdout, re.M)
    if done.returncode or not count:
        sys.exit(f"{done.stdout}\n0 passed, 1 failed")
    for line in re.findall(r"^skipped: .*", done.stdout, re.M):
        print(line)
    return int(count[1])


def main():
    folder, count = pathlib.Path(sys.argv[1]).resolve(), 0
    for wheel in wheels():
        python = environment(folder / f"wasmtime-{wheel}", f"wasmtime=={wheel}")
        count += passed([python, str(HERE / "test.py")])
        count += passed([python, str(ROOT / "tests" / "python" / "frozen.py")])
    python = environment(folder / "tools", f"wasmtime=={wheel}", "--requirement", str(HERE / "requirements.txt"))
    subprocess.run([python, "-m", "mypy", "--strict", "interdict_host"], cwd=PACKAGE, check=True)
    count += passed([python, str(HERE / "fresh.py")])
    print(f"{count + 1} passed, 0 failed")


main()
