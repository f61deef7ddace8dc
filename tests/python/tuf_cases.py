"""Writes random repositories and `cases.json`: `tuf_cases.py FOLDER NOW COUNT SEED [DEFECT]`."""

import base64
import json
import pathlib
import random
import sys

import tuf_delegations  # noqa: F401
import tuf_listings  # noqa: F401
import tuf_roles  # noqa: F401
from tuf_defects import DEFECTS
from tuf_repository import Repository


def sound(repository, step):
    pass


def case(folder, name, seed, now):
    defect, depth = DEFECTS.get(name, (sound, None))
    repository = Repository(random.Random(seed), now, depth)
    steps, roots = [], []

    def step(files=None, now=now, path=None, content=None):
        files = files or repository.served()
        for file, data in files.items():
            place = folder / str(len(steps)) / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        wanted = repository.files.get(repository.path, b"") if content is None else content
        steps.append(
            {
                "repository": str(folder / str(len(steps))),
                "target": path or repository.path,
                "now": now,
                "base64": base64.b64encode(wanted).decode(),
            }
        )
        roots.append(files["metadata/1.root.json"])
        return files

    if not defect(repository, step):
        step()
    (folder / "pinned.json").write_bytes(roots[0])
    return {
        "name": f"{folder.name} {name}",
        "defect": name,
        "root": str(folder / "pinned.json"),
        "steps": steps,
    }


def main():
    folder, now, count, seed = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:5])
    names = sys.argv[5:6] or ["nothing", *DEFECTS]
    # One in ten has none.
    order = names + ["nothing"] * (len(names) // 10)
    cases = []
    for number in range(count):
        name = order[number % len(order)]
        cases.append(case(folder / f"{number:05}", name, f"{seed} {number}", now))
    (folder / "cases.json").write_text(json.dumps({"defects": names, "cases": cases}))
    print(f"{count} repositories of seed {seed}, {len(names)} kinds")


main()
