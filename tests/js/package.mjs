// Gives what wasm-bindgen made of the core values that no JSON message can hold, loads lists of the fixtures, and compares
// the page's sentences with the core's. node package.mjs <generated> <fixtures>

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { sentenceOf } from "../../wasm/js/package/src/sentences.js";
import { generated } from "./generated.mjs";
import { encode, RawModule } from "./raw.mjs";
import { test } from "./test.mjs";

const [folder, fixtures] = process.argv.slice(2).map((path) => resolve(path));
const { Interdict, initSync } = await generated(folder);
const committed = new URL("../../wasm/dist/interdict.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(committed));

const NOW = 1_795_309_323;
const DOMAIN = { kind: "domain", value: "shop.example" };
const request = (members) => ({ flow: "payout", identifiers: [DOMAIN], ...members });
const hostile = () => {
  throw new Error("secret-4711");
};

function refusal(run) {
  try {
    run();
  } catch (error) {
    assert.equal(error.name, "InterdictError", String(error.stack));
    assert.ok(error instanceof Error && Number.isInteger(error.code) && error.code < 0);
    const told = [error.message, error.codeName, error.path, JSON.stringify(error)].join();
    assert.ok(!told.includes("4711"), told);
    return error.codeName;
  }
  return assert.fail("it was answered");
}

test("a verdict is byte for byte the module's", () => {
  const raw = new RawModule(module);
  const interdict = new Interdict();
  const configuration = {
    receipt_key: "07".repeat(32),
    policy: { without_lists: true, flows: { checkout: { unavailable: "review" } } },
  };
  raw.call("configure", encode(JSON.stringify(configuration)), undefined, NOW);
  interdict.configure(configuration, NOW);
  const requests = ["onboarding", "authorisation", "payout", "checkout"].flatMap((flow) => [
    { flow, identifiers: [DOMAIN] },
    { reference: 'h\u00e5\u{1f6d2}"\\\n', url: "https://pay.b\u00fccher.example/x", flow },
    { flow, iso8583: { de32: "412345", de42: "SHOP0001" }, signals: { merchant_age_days: 12 } },
    {
      flow,
      identifiers: Array.from({ length: 32 }, (_, n) => ({
        kind: "domain",
        value: `s${n}.example`,
      })),
    },
  ]);
  for (const message of requests) {
    const expected = raw.call("screen", encode(JSON.stringify(message)), undefined, NOW);
    assert.deepEqual({ code: 0, out: JSON.stringify(interdict.screen(message, NOW)) }, expected);
  }
  const described = { identifiers: [DOMAIN, { kind: "iban", value: "GB33BUKB20201555555555" }] };
  const expected = raw.call("describe", encode(JSON.stringify(described)), undefined, NOW);
  assert.equal(JSON.stringify(interdict.describe(described)), expected.out);
});

test("values that JSON lacks are refused in every place", () => {
  const interdict = new Interdict();
  const values = [
    () => 1,
    Symbol("s"),
    new Map([["flow", "payout"]]),
    new Set(),
    new Date(),
    /x/,
    new Error("x"),
    Promise.resolve({}),
    new WeakMap(),
    new Uint8Array(4),
    new ArrayBuffer(4),
    new DataView(new ArrayBuffer(4)),
    new String("payout"),
    new Number(1),
    new Boolean(true),
    (function () {
      return arguments;
    })(),
    [][Symbol.iterator](),
    globalThis,
    Math,
    JSON,
    NaN,
    Infinity,
    -Infinity,
    1.5,
    2 ** 53,
    2n ** 64n,
    "\ud800",
    "a\udc00b",
  ];
  for (const value of values) {
    for (const message of [
      value,
      request({ signals: value }),
      request({ signals: { merchant_age_days: value } }),
      request({ reference: value }),
      request({ flow: value }),
      request({ identifiers: value }),
      request({ identifiers: [value] }),
      { [String(value?.x)]: value },
    ]) {
      refusal(() => interdict.screen(message, NOW));
      refusal(() => interdict.configure({ policy: message }, NOW));
    }
    refusal(() => interdict.configure({ policy: value }, NOW));
    refusal(() => interdict.poll(value, NOW));
    refusal(() => interdict.supply(value, undefined, NOW));
    refusal(() => interdict.describe(value));
  }
  for (const message of [undefined, null, true, 0, 1, "", "{}", [], 1n]) {
    refusal(() => interdict.screen(message, NOW));
    refusal(() => interdict.configure(message, NOW));
  }
  assert.equal(
    refusal(() => interdict.describe(null)),
    "wrong_type",
  );
});

test("a forgotten await does not become an empty policy", async () => {
  const interdict = new Interdict();
  const before = interdict.configure({}).policy;
  const load = async () => ({ without_lists: true, typology_cap: 700 });
  assert.equal(
    refusal(() => interdict.configure(load())),
    "json_syntax",
  );
  assert.equal(
    refusal(() => interdict.configure({ policy: load() })),
    "json_syntax",
  );
  assert.notEqual(interdict.configure({ policy: await load() }).policy, before);
});

test("code that throws in the middle of a read is a refusal, and the engine still answers", () => {
  const interdict = new Interdict();
  const throwing = (trap) => new Proxy({}, { [trap]: hostile });
  const revoked = (target) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  const element = [DOMAIN];
  Object.defineProperty(element, 0, { get: hostile });
  const values = [
    {
      get flow() {
        return hostile();
      },
    },
    {
      [Symbol.toStringTag]: "Array",
      get length() {
        return hostile();
      },
    },
    {
      [Symbol.toStringTag]: "Array",
      length: 4,
      get 0() {
        return hostile();
      },
    },
    {
      get [Symbol.toStringTag]() {
        return hostile();
      },
    },
    throwing("get"),
    throwing("ownKeys"),
    revoked({}),
    revoked([]),
    element,
    new Proxy({ flow: "payout" }, { get: hostile }),
    new Proxy([DOMAIN], { get: hostile }),
    new Proxy({ flow: "payout" }, { getOwnPropertyDescriptor: hostile }),
    {
      get flow() {
        throw undefined;
      },
    },
    {
      get flow() {
        throw { toString: hostile };
      },
    },
  ];
  for (let round = 0; round < 200; round += 1) {
    for (const value of values) {
      refusal(() => interdict.screen(value, NOW));
      refusal(() => interdict.screen(request({ identifiers: value }), NOW));
      refusal(() => interdict.configure({ policy: value }, NOW));
    }
  }
  assert.equal(interdict.screen(request(), NOW).action, "review");
  interdict.configure({});
  interdict.free();
});

test("a getter that calls back is a refusal or an answer", () => {
  const interdict = new Interdict();
  let inner;
  const again = {
    get flow() {
      inner = interdict.screen(request(), NOW);
      return "payout";
    },
    identifiers: [DOMAIN],
  };
  assert.equal(JSON.stringify(interdict.screen(again, NOW)), JSON.stringify(inner));
  const gone = new Interdict();
  const freeing = {
    get policy() {
      gone.free();
      return {};
    },
  };
  refusal(() => gone.configure(freeing, NOW));
  assert.throws(() => gone.screen(request(), NOW));
  const configuring = {
    get flow() {
      interdict.configure({});
      return "payout";
    },
    identifiers: [DOMAIN],
  };
  refusal(() => interdict.screen(configuring, NOW));
  assert.equal(interdict.screen(request(), NOW).action, "review");
});

test("endless values are refused by depth, count or size", () => {
  const interdict = new Interdict();
  const cycle = request();
  cycle.signals = cycle;
  assert.equal(
    refusal(() => interdict.screen(cycle, NOW)),
    "json_too_deep",
  );
  const circle = [];
  circle.push(circle);
  assert.equal(
    refusal(() => interdict.screen(request({ identifiers: circle }), NOW)),
    "json_too_deep",
  );
  const endless = {
    get next() {
      return endless;
    },
  };
  assert.equal(
    refusal(() => interdict.screen(endless, NOW)),
    "json_too_deep",
  );
  let wide = "x";
  for (let depth = 0; depth < 6; depth += 1) wide = Array(100).fill(wide);
  assert.equal(
    refusal(() => interdict.screen(wide, NOW)),
    "json_too_many_values",
  );
  assert.equal(
    refusal(() => interdict.screen(Array(2 ** 32 - 1), NOW)),
    "json_too_many_values",
  );
  const members = Object.fromEntries(Array.from({ length: 1e6 }, (_, n) => [`m${n}`, 1]));
  assert.equal(
    refusal(() => interdict.screen(members, NOW)),
    "json_too_many_values",
  );
  const long = "4711".repeat(1 << 26);
  for (const message of [
    long,
    { [long]: 1 },
    request({ reference: long }),
    request({ url: long }),
    [long],
  ]) {
    assert.equal(
      refusal(() => interdict.screen(message, NOW)),
      "message_too_large",
    );
  }
  const half = "x".repeat(40_000);
  assert.equal(
    refusal(() => interdict.screen({ flow: half, url: half }, NOW)),
    "message_too_large",
  );
  assert.equal(
    refusal(() => interdict.configure({ receipt_key: "x".repeat((4 << 20) + 1) }, NOW)),
    "message_too_large",
  );
  assert.equal(interdict.screen(request(), NOW).action, "review");
});

test("undefined and null count as missing members, and inherited members do not count", () => {
  const interdict = new Interdict();
  const plain = JSON.stringify(interdict.screen(request(), NOW));
  for (const message of [
    request({ url: undefined, signals: undefined, unheard: undefined }),
    request({ url: null, reference: null }),
    Object.assign(Object.create({ url: "https://other.example", iso8583: 1 }), request()),
    Object.assign(Object.create(null), request()),
    new (class Request {
      flow = "payout";
      identifiers = [DOMAIN];
      hidden() {}
    })(),
    Object.freeze(request()),
    new Proxy(request(), {}),
    request({ [Symbol("s")]: 1 }),
    request({ identifiers: new Proxy([DOMAIN], {}) }),
    runInContext(
      '({ flow: "payout", identifiers: [{ kind: "domain", value: "shop.example" }] })',
      createContext({}),
    ),
    request({ signals: { merchant_age_days: 3n } }),
    request({ signals: { merchant_age_days: -0 } }),
  ]) {
    assert.equal(JSON.stringify(interdict.screen(message, NOW)), plain);
  }
  assert.equal(
    refusal(() => interdict.screen({ flow: undefined, identifiers: [DOMAIN] }, NOW)),
    "missing_field",
  );
  assert.equal(
    refusal(() =>
      interdict.screen(
        JSON.parse('{"flow":"payout","url":"https://shop.example","__proto__":{}}'),
        NOW,
      ),
    ),
    "unknown_field",
  );
  assert.equal(
    refusal(() => interdict.screen(Object.create(request()), NOW)),
    "missing_field",
  );
  assert.equal(
    refusal(() => interdict.screen(request({ identifiers: [, DOMAIN] }), NOW)),
    "wrong_type",
  );
  Object.prototype.reference = "polluted";
  try {
    assert.equal(JSON.stringify(interdict.screen(request(), NOW)), plain);
  } finally {
    delete Object.prototype.reference;
  }
});

test("the clock is seconds, and nothing else is a time", () => {
  const interdict = new Interdict();
  for (const now of [undefined, null, NOW, NOW + 0.9]) interdict.state(now);
  for (const now of [
    NaN,
    -1,
    0,
    1e9,
    Infinity,
    -Infinity,
    Date.now(),
    2 ** 32 + NOW,
    "",
    "soon",
    {},
    [],
  ]) {
    assert.equal(
      refusal(() => interdict.screen(request(), now)),
      "time_out_of_range",
      String(now),
    );
  }
  const before = interdict.screen(request()).action;
  for (const now of [Symbol("s"), 1n, { valueOf: hostile }]) {
    assert.throws(() => interdict.screen(request(), now));
  }
  assert.equal(interdict.screen(request()).action, before);
});

test("a file is a Uint8Array of any frame", () => {
  const interdict = new Interdict();
  const supply = (file) =>
    refusal(() => interdict.supply({ coalition: "se", name: "x", outcome: "bytes" }, file, NOW));
  assert.equal(supply(undefined), "no_file");
  assert.equal(supply(null), "no_file");
  const foreign = runInContext("new Uint8Array(8)", createContext({}));
  for (const file of [new Uint8Array(8), Buffer.from("x"), foreign, new Uint8Array(0)])
    assert.equal(supply(file), "not_configured");
  for (const file of [
    "bytes",
    5,
    true,
    {},
    [1, 2],
    new ArrayBuffer(8),
    new Uint16Array(8),
    new DataView(new ArrayBuffer(8)),
    () => 1,
    Symbol("s"),
    { length: 4e9 },
    { [Symbol.toStringTag]: "Uint8Array", length: 4e9 },
    new Proxy(new Uint8Array(8), {}),
    Promise.resolve(),
  ]) {
    assert.equal(supply(file), "wrong_type");
  }
  const detached = new Uint8Array(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  assert.equal(supply(detached), "wrong_type");
  const liar = Object.defineProperty(new Uint8Array(8), "length", { get: hostile });
  assert.equal(supply(liar), "not_configured");
  interdict.configure({}, NOW);
});

test("an error has code, word and path, and a freed object never answers", () => {
  const interdict = new Interdict();
  try {
    interdict.screen(
      request({ identifiers: [DOMAIN, { kind: "domain of 4711", value: "4711.example" }] }),
      NOW,
    );
    assert.fail("it was answered");
  } catch (error) {
    assert.equal(
      `${error.name} ${error.code} ${error.codeName} ${error.path}`,
      "InterdictError -22 unknown_kind identifiers[1].kind",
    );
    assert.ok(
      !error.message.includes("4711") && error.message.startsWith("identifiers[1].kind: "),
    );
  }
  const marked = interdict.screen(request({ reference: "4111 1111 1111 1111" }), NOW);
  assert.deepEqual([marked.reference, marked.reference_dropped], [undefined, true]);
  assert.equal(
    refusal(() =>
      interdict.screen(request({ iso8583: { de2: "4711", de32: "412345", de42: "X" } }), NOW),
    ),
    "pan_refused",
  );
  interdict.free();
  assert.throws(() => interdict.screen(request(), NOW));
  assert.throws(() => Interdict.prototype.screen.call({}, request(), NOW));
});

test("memory does not grow, neither by answers nor by refusals", () => {
  const { memory } = initSync();
  const interdict = new Interdict();
  const rounds = (count) => {
    for (let round = 0; round < count; round += 1) {
      interdict.screen(request(), NOW);
      refusal(() =>
        interdict.screen(
          request({
            identifiers: [
              {
                get kind() {
                  return hostile();
                },
              },
            ],
          }),
          NOW,
        ),
      );
    }
  };
  rounds(1000);
  const before = memory.buffer.byteLength;
  rounds(20_000);
  assert.equal(memory.buffer.byteLength, before);
});

const REPOSITORY = join(fixtures, "repositories/public");
/** 2026-12-02T06:00:00Z, when nothing in that repository has expired. */
const FRESH = 1_796_191_200;
const text = (name) => readFileSync(join(REPOSITORY, name), "utf8").trim();
const member = {
  format: "interdict-enrolment-1",
  coalition: "se",
  member: "bank-a",
  repository: "https://lists.example/se",
  root: readFileSync(join(REPOSITORY, "metadata/1.root.json")).toString("base64"),
  lists: ["se/merchants"],
  keys: [{ epoch: 1, key: text("TEST-list.key") }],
};
const { member: _, ...shared } = member;
const browser = {
  ...shared,
  format: "interdict-public-enrolment-1",
  edition: "public",
  keys: [{ epoch: 1, key: text("TEST-public.key") }],
};

/** The files and the history that a host saves when it updates from the repository. */
function download(enrolment) {
  const interdict = new Interdict();
  const saved = new Map();
  const { coalition } = enrolment;
  interdict.configure({ coalitions: [{ enrolment, history: "none" }] }, FRESH);
  let progress = interdict.poll({ coalition, begin: "repository" }, FRESH);
  while (progress.fetch) {
    const { name, path } = progress.fetch;
    const file = existsSync(join(REPOSITORY, path)) && readFileSync(join(REPOSITORY, path));
    const outcome = file ? "bytes" : "not_found";
    progress = interdict.supply({ coalition, name, outcome }, file || undefined, FRESH);
    if (progress.keep) saved.set(name, file);
  }
  assert.ok(progress.completed);
  return { saved, history: interdict.state(FRESH).coalitions[0].history };
}

/** The verdict about a merchant from saved files; without `now`, by the clock of the machine. */
function screened(enrolment, { saved, history }, merchant, now, members) {
  const { coalition, lists } = enrolment;
  const interdict = new Interdict();
  const policy = { required: { [coalition]: lists } };
  interdict.configure({ coalitions: [{ enrolment, history }], policy }, now);
  let progress = interdict.poll({ coalition, begin: "store" }, now);
  while (progress.fetch) {
    const { name } = progress.fetch;
    const file = saved.get(name);
    progress = interdict.supply({ coalition, name, outcome: file ? "bytes" : "not_found" }, file, now);
  }
  if (!progress.completed) throw new Error("the saved files make up no list");
  const url = `https://${merchant}/pay`;
  const verdict = interdict.screen({ flow: "checkout", url, ...members }, now);
  return { verdict, clean: verdict.action === "allow" && !verdict.degraded };
}

test("a listed merchant is found with either kind of enrolment file", () => {
  // A public edition answers no question cleanly.
  for (const [enrolment, action, code, clean] of [
    [member, "block", "listed", true],
    [browser, "monitor", "ask_gateway", false],
  ]) {
    const saved = download(enrolment);
    const fresh = screened(enrolment, saved, "hidden-shop.test", FRESH);
    assert.equal(fresh.verdict.action, action);
    assert.equal(fresh.verdict.degraded, false);
    assert.equal(fresh.verdict.reasons[0].code, code);
    assert.equal(screened(enrolment, saved, "buecher.example", FRESH).clean, clean);
    for (const now of [undefined, FRESH + 3 * 86_400, FRESH + 365 * 86_400]) {
      const late = screened(enrolment, saved, "hidden-shop.test", now);
      assert.notEqual(late.verdict.action, "allow", String(now));
      assert.equal(late.clean, false);
    }
    assert.equal(screened(enrolment, saved, "buecher.example", FRESH + 3 * 86_400).clean, false);
  }
});

test("there is no answer from files that do not make up a list", () => {
  for (const [enrolment, other] of [
    [member, browser],
    [browser, member],
  ]) {
    const { saved, history } = download(enrolment);
    const told = (files) => screened(enrolment, { saved: files, history }, "hidden-shop.test", FRESH);
    for (const name of saved.keys()) {
      const without = new Map([...saved].filter(([kept]) => kept !== name));
      assert.throws(() => told(without), name);
    }
    assert.throws(() => told(new Map()));
    assert.throws(() => screened(enrolment, download(other), "hidden-shop.test", FRESH));
  }
});

test("the page's sentences are the core's, in every language, for what a public edition says", async () => {
  const found = download(browser);
  const lost = { ...found, history: "none" };
  const seen = new Set();
  for (const language of ["en", "sv", "nl"]) {
    const { default: texts } = await import(pathToFileURL(join(folder, `texts/${language}.js`)));
    assert.equal(texts.language, language);
    for (const files of [found, lost])
      for (const days of [0, 2, 3, 5, 40, 400, -30])
        for (const flow of ["checkout", "payout", "onboarding"])
          for (const shop of ["hidden-shop.test", "buecher.example"]) {
            const members = { flow, language, view: "analyst", reference: "x", iso8583: { de32: "412345" } };
            const { verdict } = screened(browser, files, shop, FRESH + days * 86_400, members);
            assert.ok(verdict.reasons.length > 0);
            for (const reason of verdict.reasons) {
              assert.equal(sentenceOf(texts, reason), reason.text, reason.code);
              seen.add(reason.code);
            }
          }
  }
  for (const code of ["ask_gateway", "public_only", "degraded", "no_history", "list_stale", "list_expired", "clock_behind"])
    assert.ok(seen.has(code), `${code} was given: ${[...seen]}`);
});
