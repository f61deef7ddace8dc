import assert from "node:assert/strict";
import { test } from "node:test";

import { Instance, Module } from "../src/index.js";
import { NOW, request } from "./helpers.js";
import { trapping } from "./wasm.js";

const module = Module.builtIn();

/** An instance, with how often each export was looked up and each function called. */
function watched(make) {
  const counts = { looked: 0, called: {} };
  const Original = WebAssembly.Instance;
  WebAssembly.Instance = class {
    constructor(...given) {
      const { exports } = new Original(...given);
      const counting = (name) => {
        const call = (...numbers) => {
          counts.called[name] = (counts.called[name] ?? 0) + 1;
          return exports[name](...numbers);
        };
        return Object.defineProperty(call, "length", { value: exports[name].length });
      };
      const wrapped = Object.fromEntries(
        Object.keys(exports).map((name) => [
          name,
          typeof exports[name] === "function" ? counting(name) : exports[name],
        ]),
      );
      this.exports = new Proxy(wrapped, {
        get(target, name) {
          counts.looked += 1;
          return target[name];
        },
      });
    }
  };
  try {
    return { instance: make(), counts };
  } finally {
    WebAssembly.Instance = Original;
  }
}

test("functions are looked up once and buffers allocated once", () => {
  const { instance, counts } = watched(() => new Instance(module));
  assert.equal(counts.called.interdict_alloc, 2);
  const { looked } = counts;
  for (let count = 0; count < 100; count += 1) instance.callText("screen", request("shop.example"), NOW);
  assert.equal(counts.looked, looked);
  assert.deepEqual([counts.called.interdict_alloc, counts.called.interdict_free], [2, undefined]);
});

test("a buffer that grows is exchanged, and memory is steady afterwards", () => {
  const { instance, counts } = watched(() => new Instance(module));
  const line = `${JSON.stringify(request("shop.example"))}\n`;
  const batch = line.repeat(2000);
  const first = instance.callText("screen_batch", batch, NOW);
  assert.equal(first.split("\n").length, 2001);
  const [size, allocated] = [instance.memorySize, counts.called.interdict_alloc];
  assert.equal(allocated - counts.called.interdict_free, 2, "what was exchanged is given back");
  for (let count = 0; count < 5; count += 1)
    assert.equal(instance.callText("screen_batch", batch, NOW), first);
  for (let count = 0; count < 500; count += 1) instance.call("screen", line.trim(), NOW);
  assert.deepEqual([instance.memorySize, counts.called.interdict_alloc], [size, allocated]);
});

test("a large answer is the same as bytes and as text", () => {
  const identifiers = Array.from({ length: 32 }, (_, place) => ({
    kind: "domain",
    value: `${"a.".repeat(60)}s${place}.example`,
  }));
  const answer = new Instance(module).callText("describe", { identifiers }, NOW);
  assert.ok(answer.length > 16 << 10);
  const bytes = new Instance(module).call("describe", { identifiers }, NOW);
  assert.equal(Buffer.from(bytes).toString(), answer);
});

test("a message may be text, bytes or an object, and nothing else", () => {
  const instance = new Instance(module);
  const object = request("b\u00fccher.example");
  const text = JSON.stringify(object);
  const answer = instance.callText("screen", text, NOW);
  assert.equal(instance.callText("screen", object, NOW), answer);
  assert.equal(instance.callText("screen", Buffer.from(text), NOW), answer);
  assert.equal(Buffer.from(instance.call("screen", text, NOW)).toString(), answer);
  const circle = {};
  circle.circle = circle;
  for (const message of [undefined, null, 7, circle, '"\ud800"', { toJSON: () => undefined }]) {
    assert.throws(() => instance.callText("screen", message, NOW), { kind: "invalid" });
  }
});

test("a time that is no whole second is not asked about", () => {
  const instance = new Instance(module);
  for (const now of [undefined, Number.NaN, 1.5, -1, 2 ** 32, "1793599200", Date.now()]) {
    assert.throws(() => instance.callText("screen", request("shop.example"), now), { kind: "invalid" });
  }
  assert.throws(() => instance.callText("screen", request("shop.example"), 2 ** 32 - 1), {
    kind: "refused",
    code: -3,
  });
  assert.throws(() => instance.callText("interdict_screen", "{}", NOW), { kind: "invalid" });
});

test("a refusal has code, name and path, and no number of a verdict", () => {
  const instance = new Instance(module);
  instance.call("screen", request("shop.example"), NOW);
  assert.equal(instance.verdict(), 31);
  const missing = {
    kind: "refused",
    code: -18,
    codeName: "missing_field",
    path: "flow",
    message: "flow: this field is required",
  };
  assert.throws(() => instance.callText("screen", "{}", NOW), missing);
  assert.equal(instance.verdict(), 60);
});

test("an instance that trapped or ran out of stack answers nothing more and is not copied", () => {
  const changed = new Module(trapping());
  for (const message of ["!", "?"]) {
    const instance = new Instance(changed);
    instance.call("screen", request("shop.example"), NOW);
    assert.throws(() => instance.callText("screen", message, NOW), { kind: "trapped" });
    assert.equal(instance.isTrapped, true);
    assert.throws(() => instance.callText("describe", "{}", NOW), { kind: "trapped" });
    assert.throws(() => instance.file(Buffer.of(1)), { kind: "trapped" });
    assert.throws(() => instance.clone(), { kind: "trapped" });
    assert.equal(instance.verdict(), 60);
  }
});

test("a copy answers the same and is independent", () => {
  const instance = new Instance(module);
  instance.call("configure", { policy: { without_lists: true }, receipt_key: "07".repeat(32) }, NOW);
  instance.callText("screen_batch", `${JSON.stringify(request("shop.example"))}\n`.repeat(500), NOW);
  const copy = instance.clone();
  assert.equal(copy.memorySize, instance.memorySize);
  const answer = instance.callText("screen", request("shop.example"), NOW);
  assert.equal(copy.callText("screen", request("shop.example"), NOW), answer);
  copy.call("configure", { receipts: "never" }, NOW);
  assert.ok(!copy.callText("screen", request("shop.example"), NOW).includes("receipt"));
  assert.equal(instance.callText("screen", request("shop.example"), NOW), answer);
});
