// What a page could use instead: the names themselves in a Set, or the Bloom filter of an npm package.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { BloomFilter } from "bloomfilter";
import { namesOf } from "./world.mjs";

// It makes the package, so it is there.
const { transformSync } = createRequire(new URL("../../../wasm/js/package/build.mjs", import.meta.url))(
  "esbuild",
);

/** How often the public filter hits by chance. */
const RATE = 2 ** -6;
/** Hashes for that rate. */
const HASHES = 7;

/** Contents by address, for a list of so many names. */
export function peerFiles(count) {
  const names = namesOf(count);
  const filter = BloomFilter.withTargetError(names.length, RATE);
  if (filter.k !== HASHES) throw new Error(`the filter has ${filter.k} hashes`);
  for (const name of names) filter.add(name);
  return {
    [`/peers/set-${count}.json`]: JSON.stringify(names),
    [`/peers/bloom-${count}`]: Buffer.from(filter.buckets.buffer),
  };
}

/** The script of the npm package that a page loads. */
export function bloomScript() {
  const source = readFileSync(fileURLToPath(import.meta.resolve("bloomfilter")), "utf8");
  return transformSync(source, { minify: true, format: "esm", target: "es2022" }).code;
}
