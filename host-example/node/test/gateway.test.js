import assert from "node:assert/strict";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Gateway, Instance, Module, Store, Verdict } from "../src/index.js";
import { ENROLMENT, kindOf, LISTED, NOW, POLICY, request, room, state } from "./helpers.js";
import { trapping } from "./wasm.js";

const open = (folder, options) => Gateway.open(folder, { policy: POLICY, clock: () => NOW, ...options });

test("a loaded gateway answers, and errors are no verdicts", async (t) => {
  const gateway = await open(state(t));
  const verdict = gateway.screen(request(LISTED));
  assert.deepEqual(
    [verdict.action, verdict.because, verdict.degraded, verdict.isListed],
    ["block", "record", false, true],
  );
  assert.deepEqual(JSON.parse(verdict.text), verdict.answer);
  assert.equal(gateway.screen(JSON.stringify(request("flowers.example"))).action, "allow");
  assert.throws(() => gateway.screen({}), { kind: "refused", code: -18, path: "flow" });
  assert.throws(() => gateway.screen(request(LISTED), 0), { kind: "refused", codeName: "time_out_of_range" });
});

test("without a policy no verdict is clean", async (t) => {
  const gateway = await Gateway.open(state(t), { clock: () => NOW });
  const { action, degraded } = gateway.screen(request("flowers.example"));
  assert.deepEqual([action, degraded], ["review", true]);
});

test("a required list that is not enrolled is warned of", async (t) => {
  const policy = { required: { se: ["se/merchants", "se/merchant"], nl: ["nl/all"] } };
  const gateway = await Gateway.open(state(t), { policy, clock: () => NOW });
  assert.deepEqual(gateway.status().warnings, [
    "se/merchant of coalition se is required but not enrolled, so no verdict is clean",
    "nl/all of coalition nl is required but not enrolled, so no verdict is clean",
  ]);
});

test("a batch answers each line, whatever is in it", async (t) => {
  const gateway = await open(state(t));
  const own = JSON.stringify(request(LISTED));
  const answers = gateway.screenBatch([own, "", request("flowers.example"), "{}", Buffer.of(0xff)]);
  const told = answers.map((answer) => answer.action ?? answer.codeName);
  assert.deepEqual(told, ["block", "json_syntax", "allow", "missing_field", "invalid_utf8"]);
  assert.equal(answers[0].text, gateway.screen(own).text);
  assert.equal(answers[3].path, "flow");
  assert.deepEqual(gateway.screenBatch([]), []);
  assert.deepEqual(gateway.screenBatch(""), []);
  assert.equal(gateway.screenBatch(`${own}\n${own}\n`).length, 2);
});

test("a request of a batch that holds line feeds is one request, as for screen", async (t) => {
  const gateway = await open(state(t));
  const pretty = `${JSON.stringify(request(LISTED), null, 2)}\n`;
  const split = JSON.stringify(request("flowers.example")).replace(".", "\n.");
  const two = JSON.stringify(request(LISTED)).replace(/$/, `\n${pretty}`);
  const bytes = Buffer.from(pretty);
  const answers = gateway.screenBatch([pretty, bytes, split, two, request("flowers.example")]);
  const told = answers.map((answer) => answer.action ?? answer.codeName);
  assert.deepEqual(told, ["block", "block", "json_syntax", "json_syntax", "allow"]);
  assert.equal(answers[0].text, gateway.screen(pretty).text);
  assert.equal(bytes.toString(), pretty, "what the caller gave is left alone");
});

test("a batch of any size has an answer for each line", async (t) => {
  const gateway = await open(state(t));
  const identifiers = Array.from({ length: 12 }, (_, place) => ({ kind: "domain", value: `a${place}.b.c` }));
  const large = JSON.stringify({
    flow: "payout",
    identifiers,
    view: "analyst",
    language: "nl",
    iso8583: { de42: "x" },
  });
  const lines = new Array(32_600).fill(large).concat("", new Array(500).fill("{}"));
  const answers = gateway.screenBatch(lines);
  assert.equal(answers.length, 33_101);
  assert.ok(answers.slice(0, 32_600).every((answer) => answer instanceof Verdict));
  assert.deepEqual(
    answers.slice(32_600, 32_602).map(({ codeName }) => codeName),
    ["json_syntax", "missing_field"],
  );
});

test("each call takes its time from the clock", async (t) => {
  let now = NOW;
  const gateway = await open(state(t), { clock: () => now });
  const time = () => gateway.screen(request(LISTED)).answer.receipt.time;
  assert.equal(time(), NOW);
  now += 7.9;
  assert.equal(time(), NOW + 7);
  assert.equal(gateway.screenBatch([request(LISTED)])[0].answer.receipt.time, NOW + 7);
  assert.equal(gateway.screen(request(LISTED), NOW + 9).answer.receipt.time, NOW + 9);
  const age = () => gateway.status().coalitions[0].lists[0].age_s;
  const before = age();
  now += 60;
  assert.equal(age(), before + 60, "a fraction of a second is left out");
  const broken = await open(state(t), { clock: () => now });
  now = Number.NaN;
  assert.equal(await kindOf(() => broken.screen(request(LISTED))), "invalid");
});

test("a saved history is given back, and a missing one is a doubt", async (t) => {
  const folder = state(t);
  const gateway = await open(folder);
  const saved = readFileSync(join(folder, "se/history"), "utf8");
  assert.deepEqual(
    gateway.status().coalitions.map(({ history, doubts }) => [history, doubts]),
    [[saved, []]],
  );
  for (const damage of ["", "interdict", Buffer.of(0xff, 0xfe), `${saved} `]) {
    writeFileSync(join(folder, "se/history"), damage);
    const { coalitions, warnings } = (await open(folder)).status();
    assert.deepEqual(coalitions[0].doubts, ["no_history"]);
    assert.match(warnings.join(), /history/);
  }
  rmSync(join(folder, "se/history"));
  const { coalitions, warnings } = (await open(folder)).status();
  assert.deepEqual([coalitions[0].doubts, warnings], [["no_history"], []]);
});

test("receipts go to the callback, and what it throws loses nothing", async (t) => {
  const receipts = [];
  const gateway = await open(state(t), { onReceipt: (text, answer) => receipts.push([text, answer]) });
  const verdict = gateway.screen(request(LISTED));
  gateway.screenBatch([request("flowers.example"), "{}"]);
  assert.throws(() => gateway.screen("{}"), { kind: "refused" });
  gateway.selftest();
  assert.equal(receipts.length, 4);
  assert.ok(verdict.text.includes(`"receipt":${receipts[0][0]}`), "byte for byte the module's");
  assert.equal(receipts[0][1], verdict);
  assert.deepEqual(
    receipts.map(([text]) => JSON.parse(text).code),
    [undefined, undefined, -18, -18],
  );
  const failing = await open(state(t), {
    onReceipt() {
      throw new RangeError("disk full");
    },
  });
  assert.throws(() => failing.screen(request(LISTED)), RangeError);
  assert.equal(failing.status().traps, 0);
});

test("receipts can be left out", async (t) => {
  const count = async (receipts) => {
    let seen = 0;
    const gateway = await open(state(t), { receipts, onReceipt: () => (seen += 1) });
    gateway.screenBatch([request(LISTED), request("flowers.example")]);
    return seen;
  };
  assert.deepEqual([await count("always"), await count("findings"), await count("never")], [2, 1, 0]);
});

test("an instance that traps is replaced, from the pool or from the disk", async (t) => {
  const module = new Module(trapping());
  for (const workers of [1, 2]) {
    const gateway = await open(state(t), { module, workers });
    const answer = gateway.screen(request(LISTED)).text;
    for (let count = 1; count <= 3; count += 1) {
      assert.throws(() => gateway.screen("!"), { kind: "trapped" });
      assert.equal(gateway.screen(request(LISTED)).text, answer);
      assert.equal(gateway.status().traps, count);
    }
  }
});

test("an instance is copied from the pool and not loaded again", async (t) => {
  const folder = state(t);
  const gateway = await open(folder, { module: new Module(trapping()), workers: 2 });
  const answer = gateway.screen(request(LISTED)).text;
  renameSync(folder, `${folder}-away`);
  assert.throws(() => gateway.screen("!"), { kind: "trapped" });
  assert.equal(gateway.screen(request(LISTED)).text, answer);
});

test("after close every method is an error, and closing twice is none", async (t) => {
  const gateway = await open(state(t));
  gateway.startRefreshing();
  await gateway.close();
  await gateway.close();
  for (const run of [
    () => gateway.screen(request(LISTED)),
    () => gateway.screenBatch([request(LISTED)]),
    () => gateway.status(),
    () => gateway.refresh(),
    () => gateway.reloadIfChanged(),
    () => gateway.selftest(),
    () => gateway.startRefreshing(),
    () => gateway.copyInstance(),
  ]) {
    assert.equal(await kindOf(run), "closed");
  }
});

test("closing within a call lets the call end", async (t) => {
  let closing;
  const gateway = await open(state(t), { onReceipt: () => (closing ??= gateway.close()) });
  assert.equal(gateway.screenBatch([request(LISTED), request(LISTED)]).length, 2);
  assert.throws(() => gateway.screen(request(LISTED)), { kind: "closed" });
  await closing;
});

test("what another process changed is loaded, and nothing else", async (t) => {
  const folder = state(t);
  const gateway = await open(folder);
  assert.equal(gateway.reloadIfChanged(), false);
  writeFileSync(join(folder, "lock"), "");
  writeFileSync(join(folder, "se/.staged-x"), "");
  assert.equal(gateway.reloadIfChanged(), false);
  writeFileSync(join(folder, "se/opened.keys"), `${"5e".repeat(32)}\nno key\n`);
  assert.equal(gateway.reloadIfChanged(), true);
  assert.match(gateway.status().warnings.join(), /opened\.keys/);
  assert.equal(gateway.reloadIfChanged(), false);
  rmSync(join(folder, "se/enrolment.json"));
  assert.throws(() => gateway.reloadIfChanged(), { kind: "store_damaged" });
  assert.throws(() => gateway.reloadIfChanged(), { kind: "store_damaged" }, "it is tried again");
  assert.equal(gateway.screen(request(LISTED)).action, "block", "the last state answers");
  writeFileSync(join(folder, "se/enrolment.json"), ENROLMENT, { mode: 0o600 });
  assert.equal(gateway.reloadIfChanged(), true);
});

test("the selftest finds what every list has", async (t) => {
  const gateway = await open(state(t));
  gateway.selftest();
  const folder = room(t);
  await Store.enrol(folder, ENROLMENT, { module: Module.builtIn(), now: NOW });
  const empty = await open(folder);
  assert.throws(() => empty.selftest(), { kind: "selftest", message: /block\.listed\.test/ });
});

test("options are checked, so that none is silently the default", async (t) => {
  const folder = state(t);
  for (const options of [
    { recipts: "never" },
    { receipts: "some" },
    { workers: 0 },
    { workers: 1.5 },
    { clock: NOW },
    { module: {} },
    { policy: "{" },
    { policy: 7 },
    { patience: { total: 1 } },
    { patience: { file: 0 } },
    { allowPrivate: "se" },
    { enrolments: ENROLMENT },
    { onReceipt: "log" },
    null,
  ]) {
    assert.equal(await kindOf(() => Gateway.open(folder, options)), "invalid", JSON.stringify(options));
  }
  assert.equal(await kindOf(() => open(folder, { policy: { required: {}, oops: 1 } })), "refused");
  const gateway = await open(folder);
  for (const times of [1000, { interval: 1000 }, { intervalMs: "1s" }]) {
    assert.equal(await kindOf(() => gateway.startRefreshing(times)), "invalid", JSON.stringify(times));
  }
});

test("an instance that was copied out is the caller's own", async (t) => {
  const gateway = await open(state(t));
  const instance = gateway.copyInstance();
  assert.ok(instance instanceof Instance);
  instance.call("configure", { coalitions: [] }, NOW);
  assert.equal(gateway.screen(request(LISTED)).action, "block");
});
