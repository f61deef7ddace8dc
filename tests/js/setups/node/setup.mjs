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
};
