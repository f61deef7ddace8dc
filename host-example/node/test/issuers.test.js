import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Instance, ISSUERS, Module, readIssuerEvent } from "../src/index.js";
import { holdsCardNumber } from "../src/card-number.js";
import { FIXTURES, kindOf, NOW } from "./helpers.js";

const KNOWN = ["name", "source", "issuer", "event", "text", "expect"];
const KEPT = ["acquirer", "acceptor", "name", "category", "url"];
/** What the published samples say about payers. */
const PAYER = /[Pp]ayer|Evergreen|1111/;
const DROPPED =
  '{"acquirer":{"institution_id_code":"011610"},"card_acceptor":{"mid":"SHOP0001","url":"https://4111111111111111.example"}}';
const SHOP = '"acceptor_id":"SHOP0001"';

function cases(name, fewest) {
  const found = JSON.parse(readFileSync(join(FIXTURES, name), "utf8"));
  assert.ok(found.length >= fewest, name);
  return found;
}

function textOf(one) {
  return "text" in one ? one.text : JSON.stringify(one.event);
}

function told(issuer, text) {
  try {
    const event = readIssuerEvent(issuer, Buffer.from(text));
    const kept = KEPT.filter((name) => event[name] !== undefined).map((name) => [name, event[name]]);
    const { identifiers, incomplete } = event;
    return { ...Object.fromEntries(kept), identifiers, incomplete, request: event.request() };
  } catch (error) {
    return { error: error.kind ?? String(error) };
  }
}

function lithic(merchant, more = "") {
  return `{"merchant":{${merchant}}${more}}`;
}

function kindOfEvent(event) {
  return kindOf(() => readIssuerEvent("lithic-asa", Buffer.from(event)));
}

test("every case of an issuer's event keeps what it says", () => {
  const counts = new Map(ISSUERS.map((issuer) => [issuer, 0]));
  for (const one of cases("issuers.json", 290)) {
    assert.deepEqual(Object.keys(one).filter((name) => !KNOWN.includes(name)), []);
    assert.deepEqual(told(one.issuer, textOf(one)), one.expect, one.name);
    counts.set(one.issuer, counts.get(one.issuer) + 1);
  }
  assert.equal(counts.size, 4);
  for (const [issuer, count] of counts) assert.ok(count > 60, issuer);
});

test("card-shaped runs are those of the module", () => {
  const instance = new Instance(Module.builtIn());
  for (const { text, card_shaped: isCard } of cases("card-shaped.json", 100)) {
    assert.equal(holdsCardNumber(text), isCard, text);
    if (Buffer.byteLength(text) > 128) continue; // the module drops a longer reference anyway
    const request = { flow: "payout", url: "https://shop.example", reference: text };
    const answer = JSON.parse(instance.callText("screen", request, NOW));
    assert.equal(answer.reference_dropped ?? false, isCard, text);
  }
});

test("the module answers each request, and what is incomplete by rule is never clean", () => {
  const instance = new Instance(Module.builtIn());
  for (const { expect } of cases("issuers.json", 290).filter(({ expect }) => "request" in expect))
    assert.ok(JSON.parse(instance.callText("screen", expect.request, NOW)).action);
  const half = { identifier: 0, path: "iso8583.de42", rule: "acquirer_missing" };
  const dropped = { identifier: 1, path: "url", rule: "empty" };
  for (const [issuer, event, expected] of [
    ["lithic-asa", lithic(SHOP), half],
    ["marqeta-jit", DROPPED, dropped],
  ]) {
    const request = readIssuerEvent(issuer, Buffer.from(event)).request();
    assert.deepEqual(JSON.parse(instance.callText("screen", request, NOW)).unused, [expected]);
  }
});

test("bytes that are no JSON are malformed", async () => {
  const bad = ['"\x00"', '"\\x"', "NaN", "-", "01", "1.", "[1,]", "[1}", '{"a":1]', '{"a"}', "{a:1}", '{"a":1,}', "truex", ""];
  for (const event of [
    ...bad.map((value) => lithic(SHOP, `,"memo":${value}`)),
    `\ufeff${lithic(SHOP)}`,
    Buffer.from(lithic(SHOP, ',"memo":"\u00ff"'), "latin1"),
    lithic(SHOP, ","),
    lithic(SHOP, ',"memo"'),
    lithic(SHOP, ",\u00a0"),
    lithic('"acceptor_id":"\\ud800"'),
    lithic('"acceptor_id":"\\udc00\\ud800"'),
    lithic(`${SHOP},"\\ud800":1`),
    `${lithic(SHOP)}\0`,
    "{",
  ]) {
    assert.equal(await kindOfEvent(event), "malformed", String(event));
  }
});

test("what is not read may be anything that is JSON", async () => {
  const deep = (begin, end) => `${begin.repeat(30_000)}1${end.repeat(30_000)}`;
  for (const more of [
    ',"memo":1,"memo":2',
    ',"memo":{"a":1,"a":[{}]}',
    ',"memo":"\\ud800"',
    ',"type":7,"type":8',
    ',"memo":[[],{},[{"a":[]}],-0.5e+7,true,false,null," "]',
    `,"memo":${deep("[", "]")}`,
    `,"memo":${deep('{"a":', "}")}`,
    `,"memo":"${"\\n".repeat(10_000_000)}"`,
  ]) {
    assert.equal(told("lithic-asa", lithic(SHOP, more)).acceptor, "SHOP0001", more.slice(0, 40));
  }
  assert.equal(await kindOfEvent(lithic(`"acceptor_id":${deep("[", "]")}`)), "no_merchant");
});

test("escapes are read as what they stand for", () => {
  const { acceptor } = told("lithic-asa", lithic('"acceptor_id":"\\u0053\\/\\"\\\\\\ud83d\\uDE00"'));
  assert.equal(acceptor, 'S/"\\\u{1f600}');
});

test("nothing of the payer is kept or told", () => {
  const published = cases("issuers.json", 290).filter(({ name }) => name.endsWith("the published sample"));
  assert.equal(published.length, 4);
  for (const one of published) {
    assert.match(textOf(one), PAYER);
    assert.doesNotMatch(JSON.stringify(told(one.issuer, textOf(one))), PAYER);
  }
  const mark = "Jenny Payer";
  for (const event of [`{"${mark}":"${mark}"}`, `{"merchant":"${mark}"}`, `{"${mark}`, `{"merchant":{"${mark}"`]) {
    assert.throws(
      () => readIssuerEvent("lithic-asa", Buffer.from(event)),
      (error) => !`${error.stack}${error.cause}${JSON.stringify(error)}`.includes("Jenny"),
    );
  }
});

test("a wrong argument is invalid, and an event cannot be changed", async () => {
  for (const [issuer, event] of [
    ["stripe", Buffer.from("{}")],
    ["__proto__", Buffer.from("{}")],
    [undefined, Buffer.from("{}")],
    ["lithic-asa", "{}"],
    ["lithic-asa", undefined],
  ])
    assert.equal(await kindOf(() => readIssuerEvent(issuer, event)), "invalid");
  const event = readIssuerEvent("lithic-asa", Buffer.from(lithic(SHOP)));
  assert.throws(() => (event.acceptor = "SHOP0002"), TypeError);
  assert.throws(() => event.incomplete.push("url"), TypeError);
});
