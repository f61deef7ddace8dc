// What a page transfers, as files are: raw, by gzip and by Brotli, each at its best.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { table, whole } from "./table.mjs";

/** Kilobytes by gzip for module, wrapper and one language. */
const GOAL = 115;

export function sizes({ package: folder, full }) {
  const entry = (...names) => names.map((name) => readFileSync(join(folder, "dist", name)));
  const old = (...names) => names.map((name) => readFileSync(join(full, name)));
  const page = sizeOf(entry("web.js", "interdict-edge.wasm"));
  const before = sizeOf(old("interdict.js", "interdict_bg.wasm"));
  const rows = [
    ["the page's script with English (`web.js`)", sizeOf(entry("web.js"))],
    ["the module for pages", sizeOf(entry("interdict-edge.wasm"))],
    ["**together: what a page transfers**", page],
    ["**before: the full build and its glue**", before],
    ["a language more", sizeOf(entry("texts/en.js"))],
    ["the worker's script (`./worker`)", sizeOf(entry("worker.js"))],
    ["script with the module inside (`./inline`)", sizeOf(entry("inline.js", "bytes/edge.js"))],
    ["the full build inside a script (`./full`)", sizeOf(entry("full.js", "bytes/full.js"))],
    ["made-up merchants (`./trial`)", sizeOf(entry("trial.js"))],
  ];
  const shown = rows.map(([what, size]) => [what, ...size.map(whole), (size[1] / before[1]).toFixed(2)]);
  const verdict = page[1] <= GOAL * 1000 ? "met" : "missed";
  return [
    table(["bytes", "raw", "gzip -9", "Brotli 11", "gzip / before"], shown),
    "",
    `Goal for script, language and module: ${GOAL} KB by gzip. ${(page[1] / 1000).toFixed(1)} KB: ${verdict}.`,
  ].join("\n");
}

/** Of several files, each of which is compressed by itself. */
function sizeOf(files) {
  const sum = (size) => files.reduce((total, file) => total + size(file), 0);
  return [
    sum(({ length }) => length),
    sum((file) => gzipSync(file, { level: 9 }).length),
    sum((file) => brotliCompressSync(file).length),
  ];
}
