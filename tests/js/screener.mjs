// Opens the screener of the npm package's sources on the edge build, with the public repository of the fixtures behind a
// real server that does what servers and networks do. node screener.mjs <package sources' generated folder> <fixtures>

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MessageChannel } from "node:worker_threads";

import { EdgeEngine } from "../../wasm/js/package/src/edge.js";
import { InterdictError } from "../../wasm/js/package/src/errors.js";
import { screenerClass } from "../../wasm/js/package/src/screener.js";
import { serve } from "../../wasm/js/package/src/worker/server.js";
import { MemoryStorage } from "../../wasm/js/package/src/storage/memory.js";
import { test } from "./test.mjs";

const fixtures = resolve(process.argv[3]);
const REPOSITORY = join(fixtures, "repositories/public");
const WASM = readFileSync(fileURLToPath(new URL("../../wasm/dist/interdict-edge.wasm", import.meta.url)));
/** When nothing in that repository has expired. */
const FRESH = Date.parse("2026-12-02T06:00:00Z");
const DAY = 86_400_000;
const LISTED = "https://hidden-shop.test/pay";
const CLEAN = "https://clean.test/";
const texts = {
  language: "en",
  reasons: { ask_gateway: "{list} may have it" },
  notices: { proceed: "go", ask_gateway: "wait", refuse: "no", no_gateway: "later" },
};

const root = readFileSync(join(REPOSITORY, "metadata/1.root.json"));
const METADATA = ["timestamp.json", "3.snapshot.json", "3.targets.json", "1.root.json"].map((name) => `metadata/${name}`);
const [filter] = Object.entries(JSON.parse(readFileSync(join(REPOSITORY, METADATA[2]))).signed.targets)
  .filter(([path]) => path.includes(".public-1."))
  .map(([path, { hashes }]) => `targets/se/${hashes.sha256}.${path.split("/")[1]}`);
const stored = () => new Map([...METADATA, filter].map((path) => [path, readFileSync(join(REPOSITORY, path))]));

/** What a publisher writes beside its metadata. */
function bundle(files, newest = 1) {
  const texts = METADATA.filter((path) => files.has(path)).map((path) => [path, files.get(path).toString()]);
  return Buffer.from(JSON.stringify({ format: "interdict-bundle-1", root: newest, files: Object.fromEntries(texts) }));
}

/** A server of these files, and what it was asked for. `answer` may do something else. */
async function serving(files, answer = () => false) {
  const asked = [];
  const server = createServer((request, response) => {
    const path = request.url.replace(/^\/lists\//, "");
    asked.push(path);
    if (answer(path, response, request)) return;
    const bytes = files.get(path);
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "application/octet-stream" }).end(bytes);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  // A test that fails leaves it open.
  server.unref();
  const origin = `http://127.0.0.1:${server.address().port}`;
  const enrolment = {
    format: "interdict-public-enrolment-1",
    coalition: "se",
    edition: "public",
    repository: `${origin}/lists`,
    root: root.toString("base64"),
    lists: ["se/merchants"],
    keys: [{ epoch: 1, key: readFileSync(join(REPOSITORY, "TEST-public.key"), "utf8").trim() }],
  };
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { asked, origin, enrolment, close };
}

function parts(storage = new MemoryStorage(), compile = () => WebAssembly.compile(WASM)) {
  const newEngine = (compiled, snapshot) => new EdgeEngine(compiled, snapshot);
  return { build: "edge", texts, compile, newEngine, storage: async () => storage };
}

/** Opens and refreshes once, on the clock that the fixtures were signed for. */
async function refreshed(place, options = {}, own = parts()) {
  const clock = { later: 0 };
  const now = () => new Date(FRESH + clock.later);
  const screener = await screenerClass(own).open({ enrolment: place.enrolment, now, ...options });
  return { screener, outcome: await screener.refresh(), clock };
}

const PROCEEDS = { policy: { freshMiss: "proceed" } };

/** One question in which the engine traps, which gives no verdict; the next one is answered. */
function trap(screener) {
  const { screen } = EdgeEngine.prototype;
  EdgeEngine.prototype.screen = function () {
    Object.defineProperty(this, "isTrapped", { value: true });
    throw new InterdictError("trapped", "the module trapped");
  };
  try {
    assert.throws(() => screener.screen({ url: CLEAN }), { code: "trapped" });
  } finally {
    EdgeEngine.prototype.screen = screen;
  }
  assert.equal(screener.screen({ url: CLEAN }).decision, "proceed");
}

test("a listed name asks the gateway, a clean one what the policy says", async () => {
  const place = await serving(stored());
  const { screener, outcome } = await refreshed(place, PROCEEDS);
  assert.equal(outcome.outcome, "updated");
  assert.equal(screener.screen({ url: LISTED }).decision, "ask_gateway");
  assert.equal(screener.screen({ url: new URL("https://pay.hidden-shop.test/x") }).decision, "ask_gateway");
  assert.equal(screener.screen({ url: CLEAN }).decision, "proceed");
  assert.equal(screener.screen({ url: "clean.test" }).notice, "go");
  assert.equal(screener.screen({ flow: "payout", url: CLEAN }).decision, "ask_gateway");
  const careful = await refreshed(place);
  assert.equal(careful.screener.screen({ url: CLEAN }).decision, "ask_gateway");
  assert.equal(careful.screener.status().policy.cleanNamesAsked, 1);
  place.close();
});

test("before a refresh nothing proceeds", async () => {
  const place = await serving(stored());
  const now = () => new Date(FRESH);
  const screener = await screenerClass(parts()).open({ enrolment: place.enrolment, now, ...PROCEEDS });
  const { decision, degraded, notice } = screener.screen({ url: CLEAN });
  assert.deepEqual({ decision, degraded, notice }, { decision: "ask_gateway", degraded: true, notice: "wait" });
  assert.deepEqual(place.asked, []);
  place.close();
});

test("the policy of a page goes before that of the enrolment, and a misspelt word is refused", async () => {
  const place = await serving(stored());
  const page = { fresh_miss: "proceed", on_no_gateway: "proceed" };
  const Screener = screenerClass(parts());
  const policy = async (options) => {
    const screener = await Screener.open({ enrolment: { ...place.enrolment, page }, ...options }).catch((error) => error);
    return screener instanceof Error ? screener.code : screener.status().policy;
  };
  const { freshMiss, onNoGateway, degraded } = (await policy({})) ?? {};
  assert.deepEqual([freshMiss, onNoGateway, degraded], ["proceed", "proceed", "ask_gateway"]);
  assert.equal((await policy({ policy: { freshMiss: "ask_gateway" } })).freshMiss, "ask_gateway");
  for (const wrong of [{ freshmiss: "proceed" }, { freshMiss: "pass" }, { degraded: "proceed" }])
    assert.equal(await policy({ policy: wrong }), "invalid", JSON.stringify(wrong));
  place.close();
});

test("with a bundle the first visit takes two requests, and one if nothing changed", async () => {
  const files = stored();
  files.set("metadata/bundle.json", bundle(files));
  const place = await serving(files);
  const { screener, outcome } = await refreshed(place, PROCEEDS);
  assert.deepEqual([outcome.outcome, outcome.requests], ["updated", 2]);
  const again = await screener.refresh();
  assert.deepEqual([again.outcome, again.requests], ["unchanged", 1]);
  assert.deepEqual(place.asked, ["metadata/bundle.json", filter, "metadata/bundle.json"]);
  place.close();
});

test("without a bundle it is asked for once", async () => {
  const place = await serving(stored());
  const { screener } = await refreshed(place);
  await screener.refresh();
  assert.equal(place.asked.filter((path) => path === "metadata/bundle.json").length, 1);
  assert.equal(screener.status().refreshed.outcome, "unchanged");
  place.close();
});

for (const [what, damage] of [
  ["is no JSON", () => Buffer.from("<html>")],
  ["has an older or other text for the timestamp", (files) => bundle(new Map([...files, [METADATA[0], Buffer.from("{}")]]))],
  ["is longer than it may be", () => Buffer.alloc((1 << 20) + 1, 0x20)],
  ["has a bit flipped in each file in turn", (files) => flipped(bundle(files), 400)],
]) {
  test(`a bundle that ${what} costs requests and nothing else`, async () => {
    const files = stored();
    files.set("metadata/bundle.json", damage(files));
    const place = await serving(files);
    const { screener, outcome } = await refreshed(place, PROCEEDS);
    assert.equal(outcome.outcome, "updated", outcome.why);
    assert.equal(screener.screen({ url: LISTED }).decision, "ask_gateway");
    assert.equal(screener.screen({ url: CLEAN }).decision, "proceed");
    place.close();
  });
}

function flipped(bytes, at) {
  const copy = Buffer.from(bytes);
  copy[at % copy.length] ^= 1;
  return copy;
}

for (const path of [...METADATA.slice(0, 3), filter]) {
  for (const [what, damage] of [
    ["a bit flipped", (bytes) => flipped(bytes, bytes.length >> 1)],
    ["its end cut", (bytes) => bytes.subarray(0, -1)],
    ["a byte more", (bytes) => Buffer.concat([bytes, Buffer.from(" ")])],
    ["no bytes", () => Buffer.alloc(0)],
  ]) {
    const name = path.split("/").at(-1).replace(/^[0-9a-f]{64}\./, "");
    test(`${name} with ${what} is refused at the first visit, and leaves the list at a later one`, async () => {
      const files = stored();
      const place = await serving(files);
      const whole = files.get(path);
      files.set(path, damage(whole));
      const first = await refreshed(place, PROCEEDS);
      const isHarmless = first.outcome.outcome === "updated";
      assert.ok(!isHarmless || (path === METADATA[0] && what === "a byte more"), "only JSON may end with a space");
      assert.equal(first.screener.screen({ url: LISTED }).decision, "ask_gateway");
      if (!isHarmless) {
        assert.equal(first.screener.screen({ url: CLEAN }).decision, "ask_gateway");
        assert.match(first.outcome.why, /./);
      }
      files.set(path, whole);
      assert.equal((await first.screener.refresh()).outcome === "failed", false);
      assert.equal(first.screener.screen({ url: CLEAN }).decision, "proceed");
      files.set(path, damage(whole));
      await first.screener.refresh();
      assert.equal(first.screener.screen({ url: LISTED }).decision, "ask_gateway");
      place.close();
    });
  }
}

for (const [what, answer, why] of [
  ["a captive portal", (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Sign in"), /web page/],
  ["nothing but 404", (_, response) => response.writeHead(404).end(), /./],
  ["nothing but 500", (_, response) => response.writeHead(500).end(), /answered 500/],
  ["a redirect to another server", (_, response) => response.writeHead(302, { location: "http://localhost:9/" }).end(), /no answer|another server/],
  ["connections that close", (_, response) => response.destroy(), /no answer/],
  ["endless files", endless, /larger|too long/],
]) {
  test(`${what}: the refresh fails, says why, and the last list goes on`, async () => {
    let isBroken = false;
    const place = await serving(stored(), (path, response) => isBroken && (answer(path, response), true));
    const { screener } = await refreshed(place, PROCEEDS);
    isBroken = true;
    const outcome = await screener.refresh();
    assert.equal(outcome.outcome, "failed");
    assert.match(outcome.why, why);
    assert.equal(screener.screen({ url: LISTED }).decision, "ask_gateway");
    assert.equal(screener.screen({ url: CLEAN }).decision, "proceed");
    assert.equal(screener.status().refreshed.outcome, "failed");
    const first = await refreshed(place, PROCEEDS);
    assert.equal(first.screener.screen({ url: CLEAN }).decision, "ask_gateway");
    place.close();
  });
}

function endless(_, response) {
  response.writeHead(200);
  const chunk = Buffer.alloc(1 << 16);
  const more = () => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}

test("a list that went stale, and a clock that jumps, ask the gateway and say why", async () => {
  const place = await serving(stored());
  const { screener, clock } = await refreshed(place, PROCEEDS);
  clock.later = 10 * DAY;
  const stale = screener.screen({ url: CLEAN });
  assert.deepEqual([stale.decision, stale.degraded, stale.lists[0].freshness], ["ask_gateway", true, "stale"]);
  clock.later = -2 * DAY;
  const behind = screener.screen({ url: CLEAN });
  assert.deepEqual([behind.decision, behind.degraded], ["ask_gateway", true]);
  assert.ok(behind.doubts.includes("clock_behind"), String(behind.doubts));
  clock.later = 0;
  assert.equal(screener.screen({ url: CLEAN }).decision, "proceed");
  const strict = await refreshed(place, { policy: { freshMiss: "proceed", degraded: "refuse" } });
  strict.clock.later = 10 * DAY;
  assert.equal(strict.screener.screen({ url: CLEAN }).decision, "refuse");
  place.close();
});

test("a clock that is behind the list asks the gateway at a first visit too", async () => {
  const place = await serving(stored());
  for (const [behind, decision] of [[60, "proceed"], [3 * 86_400, "ask_gateway"], [400 * 86_400, "ask_gateway"]]) {
    // The fixtures' list was built at midnight of 1 December.
    const now = new Date(Date.parse("2026-12-01T00:00:00Z") - behind * 1000);
    const screener = await screenerClass(parts()).open({ enrolment: place.enrolment, now, ...PROCEEDS });
    assert.equal((await screener.refresh()).outcome, "updated");
    const verdict = screener.screen({ url: CLEAN });
    assert.deepEqual([verdict.decision, verdict.doubts.includes("clock_behind")], [decision, decision !== "proceed"], String(behind));
    assert.equal(verdict.degraded, decision !== "proceed");
  }
  place.close();
});

test("arguments of askGateway that cannot be meant are refused", async () => {
  const place = await serving(stored());
  const { screener } = await refreshed(place, { policy: { onNoGateway: "proceed" } });
  const ask = (options) => screener.askGateway({ gateway: place.origin, session: "t", ...options });
  for (const timeout of [0, -1, NaN, Infinity, 2 ** 31, "5s", null])
    await assert.rejects(ask({ timeout }), { code: "invalid", path: "timeout" }, String(timeout));
  for (const session of ["", undefined, "a b", 5]) await assert.rejects(ask({ session }), { code: "invalid", path: "session" });
  await assert.rejects(ask({ gateway: "public.json" }), { code: "invalid", path: "gateway" });
  await assert.rejects(ask({ payee: "shop.example" }), { code: "invalid", path: "payee" });
  await assert.rejects(screener.askGateway(), { code: "invalid" });
  await assert.rejects(ask({ signal: AbortSignal.abort() }), { code: "aborted" });
  const open = screenerClass(parts()).open({ enrolment: `${place.origin}/e.json`, signal: AbortSignal.abort() });
  await assert.rejects(open, { code: "aborted" });
  place.close();
});

test("what was kept answers at the next visit without a request, and damage shows", async () => {
  const place = await serving(stored());
  const storage = Object.assign(new MemoryStorage(), { kind: "kept" });
  const { screener } = await refreshed(place, PROCEEDS, parts(storage));
  await screener.close();
  const visits = place.asked.length;
  const open = () => screenerClass(parts(storage)).open({ enrolment: place.enrolment, now: () => new Date(FRESH), ...PROCEEDS });
  assert.equal((await open()).screen({ url: CLEAN }).decision, "proceed");
  assert.equal(place.asked.length, visits);
  const kept = await storage.read();
  for (const name of kept.files.keys()) {
    const bytes = Uint8Array.from(kept.files.get(name));
    bytes[bytes.length >> 1] ^= 1;
    await storage.commit({ ...kept, files: new Map([...kept.files, [name, bytes]]) });
    const damaged = await open();
    assert.equal(damaged.screen({ url: CLEAN }).decision, "ask_gateway", name);
    assert.match(damaged.status().warnings.join(), /damaged|no whole release/, name);
    assert.equal((await damaged.refresh()).outcome, "updated");
    assert.equal(damaged.screen({ url: CLEAN }).decision, "proceed", name);
  }
  await storage.commit({ ...kept, history: kept.history.replace("polled=1", "polled=2") });
  const forgetful = await open();
  assert.equal(forgetful.screen({ url: CLEAN }).decision, "ask_gateway");
  assert.match(forgetful.status().warnings.join(), /history/);
  await storage.commit({ ...kept, files: new Map() });
  assert.ok((await open()).status().doubts.includes("rolled_back"));
  place.close();
});

test("keys that a storage brings are given to every engine, also after an update and a trap", async () => {
  const place = await serving(stored());
  const keys = ["5e".repeat(32)];
  const storage = Object.assign(new MemoryStorage(), { kind: "kept" });
  const { read } = storage;
  storage.read = async () => ({ ...(await read.call(storage)), keys });
  const given = [];
  const { configure } = EdgeEngine.prototype;
  EdgeEngine.prototype.configure = function (message, now) {
    if (message.coalitions) given.push(message.keys.map(({ key }) => key));
    return configure.call(this, message, now);
  };
  try {
    const { screener } = await refreshed(place, PROCEEDS, parts(storage));
    trap(screener);
  } finally {
    EdgeEngine.prototype.configure = configure;
  }
  assert.deepEqual(given, [keys, keys]);
  place.close();
});

test("a storage that fails while it is written leaves an answer in memory, and status says so", async () => {
  const place = await serving(stored());
  for (const call of ["keep", "commit", "read"]) {
    const storage = Object.assign(new MemoryStorage(), { kind: "kept" });
    storage[call] = async () => {
      throw new InterdictError("storage", "the disk is full");
    };
    const { screener } = await refreshed(place, PROCEEDS, parts(storage));
    assert.equal(screener.screen({ url: CLEAN }).decision, "proceed", call);
    const { kind, problem } = screener.status().storage;
    assert.equal(kind, "memory");
    assert.match(problem, /disk is full/);
  }
  place.close();
});

test("a module that may not run, or does not load, asks the gateway and is tried again", async () => {
  const place = await serving(stored());
  let why = new WebAssembly.CompileError("blocked by Content Security Policy: unsafe-eval");
  const compile = async () => {
    if (why) throw why;
    return WebAssembly.compile(WASM);
  };
  const { screener, outcome } = await refreshed(place, PROCEEDS, parts(new MemoryStorage(), compile));
  assert.equal(outcome.outcome, "failed");
  assert.equal(screener.status().wasm, "forbidden");
  const verdict = screener.screen({ url: CLEAN });
  assert.deepEqual([verdict.decision, verdict.degraded, verdict.reasons[0].code], ["ask_gateway", true, "wasm_forbidden"]);
  why = new TypeError("Failed to fetch");
  await screener.refresh();
  assert.equal(screener.status().wasm, "failed");
  why = undefined;
  assert.equal((await screener.refresh()).outcome, "updated");
  assert.equal(screener.screen({ url: CLEAN }).decision, "proceed");
  place.close();
});

test("a module that is another program is refused", async () => {
  const place = await serving(stored());
  const empty = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]);
  const compile = async () => WebAssembly.compile(empty);
  const failure = await refreshed(place, {}, parts(new MemoryStorage(), compile)).catch((error) => error);
  assert.equal(failure.code, "foreign_module");
  place.close();
});

test("the enrolment comes as object, bytes or address, and its digest is checked", async () => {
  const files = stored();
  const place = await serving(files);
  const text = JSON.stringify(place.enrolment);
  files.set("enrolment.json", Buffer.from(text));
  const digest = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(text)));
  const address = `${place.enrolment.repository}/enrolment.json`;
  const Screener = screenerClass(parts());
  const bytes = new TextEncoder().encode(text);
  for (const enrolment of [place.enrolment, bytes, bytes.buffer, address, new URL(address)]) {
    const screener = await Screener.open({ enrolment, now: new Date(FRESH) });
    assert.equal(screener.status().coalition, "se");
  }
  for (const right of [digest.toString("hex"), digest.toString("hex").toUpperCase(), `sha256-${digest.toString("base64")}`])
    await Screener.open({ enrolment: address, digest: right, now: new Date(FRESH) });
  const code = (options) => Screener.open({ now: new Date(FRESH), ...options }).then(
    () => "opened",
    (error) => error.code,
  );
  assert.equal(await code({ enrolment: address, digest: "00".repeat(32) }), "digest_differs");
  for (const wrong of [{ digest: "abc" }, { texts: { language: "sv" } }, { worker: {} }, { enrolment: "file:///e.json" }])
    assert.equal(await code({ enrolment: address, ...wrong }), "invalid", JSON.stringify(wrong));
  assert.equal(await code({ enrolment: place.enrolment, digest: digest.toString("hex") }), "invalid");
  assert.equal(await code({ enrolment: `${place.origin}/nowhere` }), "enrolment_not_loaded");
  assert.equal(await code({ enrolment: "{" }), "invalid");
  assert.equal(await code({ enrolment: {} }), "invalid");
  assert.equal(await code({ enrolment: { ...place.enrolment, root: "AA==" } }), "trust_json");
  assert.equal(await code({}), "invalid");
  assert.equal(await code({ enrolment: place.enrolment, polcy: {} }), "invalid");
  assert.equal(await code({ enrolment: place.enrolment, now: 5 }), "invalid");
  place.close();
});

test("an address that a page must not ask about is an error or goes to the gateway, never a pass", async () => {
  const place = await serving(stored());
  const { screener } = await refreshed(place, PROCEEDS);
  for (const url of [undefined, "", "mailto:shop@clean.test", "javascript:1", "https://", "upi://pay", 5, {}, null])
    assert.throws(() => screener.screen({ url }), { code: "invalid", path: "url" }, String(url));
  assert.throws(() => screener.screen({ flow: "refund", url: CLEAN }), { code: "unknown_flow" });
  assert.throws(() => screener.screen({ url: CLEAN, card: "4111" }), { code: "unknown_field", path: "card" });
  for (const url of ["https://127.0.0.1/", "https://[::1]/", "https://t.me/shop", "https://stra\u1E9Ee.test/", "https://stra%E1%BA%9Ee.test/"])
    assert.equal(screener.screen({ url }).decision, "ask_gateway", url);
  place.close();
});

test("the chance is that of the whole question", async () => {
  const place = await serving(stored());
  const { screener } = await refreshed(place, PROCEEDS);
  const chance = (url) => screener.screen({ url }).chance;
  const rate = 2 ** -6;
  assert.equal(chance("clean.test"), rate);
  assert.equal(chance("www.clean.test"), 1 - (1 - rate) ** 2);
  // Itself and five parents, however deep it is.
  assert.equal(chance("a.b.c.d.e.f.g.clean.test"), 1 - (1 - rate) ** 6);
  assert.equal(screener.status().policy.cleanNamesAsked, 1 - (1 - rate) ** 2);
  let hits = 0;
  for (let number = 0; number < 20_000; number += 1)
    hits += screener.screen({ url: `shop-${number}.example` }).because === "candidate" ? 1 : 0;
  // Six standard deviations.
  assert.ok(Math.abs(hits - 20_000 * rate) < 6 * Math.sqrt(20_000 * rate), `${hits} hits`);
  place.close();
});

for (const [what, answer, expected] of [
  ["proceeds", { decision: "proceed" }, { decision: "proceed", notice: "go", by: "gateway" }],
  ["refuses with words of its own", { decision: "refuse", notice: "Nej" }, { decision: "refuse", notice: "Nej", by: "gateway" }],
]) {
  test(`a gateway that ${what} is obeyed`, async () => {
    const place = await serving(stored(), (path, response, request) => {
      if (!path.endsWith("/v1/checkout/session")) return false;
      assert.equal(request.headers.authorization, "Bearer token-1");
      response.end(JSON.stringify(answer));
      return true;
    });
    const { screener } = await refreshed(place);
    for (const gateway of [place.origin, new URL(`${place.origin}/v1/checkout/session`)])
      assert.deepEqual(await screener.askGateway({ gateway, session: "token-1" }), expected);
    place.close();
  });
}

for (const [what, answer] of [
  ["knows no session", (response) => response.writeHead(401).end()],
  ["is a captive portal", (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>")],
  ["says a word that is not known", (response) => response.end('{"decision":"pass"}')],
  ["says nothing", () => {}],
  ["breaks off", (response) => response.destroy()],
  ["redirects", (response) => response.writeHead(302, { location: "/elsewhere" }).end()],
]) {
  test(`a gateway that ${what} has not answered, and the policy decides`, async () => {
    const place = await serving(stored(), (path, response) => path.endsWith("/session") && (answer(response), true));
    const ask = (screener) => screener.askGateway({ gateway: place.origin, session: "t", timeout: 300 });
    const { screener } = await refreshed(place);
    const { why, ...said } = await ask(screener);
    assert.deepEqual(said, { decision: "refuse", notice: "later", by: "policy" });
    assert.match(why, /the gateway/);
    const open = await refreshed(place, { policy: { onNoGateway: "proceed" } });
    assert.equal((await ask(open.screener)).decision, "proceed");
    place.close();
  });
}

test("after close every call says that it is closed, and a refresh under way ends", async () => {
  const place = await serving(stored(), (path) => path.endsWith(".filter"));
  const now = () => new Date(FRESH);
  const screener = await screenerClass(parts()).open({ enrolment: place.enrolment, now });
  const refresh = screener.refresh().catch((error) => error.code);
  await new Promise((soon) => setTimeout(soon, 100));
  await screener.close();
  assert.equal(await refresh, "closed");
  for (const call of ["screen", "status"])
    assert.throws(() => screener[call]({ url: CLEAN }), { code: "closed" }, call);
  await assert.rejects(screener.refresh(), { code: "closed" });
  await assert.rejects(screener.askGateway({}), { code: "closed" });
  await screener.close();
  assert.throws(() => new screener.constructor({ enrolment: place.enrolment }), { code: "invalid" });
  place.close();
});

test("a refresh that its caller stops says so, and the next one works", async () => {
  let isSlow = true;
  const place = await serving(stored(), (path) => isSlow && path.endsWith(".filter"));
  const screener = await screenerClass(parts()).open({ enrolment: place.enrolment, now: () => new Date(FRESH) });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 100);
  await assert.rejects(screener.refresh({ signal: stop.signal }), { code: "aborted" });
  isSlow = false;
  assert.equal((await screener.refresh()).outcome, "updated");
  place.close();
});

test("verdict, status and errors survive postMessage", async () => {
  const place = await serving(stored());
  const { screener } = await refreshed(place);
  const verdict = screener.screen({ url: LISTED });
  assert.deepEqual(structuredClone(verdict), verdict);
  assert.deepEqual(structuredClone(screener.status()), screener.status());
  const error = new InterdictError("unknown_field", "the schema has no such member", { number: -17, path: "policy.x" });
  const { port1, port2 } = new MessageChannel();
  for (const sent of [error, error.toJSON(), JSON.parse(JSON.stringify(error))]) {
    const received = new Promise((done) => port2.once("message", done));
    port1.postMessage(sent);
    const { name, code, number, path, message } = InterdictError.from(await received);
    assert.deepEqual({ name, code, number, path, message }, error.toJSON());
  }
  port1.close();
  assert.equal(InterdictError.from("odd").code, "failed");
  place.close();
});

test("an engine that traps gives no verdict, and the next question is answered", async () => {
  const place = await serving(stored());
  const { screener } = await refreshed(place, PROCEEDS);
  trap(screener);
  assert.equal(screener.screen({ url: LISTED }).decision, "ask_gateway");
  place.close();
});

/** Two ends that post to each other, as a page and its worker do, until it is ended. */
function workerOfThisThread() {
  const [worker, scope] = [new EventTarget(), new EventTarget()];
  let isEnded = false;
  const posting = (to) => (data, transfer) => {
    const copy = structuredClone(data, { transfer });
    setImmediate(() => isEnded || to.dispatchEvent(Object.assign(new Event("message"), { data: copy })));
  };
  worker.postMessage = posting(scope);
  scope.postMessage = posting(worker);
  worker.terminate = () => (isEnded = true);
  serve((compiled, snapshot) => new EdgeEngine(compiled, snapshot), scope);
  return worker;
}

test("a worker loads for the page, and one that was ended holds up neither refresh nor close", async () => {
  const place = await serving(stored());
  const worker = workerOfThisThread();
  const now = () => new Date(FRESH);
  const options = { enrolment: place.enrolment, now, worker, storage: "memory", ...PROCEEDS };
  const screener = await screenerClass(parts()).open(options);
  assert.equal(screener.screen({ url: CLEAN }).decision, "ask_gateway");
  assert.equal((await screener.refresh()).outcome, "updated");
  assert.equal(screener.screen({ url: CLEAN }).decision, "proceed");
  assert.equal(screener.screen({ url: LISTED }).decision, "ask_gateway");
  worker.terminate();
  await assert.rejects(screener.refresh({ signal: AbortSignal.timeout(100) }), { code: "aborted" });
  assert.equal(screener.screen({ url: CLEAN }).decision, "proceed");
  const refresh = screener.refresh().catch((error) => error.code);
  await screener.close();
  assert.equal(await refresh, "closed");
  place.close();
});

test("reasons have a sentence, and a payer's notice has none of them", async () => {
  const place = await serving(stored());
  const { screener } = await refreshed(place);
  const { reasons, notice } = screener.screen({ url: LISTED });
  assert.equal(reasons.find(({ code }) => code === "ask_gateway").text, "se/merchants may have it");
  assert.equal(notice, "wait");
  place.close();
});
