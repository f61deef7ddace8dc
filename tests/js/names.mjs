// The names that a platform's `URL` and the full module read differently: a page asks the edge build about
// the host that its platform gives. node names.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Bare } from "./bare.mjs";
import { test } from "./test.mjs";

const COUNT = 300_000;
/** LATIN CAPITAL LETTER SHARP S: `ss` by older Unicode tables, sharp s by newer ones. */
const CAPITAL_SHARP_S = "\u1e9e";

/** First letters and how many follow; Latin most often. */
const SCRIPTS = [
  [0x61, 26], [0x41, 26], [0x30, 10], [0xc0, 0x140], [0x370, 0x80], [0x400, 0x100], [0x5d0, 0x1b], [0x620, 0x60],
  [0x900, 0x80], [0xe00, 0x60], [0x1100, 0x100], [0x1e00, 0x200], [0x2000, 0x80], [0x2460, 0x60], [0x3040, 0xc0],
  [0x4e00, 0x1000], [0xac00, 0x1000], [0xfb00, 0x60], [0xff00, 0xf0], [0x10400, 0x50], [0x1d400, 0x100],
  [0x1f300, 0x200],
];
/** What normalisation, joiners and old standards make difficult. */
const SPECIAL = [
  "-", "_", "\u00df", CAPITAL_SHARP_S, "\u03c2", "\u200d", "\u200c", "\u00ad", "\u0301", "\u0308", "\ufe0f", "xn--",
  "\u00b7", "\u2019", "\u0130", "\u0131", "\u00b0", "\ufb01", "\u33a1", "\u00bd",
];
const DOTS = [".", ".", ".", ".", "\u3002", "\uff0e", "\uff61"];

let seed = 88172645463325252n;
const below = (bound) => {
  const cut = (number) => number & 0xffffffffffffffffn;
  seed ^= cut(seed << 13n);
  seed ^= seed >> 7n;
  seed ^= cut(seed << 17n);
  return Number(seed % BigInt(bound));
};
const pick = (from) => from[below(from.length)];
const letter = ([first, count]) => String.fromCodePoint(first + below(count));

function label() {
  const script = below(4) === 0 ? pick(SCRIPTS) : SCRIPTS[0];
  const one = () => {
    const chance = below(12);
    if (chance === 0) return letter(pick(SCRIPTS));
    return chance === 1 ? pick(SPECIAL) : letter(script);
  };
  const text = Array.from({ length: 1 + below(10) }, one).join("");
  return below(30) === 0 ? `xn--${text}` : text;
}

function random() {
  let name = label();
  for (let rest = 1 + below(3); rest > 0; rest -= 1) name += pick(DOTS) + label();
  return name;
}

/** Every domain of the corpus. */
function corpus() {
  const cases = ["identifier", "spelling", "verdict"].flatMap((name) =>
    JSON.parse(readFileSync(new URL(`../../fixtures/cases/${name}.json`, import.meta.url))));
  const asked = cases.flatMap((one) => [one, ...(one.request?.identifiers ?? [])]);
  return asked.filter((one) => one.kind === "domain").map((one) => one.value);
}

const full = new Bare();
function read(value) {
  const length = full.call("describe", { identifiers: [{ kind: "domain", value }] });
  return length < 0 ? undefined : JSON.parse(full.text(length)).identifiers[0].text;
}

function platform(name) {
  try {
    return new URL(`https://${name}/`).hostname;
  } catch {
    return undefined;
  }
}

test("where platform and full module give two names, a capital sharp s is written", () => {
  const names = [...corpus(), ...Array.from({ length: COUNT }, random)];
  const counts = { "the same": 0, "neither reads it": 0, "the module alone": 0, "the platform alone": 0, "two names": 0 };
  for (const name of names) {
    const host = platform(name);
    // What the module makes of the page's host, and what lists hold for what was written.
    const [asked, listed] = [host === undefined ? undefined : read(host), read(name)];
    if (asked === listed) {
      counts[asked === undefined ? "neither reads it" : "the same"] += 1;
    } else if (asked === undefined) {
      // The page asks nothing, or what is refused, and then its gateway.
      counts["the module alone"] += 1;
    } else if (listed === undefined) {
      // No list can hold it. What the platform makes of it may be listed as that.
      counts["the platform alone"] += 1;
    } else {
      counts["two names"] += 1;
      assert.ok(name.includes(CAPITAL_SHARP_S), `${name}: ${asked} and ${listed}`);
    }
  }
  console.log(`${names.length} names, Node ${process.version}: ${JSON.stringify(counts)}`);
  assert.ok(counts["the same"] > names.length / 4, "the names are not all nonsense");
});
