// How the npm package comes to a compiled module: what lies in its scripts, and what it does with a module that
// it is given. node compile.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { compileWith } from "../../wasm/js/package/src/load/module.js";
import { unpackedModule } from "../../wasm/js/package/src/load/text.js";
import { test } from "./test.mjs";

const edge = readFileSync(fileURLToPath(new URL("../../wasm/dist/interdict-edge.wasm", import.meta.url)));
/** The smallest module there is. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

test("a module that lies in the script is the file's, and without DecompressionStream it does not load", async () => {
  const { DecompressionStream } = globalThis;
  const text = gzipSync(edge, { level: 9 }).toString("base64");
  const named = (module) => WebAssembly.Module.exports(module).map(({ name }) => name);
  assert.deepEqual(named(await unpackedModule(text)), named(new WebAssembly.Module(edge)));
  await assert.rejects(unpackedModule(text.slice(0, text.length / 2)));
  try {
    delete globalThis.DecompressionStream;
    await assert.rejects(unpackedModule(text), /DecompressionStream/);
  } finally {
    globalThis.DecompressionStream = DecompressionStream;
  }
});

test("the own module is compiled once, and again if that failed", async () => {
  let calls = 0;
  const compile = compileWith(async () => {
    calls += 1;
    if (calls === 1) throw new Error("no network");
    return new WebAssembly.Module(EMPTY);
  });
  await assert.rejects(compile(), /no network/);
  const [first, second] = await Promise.all([compile(), compile()]);
  assert.equal(first, second);
  assert.equal(await compile(), first);
  assert.equal(calls, 2);
});

test("a module that is given goes before the own one, in every shape", async () => {
  const compile = compileWith(() => assert.fail("the own one is not asked for"));
  const data = `data:application/wasm;base64,${Buffer.from(EMPTY).toString("base64")}`;
  const module = new WebAssembly.Module(EMPTY);
  for (const given of [module, EMPTY, EMPTY.buffer, data, new URL(data)])
    assert.ok((await compile(given)) instanceof WebAssembly.Module);
  assert.equal(await compile(module), module);
  await assert.rejects(compile(Uint8Array.of(1, 2, 3)), WebAssembly.CompileError);
});
