// The committed module and the package read what an earlier version made (docs/compatibility.md).
// node frozen.mjs <package> <fixtures>

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { generated } from "./generated.mjs";
import { Packaged } from "./packaged.mjs";
import { encode, RawModule } from "./raw.mjs";
import { test } from "./test.mjs";

const [folder, fixtures] = process.argv.slice(2).map((path) => resolve(path));
const frozen = join(fixtures, "compat", "1");
const json = (...names) => JSON.parse(readFileSync(join(frozen, ...names), "utf8"));
const expected = json("expected.json");
const { Interdict } = await generated(folder);
const committed = new URL("../../wasm/dist/interdict.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(committed));
const engines = {
  "the module": () => new RawModule(module),
  "the package": () => new Packaged(Interdict),
};

function call(engine, operation, message, file) {
  const answer = engine.call(operation, encode(JSON.stringify(message)), file, expected.now);
  assert.equal(answer.code, 0, `${operation}: ${answer.error}`);
  return JSON.parse(answer.out);
}

/** Loads everything from a repository or a store; `place` is the member of `fetch` that finds a file. */
function load(engine, enrolment, history, begin, place, from) {
  const policy = { required: { se: ["se/merchants"] } };
  call(engine, "configure", { coalitions: [{ enrolment, history }], policy });
  let progress = call(engine, "poll", { coalition: "se", begin });
  while (progress.fetch) {
    const path = join(from, progress.fetch[place]);
    const file = existsSync(path) ? readFileSync(path) : undefined;
    const outcome = file ? "bytes" : "not_found";
    const message = { coalition: "se", name: progress.fetch.name, outcome };
    progress = call(engine, "supply", message, file);
  }
  assert.equal(progress.completed, true);
}

function check(engine, edition) {
  const { flow, verdicts } = expected.editions[edition];
  for (const [name, [action, code]] of Object.entries(verdicts)) {
    const [kind, value] = name.split(" ");
    const verdict = call(engine, "screen", { flow, identifiers: [{ kind, value }] });
    const codes = verdict.reasons.map((reason) => reason.code);
    assert.equal(verdict.action, action, name);
    assert.ok(codes.includes(code) && verdict.degraded === false, name);
  }
}

for (const [name, engine] of Object.entries(engines)) {
  for (const [file, edition] of [
    ["by-hand", "member"],
    ["compact", "compact"],
    ["public", "public"],
  ]) {
    test(`${name}: the ${edition} edition answers as it did`, () => {
      const made = engine();
      const enrolment = json("enrolments", `${file}.json`);
      load(made, enrolment, "none", "repository", "path", join(frozen, "repository"));
      check(made, edition);
    });
  }
  test(`${name}: a store answers as it did`, () => {
    const made = engine();
    const shelf = join(frozen, "gateway", "state", "se");
    const history = readFileSync(join(shelf, "history"), "utf8");
    const enrolment = json("gateway", "state", "se", "enrolment.json");
    load(made, enrolment, history, "store", "name", join(shelf, "generation-1"));
    check(made, "member");
  });
}
