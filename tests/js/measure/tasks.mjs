// The longest time for which a page cannot answer its visitor while a list is loaded.

import { visited, withBrowser } from "./browser.mjs";
import { medianOf, table } from "./table.mjs";

const COUNTS = [2_000, 100_000];
const SPEEDS = { desktop: { processor: 1 }, "processor / 4": { processor: 4 } };
const CONTENDERS = {
  "no list: what the machine delays": "nothing/?",
  "the package": "web/?",
  "the package with its worker": "web/?worker&",
  before: "before/?",
};
/** Milliseconds from which a task is long. */
const LONG = 50;

export async function tasks({ url, rounds, worlds }) {
  const measured = new Map();
  const counts = COUNTS.filter((count) => worlds.has(count));
  for (let round = 0; round < rounds; round += 1)
    for (const [speed, slowdown] of Object.entries(SPEEDS))
      for (const count of counts)
        for (const [name, page] of Object.entries(CONTENDERS)) {
          const key = `${speed} ${count} ${name}`;
          if (!measured.has(key)) measured.set(key, []);
          const address = `${url}/${page}tasks&list=${count}`;
          const visit = (browser) => visited(browser, address, slowdown, { isTraced: true });
          const twice = async (browser) => [await visit(browser), await visit(browser)];
          measured
            .get(key)
            .push((await withBrowser(twice)).map(({ outcome, task }) => ({ ...outcome, task })));
        }
  const rows = Object.keys(SPEEDS).flatMap((speed) =>
    Object.keys(CONTENDERS).map((name) => [
      `${speed}: ${name}`,
      ...counts.flatMap((count) => {
        const own = measured.get(`${speed} ${count} ${name}`);
        return [0, 1].map((visit) => {
          const [task, longest] = ["task", "longest"].map((of) =>
            medianOf(own, (visits) => visits[visit][of]).toFixed(0),
          );
          return `${task} (${longest})`;
        });
      }),
    ]),
  );
  const own = Object.entries(CONTENDERS).filter(([, page]) => page.startsWith("web"));
  const told = own.map(([name]) => {
    const visits = [...measured]
      .filter(([key]) => key.endsWith(` ${name}`))
      .flatMap(([, rounds]) => rounds.flat());
    const long = visits.filter(({ task }) => task > LONG).length;
    return `${name}: ${long} of ${visits.length} visits had one`;
  });
  const goal = `Goal: no task of more than ${LONG} ms of processor time. ${told.join("; ")}.`;
  const heads = counts.flatMap((count) =>
    ["first", "second"].map((visit) => `${count.toLocaleString("en-US")} names, ${visit} visit`),
  );
  return [
    table(["longest task, ms", ...heads], rows),
    "",
    `Processor time; in brackets by the clock, the longest pause of a task that repeats itself. ${goal}`,
  ].join("\n");
}
