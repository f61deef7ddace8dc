// How the npm package comes to a compiled module: what it unpacks without `DecompressionStream`, and what it does with a
// module that it is given. node compile.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";

import { inflated } from "../../wasm/js/package/src/load/inflate.js";
import { compileWith } from "../../wasm/js/package/src/load/module.js";
import { unpackedModule } from "../../wasm/js/package/src/load/text.js";
import { test } from "./test.mjs";

const edge = readFileSync(fileURLToPath(new URL("../../wasm/dist/interdict-edge.wasm", import.meta.url)));
/** The smallest module there is. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
/** Every kind of block: stored, with fixed codes, with its own codes. */
const WAYS = [
  { level: 0 },
  { strategy: constants.Z_FIXED },
  { strategy: constants.Z_HUFFMAN_ONLY },
  { strategy: constants.Z_RLE },
  { level: 1 },
  { level: 9 },
];
const CONTENTS = {
  nothing: Buffer.alloc(0),
  one: Buffer.of(7),
  "one byte a million times": Buffer.alloc(1_000_000, 7),
  "what does not compress": noise(200_000),
  // Matches of every distance up to the largest.
  "noise twice": Buffer.concat([noise(32_768), noise(32_768), noise(5_000)]),
  "the module": edge,
};

function noise(length) {
  let state = 1;
  return Buffer.from(Uint8Array.from({ length }, () => (state = (state * 48_271) % 0x7fffffff) >> 8));
}

for (const [name, content] of Object.entries(CONTENTS))
  test(`what zlib packed is unpacked: ${name}`, () => {
    for (const way of WAYS) assert.deepEqual(Buffer.from(inflated(gzipSync(content, way))), content, JSON.stringify(way));
  });

test("a file that is cut off is refused", () => {
  const file = gzipSync(edge, { level: 9 });
  for (const length of [12, 100, file.length / 2, file.length - 9]) {
    const part = Buffer.concat([file.subarray(0, length), file.subarray(-4)]);
    assert.throws(() => inflated(part), /cut off|damaged/);
  }
});

test("without DecompressionStream the text compiles all the same", async () => {
  const { DecompressionStream } = globalThis;
  const text = gzipSync(edge, { level: 9 }).toString("base64");
  const named = (module) => WebAssembly.Module.exports(module).map(({ name }) => name);
  const expected = named(new WebAssembly.Module(edge));
  assert.deepEqual(named(await unpackedModule(text)), expected);
  try {
    delete globalThis.DecompressionStream;
    assert.deepEqual(named(await unpackedModule(text)), expected);
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
