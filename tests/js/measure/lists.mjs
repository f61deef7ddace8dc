// What larger public lists cost a page.

import { statSync } from "node:fs";
import { visited, withBrowser } from "./browser.mjs";
import { medianOf, table, whole } from "./table.mjs";
import { filterFile } from "./world.mjs";

const MOST_ROUNDS = 3;

export async function lists({ url, rounds, worlds }) {
  const rows = [];
  for (const [count, { repository }] of worlds) {
    const of = { web: [], worker: [], before: [], nothing: [] };
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round += 1) {
      of.web.push(await loaded(`${url}/web/?list=${count}`));
      of.worker.push(await loaded(`${url}/web/?worker&list=${count}`));
      of.before.push(await loaded(`${url}/before/?list=${count}`));
      of.nothing.push(await loaded(`${url}/nothing/?list=${count}`));
    }
    const fetched = (name) => medianOf(of[name], ({ first }) => first.answered - first.opened);
    const own = medianOf(of.web, ({ second }) => second.opened - second.began);
    // With a worker there is an instance of the module in the page and one in the worker.
    const taken = (name) =>
      of[name][0].memory + (name === "worker" ? 2 : 1) * (of[name][0].second.memory ?? 0);
    rows.push([
      whole(count),
      whole(statSync(filterFile(repository)).size),
      fetched("web").toFixed(0),
      fetched("worker").toFixed(0),
      fetched("before").toFixed(0),
      own.toFixed(0),
      ...["web", "worker", "before"].map((name) => ((taken(name) - taken("nothing")) / 1e6).toFixed(1)),
    ]);
  }
  const heads = [
    "names",
    "filter, bytes",
    "fetch and load, ms",
    "with worker",
    "before",
    "open what was kept, ms",
    "memory, MB",
    "with worker",
    "before",
  ];
  return table(heads, rows);
}

/** A first visit, and a second one, after which memory is read. */
async function loaded(address) {
  return await withBrowser(async (browser) => {
    const { outcome: first } = await visited(browser, address);
    const { outcome: second, memory } = await visited(browser, `${address}&memory`);
    return { first, second, memory };
  });
}
