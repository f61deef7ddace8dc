import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as others } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { Gateway, Module } from "../src/index.js";
import { NOW, POLICY, request, state } from "./helpers.js";
import { trapping } from "./wasm.js";

const TIMES = 20;
/** Instances that V8 may not have found yet; one that is kept each time would be twenty. */
const SLACK = 5;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const module = new Module(trapping());
const open = (folder, options) =>
  Gateway.open(folder, { policy: POLICY, module, clock: () => NOW, ...options });

/** Bytes outside V8's heap, where the memory of instances is. What was made while V8 marked goes with the next run. */
async function outside() {
  for (let count = 0; count < 4; count += 1) {
    collect();
    await others();
  }
  return process.memoryUsage().external;
}

/** How many instances are left after something was done many times. */
async function left(gateway, work) {
  const { memorySize } = gateway.copyInstance();
  await work();
  const before = await outside();
  for (let count = 0; count < TIMES; count += 1) await work();
  return ((await outside()) - before) / memorySize;
}

function failed(run, kind) {
  try {
    run();
  } catch (error) {
    assert.equal(error.kind, kind);
    return error;
  }
  return assert.fail("no error");
}

function exchange(folder) {
  writeFileSync(join(folder, "se/next"), "1\n");
  renameSync(join(folder, "se/next"), join(folder, "se/current"));
}

test("nothing is left of instances that trapped, were exchanged or belong to a closed gateway", async (t) => {
  const folder = state(t);
  for (const workers of [1, 2]) {
    let gateway = await open(folder, { workers });
    const trapped = () => failed(() => gateway.screen("!"), "trapped");
    assert.ok((await left(gateway, trapped)) < SLACK);
    const exchanged = () => {
      exchange(folder);
      assert.equal(gateway.reloadIfChanged(), true);
    };
    assert.ok((await left(gateway, exchanged)) < SLACK);
    const reopened = async () => {
      await gateway.close();
      gateway = await open(folder, { workers });
    };
    assert.ok((await left(gateway, reopened)) < SLACK);
    await gateway.close();
  }
});

test("an error that a program keeps does not keep the instance it came from", async (t) => {
  const folder = state(t);
  const gateway = await open(folder);
  const kept = [];
  const trapped = () => kept.push(failed(() => gateway.screen("!"), "trapped"));
  assert.ok((await left(gateway, trapped)) < SLACK);
  for (const [message, kind] of [
    ["{}", "refused"],
    ['"\ud800"', "invalid"],
    [{ toJSON: () => assert.fail("a program's own error") }, "invalid"],
  ]) {
    const exchanged = () => {
      kept.push(failed(() => gateway.screen(message), kind));
      exchange(folder);
      gateway.reloadIfChanged();
    };
    assert.ok((await left(gateway, exchanged)) < SLACK, kind);
  }
  const unloaded = async () => {
    kept.push(await open(folder, { policy: { required: 7 } }).catch((error) => error));
    assert.equal(kept.at(-1).kind, "refused");
  };
  assert.ok((await left(gateway, unloaded)) < SLACK);
  assert.equal(kept.length, 5 * (TIMES + 1));
  assert.match(kept[0].stack, /^InterdictError: the module trapped\n.*gateway\.js/);
  assert.match(kept[0].cause.stack, /wasm/);
  assert.equal(gateway.screen(request("flowers.example")).action, "allow");
});
