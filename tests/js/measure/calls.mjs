// What one question takes, and what another way to answer it takes and lacks.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { visited, withBrowser } from "./browser.mjs";
import { median, medianOf, table, whole } from "./table.mjs";
import { filterFile } from "./world.mjs";

const COUNTS = [2_000, 100_000];
const CONTENDERS = {
  nothing: { name: "no question" },
  screener: { name: "`Screener.screen`", lacks: "" },
  module: { name: "its module alone", lacks: "decision, sentences, chance" },
  bloom: {
    name: "`bloomfilter` 1.1.0",
    lacks: "signature, freshness, rollback, key, padding, exceptions, explanation; IDNA and forms of a name",
  },
  set: { name: "`Set` of all names", lacks: "all of that, and it publishes the list itself" },
};
/** Microseconds. */
const GOAL = 5;

export async function calls({ url, rounds, worlds, files, package: folder }) {
  const parts = [];
  for (const count of COUNTS.filter((count) => worlds.has(count))) {
    const address = (names, more = "") => `${url}/calls/?list=${count}&contenders=${names}${more}`;
    const all = Object.keys(CONTENDERS).join(",");
    const times = [];
    for (let round = 0; round < rounds; round += 1)
      times.push((await withBrowser((browser) => visited(browser, address(all)))).outcome.times);
    const slow = (await withBrowser((browser) => visited(browser, address(all), { processor: 4 }))).outcome
      .times;
    const memory = {};
    for (const name of Object.keys(CONTENDERS)) {
      const { outcome, memory: held } = await withBrowser((browser) =>
        visited(browser, address(name, "&memory")),
      );
      memory[name] = held + outcome.memory;
    }
    const time = (name) => medianOf(times, (round) => median(round[name]));
    const rows = Object.entries(CONTENDERS)
      .filter(([name]) => name !== "nothing")
      .map(([name, { name: shown, lacks }]) => [
        shown,
        time(name).toFixed(2),
        (time(name) / time("screener")).toFixed(3),
        median(slow[name]).toFixed(1),
        whole(wire(name, count, files, folder, worlds.get(count))),
        ((memory[name] - memory.nothing) / 1e6).toFixed(1),
        lacks,
      ]);
    const heads = [
      "of names and a parent",
      "us a question",
      "/ `screen`",
      "processor / 4",
      "bytes on the wire",
      "memory, MB",
      "does not have",
    ];
    const isMet = time("screener") <= GOAL;
    parts.push(
      `${whole(count)} names:\n\n${table(heads, rows)}\n\nGoal for \`screen\`: ${GOAL} us, ${isMet ? "met" : "missed"}.`,
    );
  }
  return parts.join("\n\n");
}

/** Code and list, compressed as servers do. */
function wire(name, count, files, folder, { repository, enrolment }) {
  const packed = (content) => gzipSync(content, { level: 9 }).length;
  const dist = (file) => readFileSync(join(folder, "dist", file));
  if (name === "set") return packed(files[`/peers/set-${count}.json`]);
  if (name === "bloom") return packed(files["/peers/bloom.js"]) + files[`/peers/bloom-${count}`].length;
  const list =
    packed(JSON.stringify(enrolment)) + packed(readFileSync(join(repository, "metadata/bundle.json")));
  const script = name === "module" ? 0 : packed(dist("web.js"));
  return script + packed(dist("interdict-edge.wasm")) + list + readFileSync(filterFile(repository)).length;
}
