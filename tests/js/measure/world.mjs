// Publishes a coalition whose public edition has so many names, with the publisher's own command.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const COALITION = "market";
const SOURCE = "hotline.example";
/** A name may be disclosed once gateways have been asked to block it for 30 days. */
const AGE = 40 * 86_400_000;

/** The name that every list has, and pages ask for. */
export const LISTED = "listed-shop-7.example";
const SYLLABLES = ["ba", "do", "ki", "lu", "me", "no", "ra", "si"].flatMap((first) =>
  ["l", "n", "r", "s", "t", "m", "x", "v"].map((last) => `${first}${last}`),
);

/** The names of a list with `count` entries. No two are alike, and they compress as names do. */
export function namesOf(count) {
  return [LISTED, ...Array.from({ length: count - 1 }, (_, number) => `${nameOf(number)}.example`)];
}

/** Thirty bits in a seeded order, as five syllables. */
function nameOf(number) {
  const bits = Math.imul(number, 0x2c9277b5) & 0x3fffffff;
  return [0, 6, 12, 18, 24].map((shift) => SYLLABLES[(bits >> shift) & 63]).join("");
}

/**
 * @param {string} publisher The program `interdict-publish`.
 * @param {string} folder Kept from one run to the next; a list is fresh for three days, and is renewed here.
 * @param {number} count
 * @returns {{ repository: string, enrolment: object, seconds: number }} A folder, and what pages enrol with.
 */
export function published(publisher, folder, count) {
  const begun = Date.now();
  const directory = join(folder, "coalition");
  const run = (...words) => execFileSync(publisher, words, { stdio: ["ignore", "ignore", "pipe"] });
  if (!existsSync(join(folder, "whole"))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const names = namesOf(count);
    const listings = join(folder, "listings.csv");
    writeFileSync(
      listings,
      `kind,value,action,confidence\n${names.map((name) => `domain,${name},block,950\n`).join("")}`,
    );
    const disclosed = join(folder, "disclosed.txt");
    writeFileSync(disclosed, names.map((name) => `${name}\n`).join(""));
    const then = ["--clock", new Date(Date.now() - AGE).toISOString().replace(/\.\d+/, "")];
    run("init", directory, "--coalition", COALITION, "--kinds", "domain", "--test-keys", ...then);
    run("source", "add", directory, SOURCE, "--class", "hotline", "--quarantine", "off", ...then);
    run("import", directory, listings, "--source", SOURCE, ...then);
    run("release", directory, "--first", ...then);
    const now = ["--today", new Date().toISOString().slice(0, 10)];
    // By default, a dictionary of ten million names may not find so many.
    run("public", "settings", directory, "--share", "1000");
    run("disclose", directory, "--kind", "domain", "--values", disclosed);
    run("release", directory, ...now);
    writeFileSync(join(folder, "whole"), "");
  } else run("renew", directory);
  const file = join(folder, "public.json");
  rmSync(file, { force: true });
  run("public", "enrolment", directory, "--out", file);
  const seconds = (Date.now() - begun) / 1000;
  return {
    repository: join(directory, "repository"),
    enrolment: JSON.parse(readFileSync(file, "utf8")),
    seconds,
  };
}

/** The public filter of the newest release. */
export function filterFile(repository) {
  const folder = join(repository, "targets", COALITION);
  const filters = readdirSync(folder).filter((name) => /\.public-\d+\.filter$/.test(name));
  const times = filters
    .map((name) => join(folder, name))
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  return times[0];
}
