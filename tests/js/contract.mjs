// What the module answers to a host that reads no JSON, to one that is careless, and when it cannot
// answer (docs/abi.md), against the committed module. node contract.mjs

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { Bare, NOW, OPERATIONS } from "./bare.mjs";
import { test } from "./test.mjs";

/** 2026-11-02T06:00:00Z, when the lists of the fixtures are fresh. */
const FRESH = 1_793_599_200;
const [BAD_POINTER, POISONED, UNKNOWN_QUESTION, JSON_SYNTAX, MISSING_FIELD, TOO_MANY] = [-1, -4, -5, -11, -18, -23];
const NO_VERDICT = 60;
const Q = { name: 1, path: 2, maxSize: 3, keep: 4, completed: 5, history: 6, files: 7 };

const asked = (value, flow = "payout", kind = "domain") => ({ flow, identifiers: [{ kind, value }] });
/** A message that an operation refuses. */
const wrong = (operation) => (operation === "screen_batch" ? "\n".repeat(33_000) : '{"unheard":1}');
const zero = (bytes) => bytes.every((byte) => byte === 0);

function loaded() {
  const bare = new Bare();
  bare.load(FRESH);
  bare.refresh(FRESH);
  return bare;
}

test("a verdict's number is its action and whether it is degraded", () => {
  const bare = loaded();
  const seen = new Set();
  for (const [request, now] of [
    [asked("bücher.example"), FRESH],
    [asked("GB82 WEST 1234 5698 7654 32", "payout", "iban"), FRESH],
    [asked("mirror.hidden-shop-2.example"), FRESH],
    [asked("DE89370400440532013000", "payout", "iban"), FRESH],
    [asked("flowers.example", "authorisation"), FRESH],
    [asked("bücher.example"), NOW],
    [asked("flowers.example"), NOW],
  ]) {
    const length = bare.call("screen", request, { now });
    const { action, degraded } = JSON.parse(bare.text(length));
    const numbers = { allow: 10, monitor: 20, review: 30, hold_payout: 40, block: 50 };
    const wanted = numbers[action] + (degraded ? 1 : 0);
    assert.equal(bare.exports.interdict_verdict(), wanted === 11 ? NO_VERDICT : wanted, action);
    seen.add(wanted);
  }
  for (const number of [10, 30, 31, 40, 50]) assert.ok(seen.has(number), `${number} of ${[...seen]}`);
});

test("an allow that is degraded has no number", () => {
  const bare = loaded();
  for (const flow of ["authorisation", "checkout", "payout", "onboarding"]) {
    const length = bare.call("screen", asked("flowers.example", flow), { now: NOW + 10 * 86_400 * 365 });
    const { action, degraded } = JSON.parse(bare.text(length));
    assert.ok(degraded);
    if (action === "allow") assert.equal(bare.exports.interdict_verdict(), NO_VERDICT);
  }
});

test("there is no verdict before the first operation, after a refusal and after any other operation", () => {
  const bare = loaded();
  const verdict = () => bare.exports.interdict_verdict();
  assert.equal(new Bare().exports.interdict_verdict(), NO_VERDICT);
  const pass = () => {
    assert.ok(bare.call("screen", asked("flowers.example", "authorisation"), { now: FRESH }) > 0);
    assert.equal(verdict(), 10);
  };
  for (const operation of OPERATIONS) {
    for (const message of ["{}", "", '{"coalition":"se"}', JSON.stringify(asked("a.example")).slice(1)]) {
      pass();
      bare.call(operation, message, { now: FRESH });
      assert.equal(verdict(), NO_VERDICT, `${operation} ${message}`);
    }
  }
  pass();
  assert.equal(bare.call("screen", asked("flowers.example"), { now: 0 }), -3);
  assert.equal(verdict(), NO_VERDICT);
  pass();
  assert.equal(bare.call("screen", asked("flowers.example"), { out: 1 }), BAD_POINTER);
  assert.equal(verdict(), NO_VERDICT);
  // What is no operation changes nothing.
  pass();
  bare.exports.interdict_free(bare.exports.interdict_alloc(8), 8);
  bare.file(new Uint8Array(8));
  bare.exports.interdict_result(bare.out, bare.size);
  bare.exports.interdict_last_error(bare.out, bare.size);
  for (const question of Object.values(Q)) bare.walk(question);
  assert.equal(verdict(), 10);
});

test("a walk says by number what it says in JSON", () => {
  const bare = new Bare();
  for (const question of Object.values(Q)) assert.equal(bare.walk(question), 0, "before the first walk");
  for (const question of [0, -1, 8, 0x7fffffff, -0x80000000]) assert.equal(bare.walk(question), UNKNOWN_QUESTION);
  bare.load(FRESH);
  assert.equal(bare.walk(Q.completed), 1);
  assert.equal(bare.walk(Q.name), 0);
  assert.equal(bare.walk(Q.maxSize), 0);
  const history = /^interdict-history-1 se verified=0 polled=0 root=1 timestamp=2 snapshot=2 targets=2 se\/merchants=2 check=[0-9a-f]{32}$/;
  assert.match(bare.walk(Q.history, true), history, "files that were saved prove no time");
  assert.deepEqual(bare.walk(Q.files, true).split("\n").sort().at(-1), "timestamp.json");
  const length = bare.call("poll", { coalition: "se", begin: "store" }, { now: FRESH });
  const { fetch, completed } = JSON.parse(bare.text(length));
  assert.equal(bare.walk(Q.name, true), fetch.name);
  assert.equal(bare.walk(Q.path, true), fetch.path);
  assert.equal(bare.walk(Q.maxSize), fetch.max_size);
  assert.equal(bare.walk(Q.completed), completed ? 1 : 0);
  assert.equal(bare.walk(Q.keep), 0);
  // It is no operation: the answer stays. What does not fit is not written, nor outside the buffers.
  assert.equal(bare.exports.interdict_walk(Q.path, bare.out, fetch.path.length - 1), fetch.path.length);
  assert.equal(bare.exports.interdict_walk(Q.path, 8, 1000), BAD_POINTER);
  assert.equal(bare.exports.interdict_result(bare.out, bare.size), length);
  assert.deepEqual(JSON.parse(bare.text(length)).fetch, fetch);
  // A refused supply ends the walk: nothing next, nothing completed, nothing to keep.
  const supply = { coalition: "se", name: "another", outcome: "failed" };
  assert.ok(bare.call("supply", supply, { now: FRESH }) < 0);
  for (const question of Object.values(Q)) assert.equal(bare.walk(question), 0, `${question}`);
});

test("a walk through a repository says which history to save", () => {
  const bare = new Bare();
  bare.configure(FRESH);
  const repository = new URL("../../fixtures/repositories/sample/", import.meta.url);
  assert.ok(bare.call("poll", { coalition: "se", begin: "repository" }, { now: FRESH }) > 0);
  let kept = 0;
  for (let name; (name = bare.walk(Q.name, true)) !== ""; kept += bare.walk(Q.keep)) {
    const path = new URL(bare.walk(Q.path, true), repository);
    const file = existsSync(path) && readFileSync(path);
    if (file) assert.ok(file.length <= bare.walk(Q.maxSize));
    if (file) bare.file(file);
    const outcome = file ? "bytes" : "not_found";
    assert.ok(bare.call("supply", { coalition: "se", name, outcome }, { now: FRESH }) > 0);
  }
  assert.equal(bare.walk(Q.completed), 1);
  assert.ok(kept > 0);
  assert.ok(bare.walk(Q.history, true).startsWith(`interdict-history-1 se verified=${FRESH} polled=${FRESH} root=1 `));
});

test("a refusal is written where the answer would be, and never beside an older answer", () => {
  const bare = new Bare();
  for (const operation of OPERATIONS) {
    const before = bare.call("screen", asked("shop.example"));
    const code = bare.call(operation, wrong(operation));
    assert.ok(before > 0 && code < 0, operation);
    const { error } = JSON.parse(bare.terminated());
    assert.equal(error.code, code, operation);
    const text = bare.terminated();
    assert.ok(zero(bare.bytes(bare.out + text.length, before)), "the rest is zeros");
    assert.equal(bare.exports.interdict_result(bare.out, bare.size), text.length);
    assert.equal(bare.text(text.length), text);
    assert.equal(bare.exports.interdict_result(0, 0), text.length, "its length in any case");
  }
  // One byte short, with the zero byte counted: nothing is written.
  bare.call("screen", "{}");
  const text = bare.terminated();
  assert.equal(bare.call("screen", "{}", { capacity: text.length }), MISSING_FIELD);
  assert.ok(zero(bare.bytes(bare.out, bare.size)));
  assert.equal(bare.exports.interdict_result(bare.out, text.length), text.length);
  assert.equal(bare.text(text.length), text);
  assert.equal(bare.call("screen", "{}", { capacity: text.length + 1 }), MISSING_FIELD);
  assert.equal(bare.terminated(), text);
  assert.equal(bare.call("screen", "{}", { capacity: -1 }), MISSING_FIELD);
  assert.ok(zero(bare.bytes(bare.out, bare.size)));
});

test("a message or an answer's buffer that is not one leaves nothing behind", () => {
  const bare = new Bare();
  const screen = bare.exports.interdict_screen;
  // The message would lie over the answer and beyond the buffer.
  const length = bare.call("screen", asked("shop.example"));
  assert.equal(screen(bare.out, bare.size + 1, NOW, 0, 0), BAD_POINTER);
  assert.ok(zero(bare.bytes(bare.out, length)));
  // The message is zeroed although the answer's buffer is refused.
  assert.equal(bare.call("screen", asked("shop.example"), { out: bare.out + 8 }), BAD_POINTER);
  assert.ok(zero(bare.bytes(bare.input, bare.size)));
  assert.match(bare.text(13, bare.out + 8), /^\{"error"/);
  bare.call("describe", {});
  assert.ok(!/error/.test(bare.text(200)));
});

/** Leaves the module no memory, so that the next operation of any size traps. */
function filled(bare) {
  const pointers = [];
  for (let size = 64 << 20; size > 4; size = Math.floor(size / 2)) {
    for (let pointer; (pointer = bare.exports.interdict_alloc(size)) !== 0; ) pointers.push([pointer, size]);
  }
  return pointers;
}

/** A trap in the middle of an operation: its memory is full. */
function trapped() {
  const bare = loaded();
  assert.ok(bare.call("screen", asked("flowers.example", "authorisation"), { now: FRESH }) > 0);
  assert.equal(bare.exports.interdict_verdict(), 10);
  filled(bare);
  const batch = `${JSON.stringify(asked("shop.example"))}\n`.repeat(500);
  assert.throws(() => {
    for (let times = 0; times < 100; times += 1) bare.call("configure", { coalitions: [], overrides: [btoa(batch)] });
    for (const operation of OPERATIONS) bare.call(operation, batch.slice(0, 2000));
  }, WebAssembly.RuntimeError);
  return bare;
}

test("an instance that trapped answers nothing but poisoned", () => {
  const bare = trapped();
  assert.ok(zero(bare.bytes(bare.out, bare.size)), "the earlier answer is gone");
  for (const operation of OPERATIONS) {
    const code = bare.call(operation, asked("flowers.example", "authorisation"), { now: FRESH });
    assert.equal(code, POISONED, operation);
    assert.equal(bare.exports.interdict_verdict(), NO_VERDICT);
  }
  assert.equal(bare.exports.interdict_result(bare.out, bare.size), POISONED);
  for (const question of [0, ...Object.values(Q)]) assert.equal(bare.walk(question), POISONED);
  assert.equal(bare.exports.interdict_last_error(bare.out, bare.size), 0);
  assert.equal(bare.exports.interdict_alloc(8), 0);
  assert.equal(bare.exports.interdict_file_begin(8), 0);
  bare.exports.interdict_free(bare.out, bare.size);
  assert.ok(zero(bare.bytes(bare.out, bare.size)));
});

test("so does one whose stack ran out", () => {
  const bare = loaded();
  let cut = 0;
  const deep = () => {
    try {
      deep();
    } catch {
      /* The deepest calls have no room for the module. */
    }
    if (cut > 0) return;
    try {
      bare.call("screen", asked("flowers.example", "authorisation"), { now: FRESH });
    } catch {
      cut += bare.exports.interdict_verdict() === NO_VERDICT ? 1 : 0;
    }
  };
  deep();
  const code = bare.call("screen", asked("flowers.example", "authorisation"), { now: FRESH });
  assert.ok(cut > 0 ? [POISONED, 1].includes(Math.min(code, 1)) : false, `${cut} ${code}`);
});

/** A message of any size in a buffer of its own; what the operation returns, and the answer's text. */
function batch(bare, text) {
  const bytes = new TextEncoder().encode(text);
  const input = bare.exports.interdict_alloc(bytes.length);
  bare.bytes(input, bytes.length).set(bytes);
  const length = bare.exports.interdict_screen_batch(input, bytes.length, NOW, bare.out, 0);
  bare.exports.interdict_free(input, bytes.length);
  if (length < 0) return { length };
  const out = bare.exports.interdict_alloc(Math.max(length, 1));
  assert.equal(bare.exports.interdict_result(out, length), length);
  const answer = new TextDecoder().decode(bare.bytes(out, length));
  bare.exports.interdict_free(out, length);
  return { length, answer };
}

test("more lines than a batch may have are refused, and the instance goes on", () => {
  const bare = new Bare();
  for (const lines of [2_700_000, 900_000, 32_769]) {
    assert.equal(batch(bare, "{}\n".repeat(lines)).length, TOO_MANY, `${lines}`);
  }
  const { answer } = batch(bare, "{}\n".repeat(32_768));
  const lines = answer.trimEnd().split("\n").map(JSON.parse);
  assert.ok(lines.length === 32_768 && lines.every((line, number) => line.line === number));
  assert.ok(lines.every((line) => line.error.code === MISSING_FIELD));
  assert.equal(batch(bare, "\n".repeat(32_768)).answer.split("\n").length, 32_769);
});

test("a full batch of ordinary answers with receipts fits", () => {
  const bare = loaded();
  bare.call("configure", { receipt_key: "07".repeat(32) }, { now: FRESH });
  const names = ["flowers.example", "bücher.example"];
  const text = names.map((name) => `${JSON.stringify(asked(name))}\n`).join("");
  const { answer, length } = batch(bare, text.repeat(16_384));
  assert.ok(!answer.includes('"error"') && length < 64 << 20, `${length}`);
  console.log(`# a full batch with receipts: ${length} bytes, memory ${bare.exports.memory.buffer.byteLength}`);
});

test("answers of 64 MiB are not exceeded, every line is answered, and a line sent again is", () => {
  const bare = loaded();
  bare.call("configure", { receipt_key: "07".repeat(32) }, { now: FRESH });
  const identifiers = Array.from({ length: 11 }, (_, index) => ({ kind: "domain", value: `a${index}.b.c` }));
  const line = JSON.stringify({ flow: "payout", identifiers, view: "analyst", language: "nl" });
  const text = `${line}\n`.repeat(32_768);
  const { answer, length } = batch(bare, text);
  assert.ok(length <= 64 << 20 && length > (64 << 20) - 8192, `${length}`);
  const answers = answer.trimEnd().split("\n").map(JSON.parse);
  assert.ok(answers.every((one, number) => one.line === number) && answers.length === 32_768);
  const late = answers.filter((one) => one.error?.name === "answer_too_large");
  assert.ok(late.length > 0 && late.every((one) => one.error.code === -28));
  assert.equal(answers.filter((one) => one.action).length, 32_768 - late.length);
  const before = bare.exports.memory.buffer.byteLength;
  const again = batch(bare, text.slice(0, (line.length + 1) * Math.min(late.length, 1000)));
  assert.ok(!again.answer.includes("answer_too_large"));
  assert.equal(batch(bare, text).length, length);
  assert.ok(bare.exports.memory.buffer.byteLength <= before, "a second one needs no more memory");
  console.log(`# ${late.length} lines to send again, memory ${before}`);
});

test("a loaded instance is cloned by copying its memory between calls", () => {
  const bare = loaded();
  const clone = new Bare();
  const { buffer } = bare.exports.memory;
  clone.exports.memory.grow((buffer.byteLength - clone.exports.memory.buffer.byteLength) >> 16);
  new Uint8Array(clone.exports.memory.buffer).set(new Uint8Array(buffer));
  [clone.input, clone.out] = [bare.input, bare.out];
  const answers = [bare, clone].map((one) => {
    const length = one.call("screen", asked("bücher.example"), { now: FRESH });
    assert.equal(one.exports.interdict_verdict(), 50);
    return one.text(length);
  });
  assert.equal(answers[0], answers[1]);
});

test("a walk goes on after a file that was not asked for, and after none", () => {
  const bare = new Bare();
  const { coalition } = bare.configure(FRESH);
  const supply = { coalition, name: "2.root.json", outcome: "bytes" };
  assert.equal(bare.call("supply", { ...supply, outcome: "failed" }, { now: FRESH }), -32);
  assert.ok(bare.call("poll", { coalition, begin: "store" }, { now: FRESH }) > 0);
  const name = bare.walk(Q.name, true);
  bare.file(new Uint8Array(1));
  assert.equal(bare.call("supply", { ...supply, name: "another" }, { now: FRESH }), -33);
  assert.equal(bare.call("supply", { ...supply, name }, { now: FRESH }), -34);
  assert.equal(bare.walk(Q.name), 0);
  assert.ok(bare.call("poll", { coalition }, { now: FRESH }) > 0);
  assert.equal(bare.walk(Q.name, true), name);
});

test("checks run in their order", () => {
  const bare = new Bare();
  const screen = (text, now, out) => bare.call("screen", text, { now, out });
  assert.equal(screen("[", 0, 1), BAD_POINTER);
  assert.equal(screen(" ".repeat(65_536).slice(0, 65_536), 0), JSON_SYNTAX);
  assert.equal(screen("[", 0), JSON_SYNTAX);
  assert.equal(screen("{}", 0), -3);
  assert.equal(screen("{}", NOW), MISSING_FIELD);
  assert.equal(bare.call("screen_batch", "\n".repeat(33_000), { now: 0 }), -3);
  assert.ok(bare.call("describe", "{}", { now: 0 }) > 0);
});

test("no number and no answer of the module reads as a pass without a verdict", () => {
  const fresh = new Bare();
  const refused = loaded();
  assert.ok(refused.call("screen", asked("flowers.example", "authorisation"), { now: FRESH }) > 0);
  assert.equal(refused.call("screen", "", { now: FRESH }), JSON_SYNTAX);
  const dead = trapped();
  const states = { fresh, refused, dead, other: loaded() };
  for (const [state, bare] of Object.entries(states)) {
    const number = bare.exports.interdict_verdict();
    // The idioms that stop at what they read: they must not read a pass.
    assert.ok(number >= 30, `${state}: v >= 30`);
    assert.ok(number, `${state}: !v`);
    assert.ok((number & 0xff) >= 30, `${state}: v & 0xff`);
    assert.ok(!(number >= 10 && number < 30), `${state}: the right one`);
    // The answer of the call before is gone: whoever reads the buffer reads no verdict.
    assert.ok(!bare.terminated().includes('"action"'), state);
    for (const operation of OPERATIONS) {
      const code = bare.call(operation, wrong(operation), { now: FRESH });
      assert.ok(code < 0 && code > -100_000, `${state}: ${operation}`);
      assert.ok(bare.exports.interdict_verdict() === NO_VERDICT);
    }
  }
});
