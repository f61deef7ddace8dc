// Measures the package for checkout pages in Chromium, beside what a page would do without it, and prints
// tables.
//
// node measure.mjs --package FOLDER --programs FOLDER [--work FOLDER] [--rounds N] [--largest N]
//   [--only sizes,visits,tasks,lists,calls]
//
// The package is what wasm/js/package/build.mjs writes; `interdict-publish` is among the programs. `npm ci`
// first. Lists are published into the work folder, where another run finds them; none has more names than
// `--largest`.
//
// Everything runs on this machine: the browser slows networks and processors down. A busy machine measures
// itself: the page that does nothing says how busy it was. Processor time does not count others.

import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { calls } from "./measure/calls.mjs";
import { bloomScript, peerFiles } from "./measure/peers.mjs";
import { lists } from "./measure/lists.mjs";
import { pageOf, servedSite } from "./measure/site.mjs";
import { sizes } from "./measure/sizes.mjs";
import { tasks } from "./measure/tasks.mjs";
import { visits } from "./measure/visits.mjs";
import { published } from "./measure/world.mjs";

const TABLES = { sizes, visits, tasks, lists, calls };
/** Names on a list. A million take minutes to publish. */
const COUNTS = [2_000, 100_000, 1_000_000];
const PEERS = [2_000, 100_000];
const PAGES = ["web", "own", "inline", "before", "nothing", "calls"];

const { values } = parseArgs({
  options: {
    package: { type: "string" },
    programs: { type: "string" },
    work: { type: "string" },
    only: { type: "string", default: Object.keys(TABLES).join(",") },
    rounds: { type: "string", default: "5" },
    largest: { type: "string", default: String(COUNTS.at(-1)) },
  },
});
const wanted = values.only.split(",");
if (!values.package || !values.programs || wanted.some((name) => !Object.hasOwn(TABLES, name)))
  throw new Error(
    "node measure.mjs --package FOLDER --programs FOLDER [--work FOLDER] [--only NAME,…] [--rounds N]",
  );

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const work = values.work ? resolve(values.work) : mkdtempSync(join(tmpdir(), "interdict-measure-lists-"));
const counts = COUNTS.filter((count) => count <= Number(values.largest));
const rooms = {
  page: here("measure/pages"),
  package: resolve(values.package),
  full: here("../../wasm/js/package/generated"),
};
const files = Object.fromEntries(PAGES.map((name) => [`/${name}/`, pageOf(`/page/${name}.js`)]));
const site = await servedSite(rooms, files);
const worlds = new Map();
try {
  if (wanted.some((name) => name !== "sizes")) await publish();
  for (const name of wanted) {
    console.error(`${name}, load ${loadavg()[0].toFixed(1)}`);
    console.log(
      `${await TABLES[name]({ ...rooms, url: site.url, files, worlds, rounds: Number(values.rounds) })}\n`,
    );
  }
} finally {
  site.close();
  if (!values.work) rmSync(work, { recursive: true, force: true });
}

/** Publishes the lists, and serves them. */
async function publish() {
  for (const count of counts) {
    console.error(`publishing a list of ${count}`);
    const world = published(
      join(resolve(values.programs), "interdict-publish"),
      join(work, `lists-${count}`),
      count,
    );
    worlds.set(count, world);
    rooms[count] = world.repository;
    const enrolment = { ...world.enrolment, repository: `${site.url}/${count}` };
    files[`/page/enrolment-${count}.json`] = JSON.stringify(enrolment);
    files[`/page/enrolment-${count}.js`] = `export default ${JSON.stringify(enrolment)};`;
  }
  if (!wanted.includes("calls")) return;
  files["/peers/bloom.js"] = bloomScript();
  for (const count of PEERS) Object.assign(files, peerFiles(count));
}
