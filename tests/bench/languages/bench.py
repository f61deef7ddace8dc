"""Times two modules by turns in Python, with wasmtime. bench.py SCRIPT OLD NEW ROUNDS CALLS LOADS

What SCRIPT is and what is printed: see bench.mjs.
"""

import pathlib
import sys
import time

import wasmtime

SIZE = 1 << 20
script, old, new = map(pathlib.Path, sys.argv[1:4])
rounds, calls, loads = map(int, sys.argv[4:7])
steps = []
for line in (script / "calls").read_text().splitlines():
    part, operation, now, message, file = line.split(" ")
    supplied = None if file == "-" else (script / file).read_bytes()
    steps.append((part, f"interdict_{operation}", int(now), (script / message).read_bytes(), supplied))
engine = wasmtime.Engine()
modules = [wasmtime.Module.from_file(engine, str(path)) for path in (old, new)]


class Bare:
    def __init__(self, module):
        self.store = wasmtime.Store(engine)
        exports = wasmtime.Instance(self.store, module, []).exports(self.store)
        self.functions = {name: exports[name] for name in exports if name.startswith("interdict_")}
        self.memory = exports["memory"]
        self.input = self.functions["interdict_alloc"](self.store, SIZE)
        self.out = self.functions["interdict_alloc"](self.store, SIZE)

    def call(self, operation, now, message, file):
        if file is not None:
            begun = self.functions["interdict_file_begin"](self.store, len(file))
            self.memory.write(self.store, file, begun)
        self.memory.write(self.store, message, self.input)
        answer = self.functions[operation](self.store, self.input, len(message), now, self.out, SIZE)
        if answer < 0:
            raise RuntimeError(f"{operation}: {answer}")


def timed(run):
    start = time.perf_counter_ns()
    run()
    return time.perf_counter_ns() - start


def loaded(module, name):
    bare = Bare(module)
    for part, *step in steps:
        if part == name:
            bare.call(*step)
    return bare


for number in range(loads + 1):
    times = [timed(lambda: loaded(module, "load")) for module in modules]
    if number:
        print("load", *times)
instances = [loaded(module, "screen") for module in modules]
for part, *step in steps:
    if part in ("load", "screen"):
        continue
    for number in range(rounds + 1):
        times = [timed(lambda: [bare.call(*step) for _ in range(calls)]) for bare in instances]
        if number:
            print(part, *(spent / calls for spent in times))
