// Times two modules by turns in Node. node bench.mjs SCRIPT OLD NEW ROUNDS CALLS LOADS
// SCRIPT is a folder with `calls` (lines of a part, an operation, a time, a message's file and that of a file to
// supply, or -) and these files. Prints the part and nanoseconds for a call of each module, a line for each round.

import { readFileSync } from "node:fs";

const [script, old, next, rounds, calls, loads] = process.argv.slice(2);
const read = (name) => readFileSync(`${script}/${name}`);
const steps = read("calls").toString().trim().split("\n").map((line) => {
  const [part, operation, now, message, file] = line.split(" ");
  return { part, operation: `interdict_${operation}`, now: Number(now), message: read(message), file: file === "-" ? undefined : read(file) };
});
const part = (name) => steps.filter((step) => step.part === name);
const modules = [old, next].map((path) => new WebAssembly.Module(readFileSync(path)));
const SIZE = 1 << 20;

class Bare {
  constructor(module) {
    this.exports = new WebAssembly.Instance(module, {}).exports;
    this.input = this.exports.interdict_alloc(SIZE);
    this.out = this.exports.interdict_alloc(SIZE);
  }

  call({ operation, now, message, file }) {
    const put = (bytes, at) => new Uint8Array(this.exports.memory.buffer, at, bytes.length).set(bytes);
    if (file) put(file, this.exports.interdict_file_begin(file.length));
    put(message, this.input);
    const answer = this.exports[operation](this.input, message.length, now, this.out, SIZE);
    if (answer < 0) throw new Error(`${operation}: ${answer}`);
  }
}

function timed(run) {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

function loaded(module, name) {
  const bare = new Bare(module);
  part(name).forEach((step) => bare.call(step));
  return bare;
}

for (let round = 0; round <= Number(loads); round += 1) {
  const times = modules.map((module) => timed(() => loaded(module, "load")));
  if (round > 0) console.log(["load", ...times].join(" "));
}
const instances = modules.map((module) => loaded(module, "screen"));
for (const step of steps.filter((step) => !["load", "screen"].includes(step.part))) {
  for (let round = 0; round <= Number(rounds); round += 1) {
    const times = instances.map((bare) => timed(() => {
      for (let call = 0; call < Number(calls); call += 1) bare.call(step);
    }));
    if (round > 0) console.log([step.part, ...times.map((time) => time / Number(calls))].join(" "));
  }
}
