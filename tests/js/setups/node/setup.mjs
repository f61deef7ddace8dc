import assert from "node:assert/strict";
import { assertScreened } from "../tools/check.mjs";

/** Runs a script that prints what both builds answer. */
export async function assertScriptScreens(project, program, ...args) {
  const { full, inline, language, isError } = JSON.parse(await project.run(program, ...args));
  assertScreened(full, "full");
  assertScreened(inline, "edge");
  assert.deepEqual([language, isError], ["sv", true]);
}

export const setups = {
  // Not shown: a state directory, other versions than the one that runs this.
  async "node-module"({ project }) {
    await assertScriptScreens(project, process.execPath, "module.js");
  },
  async "node-commonjs"({ project }) {
    await assertScriptScreens(project, process.execPath, "common.cjs");
  },
  // A page's test in a runner such as Jest with jsdom: it loads, and every name asks the gateway. Not shown:
  // Jest.
  async "node-imitated-page"({ project }) {
    const answers = JSON.parse(await project.run(process.execPath, "imitated.cjs"));
    const builds = answers.map(({ build, wasm, decisions }) => {
      assert.deepEqual([wasm, ...decisions], ["failed", "ask_gateway", "ask_gateway", "refuse"]);
      return build;
    });
    assert.deepEqual(builds, ["full", "edge"]);
  },
};
