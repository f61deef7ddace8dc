// Uses the packed package as its users do: for each setup a fresh project with a pinned tool and no
// configuration for the package, which is built, run, and must screen. node run.mjs TARBALL [--all | --rotate
// N] [--only NAME]
//
// `--rotate` runs N of them by day of the year, so that all have run after a few days. `--only` may stand
// more than once; a name stands for itself and for those that begin with it. Tools come from npm's cache, or
// else from its registry. CHROMIUM names another browser.
//
// No setup shows Safari or Firefox, a tool in another version or with plug-ins, or lists of a coalition: they
// screen the made-up merchants of `Screener.try`.

import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { startChromium } from "./tools/chromium.mjs";
import { makeProject } from "./tools/project.mjs";

/** The fast and the fragile first. */
const FOLDERS = [
  "node",
  "static",
  "vite",
  "esbuild",
  "rollup",
  "package",
  "types",
  "webpack",
  "deno",
  "workerd",
  "next",
];
const DAY = 86_400_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: "boolean" }, rotate: { type: "string" }, only: { type: "string", multiple: true } },
});
const [tarball] = positionals.map((path) => resolve(path));
if (!tarball) throw new Error("node run.mjs TARBALL [--all | --rotate N] [--only NAME]");

async function readSetups() {
  const modules = await Promise.all(FOLDERS.map((folder) => import(`./${folder}/setup.mjs`)));
  return modules.flatMap(({ setups }, index) =>
    Object.entries(setups).map(([name, run]) => ({ name, run, folder: FOLDERS[index] })),
  );
}

function chosen(setups) {
  const { only, rotate } = values;
  if (only) {
    const named = setups.filter(({ name }) => only.some((one) => name === one || name.startsWith(`${one}-`)));
    if (named.length === 0) throw new Error(`no setup is called ${only.join(" or ")}`);
    return named;
  }
  if (!rotate) return setups;
  const count = Math.min(Number(rotate), setups.length);
  if (!(count > 0)) throw new Error("--rotate takes a number above 0");
  const now = new Date();
  const day = Math.floor((now - Date.UTC(now.getUTCFullYear(), 0)) / DAY);
  return Array.from({ length: count }, (_, index) => setups[(day * count + index) % setups.length]);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
const projects = new Map();
let chromium;

async function runSetup({ name, run, folder }) {
  const start = Date.now();
  try {
    if (!projects.has(folder)) projects.set(folder, makeProject(folder, tarball));
    const project = await projects.get(folder);
    await run({
      project,
      tarball,
      get chromium() {
        chromium ??= startChromium();
        return chromium;
      },
    });
    console.log(`ok - ${name} (${seconds(start)} s)`);
    return true;
  } catch (error) {
    console.log(`not ok - ${name} (${seconds(start)} s)\n${error?.stack ?? error}`);
    return false;
  }
}

function seconds(start) {
  return ((Date.now() - start) / 1000).toFixed(1);
}

let passed = 0;
let failed = 0;
for (const setup of chosen(await readSetups())) {
  if (await runSetup(setup)) passed += 1;
  else failed += 1;
}
chromium?.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
