// The full build as the package uses it: its engines share one instance. node full.mjs <generated folder> <fixtures>

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { fullEngine } from "../../wasm/js/package/src/full.js";
import { test } from "./test.mjs";

const folder = resolve(process.argv[2]);
const { __wbg_reset_state: reset, initSync, Interdict } = await import(pathToFileURL(join(folder, "interdict.js")));
initSync({ module: readFileSync(join(folder, "interdict_bg.wasm")) });

const NOW = 1_796_191_200;
const QUESTION = { flow: "checkout", url: "https://shop.example" };
/** No message that is known traps, so one is thrown in its place. All else, the second instance too, is real. */
let traps = false;
class Trapping extends Interdict {
  screen(...question) {
    if (traps) throw new WebAssembly.RuntimeError("unreachable");
    return super.screen(...question);
  }
}
const Engine = fullEngine(Trapping, reset);

function asked(engine) {
  try {
    engine.screen(QUESTION, NOW);
    return undefined;
  } catch (error) {
    return error;
  }
}

test("an engine whose module trapped answers nothing more, and neither do those beside it", () => {
  const [first, second] = [new Engine(), new Engine()];
  assert.equal(second.screen(QUESTION, NOW).action, "monitor");
  traps = true;
  assert.equal(asked(first).code, "trapped");
  traps = false;
  assert.ok(first.isTrapped);
  for (const engine of [first, second]) assert.equal(asked(engine).code, "trapped");
  const third = new Engine();
  assert.equal(third.screen(QUESTION, NOW).action, "monitor");
  assert.equal(asked(second).code, "trapped");
  assert.ok(second.isTrapped);
});

test("a refusal is no trap", () => {
  const engine = new Engine();
  assert.throws(() => engine.screen({ flow: "checkout", card: "4111" }, NOW), { code: "unknown_field" });
  assert.equal(engine.isTrapped, false);
  assert.equal(engine.screen(QUESTION, NOW).degraded, true);
});
