import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

import { Instance, InterdictError, Module } from "../src/index.js";
import { COMMITTED, kindOf, NOW, request, ROOT } from "./helpers.js";
import { changed, exporting, SECTIONS } from "./wasm.js";

const isForeign = { kind: "foreign_module" };

test("the built-in module is the committed one", () => {
  const written = readFileSync(join(ROOT, "wasm/dist/interdict.wasm.sha256"), "utf8");
  assert.equal(Module.builtIn().sha256, written.slice(0, 64));
  assert.equal(Module.builtIn(), Module.builtIn(), "it is compiled once");
});

test("older and newer minor versions run", () => {
  const older = new Instance(
    new Module(
      exporting((exports) => {
        exports.delete("interdict_verdict");
        exports.delete("interdict_walk");
      }),
    ),
  );
  assert.ok(older.callText("screen", request("shop.example"), NOW).includes('"degraded":true'));
  assert.equal(older.verdict(), 60);
  const newer = new Instance(
    new Module(exporting((exports) => exports.set("interdict_to_come", exports.get("interdict_alloc")))),
  );
  newer.call("screen", request("shop.example"), NOW);
  assert.equal(newer.verdict(), 31);
});

test("a module with a missing, a foreign or another export is refused before it runs", () => {
  for (const change of [
    (exports) => exports.delete("interdict_result"),
    (exports) => exports.delete("memory"),
    (exports) => exports.set("debug", exports.get("interdict_alloc")),
    (exports) => exports.set("interdict_state", exports.get("memory")),
    (exports) => exports.set("__heap_base", exports.get("interdict_alloc")),
    // The stack pointer, which may change.
    (exports) => exports.set("__heap_base", [3, 0]),
  ]) {
    assert.throws(() => new Module(exporting(change)), isForeign);
  }
});

test("a function of another kind and another major version are refused", () => {
  const narrow = new Module(
    exporting((exports) => exports.set("interdict_screen", exports.get("interdict_alloc"))),
  );
  assert.throws(() => new Instance(narrow), isForeign);
  const other = new Module(
    exporting((exports) => exports.set("interdict_abi_version", exports.get("interdict_verdict"))),
  );
  assert.throws(() => new Instance(other), isForeign);
});

test("a memory without a maximum, a larger or a shared one is refused", () => {
  const memory = (...content) => changed({ [SECTIONS.memory]: () => [1, ...content] });
  const pages = [0x40];
  assert.doesNotThrow(() => new Module(memory(1, ...pages, 0x80, 0x80, 1)));
  assert.throws(() => new Module(memory(0, ...pages)), isForeign);
  assert.throws(() => new Module(memory(1, ...pages, 0x81, 0x80, 1)), isForeign);
  assert.throws(() => new Module(memory(3, ...pages, 0x80, 0x80, 1)), isForeign);
});

test("a module that imports, or is none, is refused", () => {
  const importing = Buffer.from("0061736d01000000" + "010401600000" + "02070101610166" + "0000", "hex");
  assert.throws(() => new Module(importing), { ...isForeign, message: /imports a\.f/ });
  for (const bytes of [Buffer.from("no module"), Buffer.alloc(0), COMMITTED.subarray(0, 5000)]) {
    assert.throws(() => new Module(bytes), isForeign);
  }
  assert.throws(() => new Module("text"), { kind: "invalid" });
});

test("a Node without its compiler says so", () => {
  const source = new URL("../src/index.js", import.meta.url);
  const program = `import { Module } from "${source}"; try { Module.builtIn() } catch (error) { console.log(error.message) }`;
  const { stdout } = spawnSync(process.execPath, ["--jitless", "--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  assert.match(stdout, /--jitless/);
});

test("a worker thread takes over what was compiled", async () => {
  const program = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(workerData.source).then(({ Instance, Module }) => {
      const instance = new Instance(Module.received(workerData.module));
      parentPort.postMessage([Module.received(workerData.module).sha256, instance.callText("describe", "{}", ${NOW})]);
    });`;
  const source = new URL("../src/index.js", import.meta.url).href;
  const worker = new Worker(program, {
    eval: true,
    workerData: { source, module: Module.builtIn().shared() },
  });
  const [sha256, described] = await new Promise((resolve, reject) =>
    worker.on("message", resolve).on("error", reject),
  );
  assert.equal(sha256, Module.builtIn().sha256);
  assert.equal(described, new Instance(Module.builtIn()).callText("describe", "{}", NOW));
  assert.equal(await kindOf(() => Module.received({ compiled: {}, sha256 })), "invalid");
  assert.ok(new InterdictError("invalid", "x") instanceof Error);
});
