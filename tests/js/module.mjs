// Tests that the committed module keeps the memory contract of docs/abi.md. node module.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { encode } from "./raw.mjs";
import { test } from "./test.mjs";

const committed = new URL("../../wasm/dist/interdict.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(committed));

const NOW = 1_795_309_323;
const REQUEST = encode(
  '{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}],"reference":"a-telling-mark"}',
);
const BAD_POINTER = -1;
const JSON_SYNTAX = -11;

class Bare {
  exports = new WebAssembly.Instance(module, {}).exports;
  input = this.exports.interdict_alloc(4096);
  out = this.exports.interdict_alloc(4096);

  bytes(pointer, length) {
    return new Uint8Array(this.exports.memory.buffer, pointer, length);
  }

  screen(input = this.input, out = this.out, capacity = 4096) {
    this.bytes(input, REQUEST.length).set(REQUEST);
    return this.exports.interdict_screen(input, REQUEST.length, NOW, out, capacity);
  }
}

const zero = (bytes) => bytes.every((byte) => byte === 0);

test("the message is zeroed by its operation, the answer by the next one", () => {
  const bare = new Bare();
  const length = bare.screen();
  assert.ok(length > 0);
  assert.ok(zero(bare.bytes(bare.input, 4096)));
  assert.ok(!zero(bare.bytes(bare.out, length)));
  assert.equal(bare.exports.interdict_screen(bare.input, 0, NOW, bare.out, 4096), -11);
  assert.ok(zero(bare.bytes(bare.out, length)));
});

test("one buffer may serve for message and answer", () => {
  const bare = new Bare();
  const first = bare.screen(bare.input, bare.input);
  assert.ok(first > 0);
  for (let round = 0; round < 3; round += 1) assert.equal(bare.screen(bare.input, bare.input), first);
  const half = bare.input + 50;
  assert.equal(bare.screen(half, bare.input), first);
  assert.equal(bare.screen(bare.input, half, 4000), first);
});

test("an answer that does not fit is fetched and the operation runs once", () => {
  const bare = new Bare();
  const length = bare.screen(bare.input, bare.out, 4096);
  const answer = bare.bytes(bare.out, length).slice();
  assert.equal(bare.screen(bare.input, bare.out, 0), length);
  assert.ok(zero(bare.bytes(bare.out, 4096)));
  assert.equal(bare.exports.interdict_result(bare.out, length - 1), length);
  assert.equal(bare.exports.interdict_result(bare.out, length), length);
  assert.deepEqual(bare.bytes(bare.out, length), answer);
});

test("pointers outside the buffers handed out are refused", () => {
  const bare = new Bare();
  const { interdict_screen: screen, interdict_last_error: lastError } = bare.exports;
  for (const [input, length] of [
    [0, 10], [-1, 10], [bare.input - 1, 10], [bare.input, 4097], [bare.input + 4090, 7],
    [bare.input, -1], [0x7fffffff, 10], [bare.input, 0x7fffffff], [-0x80000000, 1],
  ]) {
    assert.equal(screen(input, length, NOW, bare.out, 4096), BAD_POINTER, `${input} ${length}`);
  }
  for (const out of [0, -1, bare.out - 1, bare.out + 4000, 0x7fffffff]) {
    assert.equal(bare.screen(bare.input, out, 4096), BAD_POINTER, `${out}`);
  }
  assert.ok(lastError(bare.out, 4096) > 0);
  assert.ok(lastError(0, 4096) > 0, "nothing is written outside");
});

test("freeing what was never handed out, or twice, does nothing", () => {
  const bare = new Bare();
  const { interdict_alloc: alloc, interdict_free: free } = bare.exports;
  const pointer = alloc(64);
  // A message in a buffer that is not handed out is refused unread.
  const read = () => bare.exports.interdict_screen(pointer, 64, NOW, bare.out, 4096);
  for (const [at, length] of [[0, 64], [pointer, 63], [pointer + 8, 56], [-1, -1]]) {
    free(at, length);
    assert.equal(read(), JSON_SYNTAX, `${at} ${length}`);
  }
  free(pointer, 64);
  assert.equal(read(), BAD_POINTER);
  const next = alloc(64);
  free(pointer, 63);
  free(next, 64);
  free(next, 64);
  let handed = 2;
  while (alloc(8) !== 0) handed += 1;
  assert.equal(handed, 64);
  assert.ok(bare.screen() > 0);
});

test("no more buffers and no larger ones are handed out than stated", () => {
  const bare = new Bare();
  const { interdict_alloc: alloc, interdict_file_begin: begin } = bare.exports;
  for (const length of [0, -1, (64 << 20) + 1, 0x7fffffff, -0x80000000]) assert.equal(alloc(length), 0);
  for (const length of [-1, 0x7fffffff]) assert.equal(begin(length), 0);
  let handed = 2;
  while (alloc(8) !== 0) handed += 1;
  assert.equal(handed, 64);
});

test("screening never grows memory after the first call of a size", () => {
  const bare = new Bare();
  const lines = encode(`${new TextDecoder().decode(REQUEST)}\n`.repeat(500));
  const input = bare.exports.interdict_alloc(lines.length);
  const out = bare.exports.interdict_alloc(1 << 20);
  const batch = () => {
    bare.bytes(input, lines.length).set(lines);
    return bare.exports.interdict_screen_batch(input, lines.length, NOW, out, 1 << 20);
  };
  bare.screen();
  assert.ok(batch() > 0);
  const before = bare.exports.memory.buffer.byteLength;
  for (let round = 0; round < 20; round += 1) {
    assert.ok(batch() > 0);
    for (let call = 0; call < 1000; call += 1) bare.screen();
  }
  assert.equal(bare.exports.memory.buffer.byteLength, before);
});
