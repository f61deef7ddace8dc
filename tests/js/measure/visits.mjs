// How long a visitor waits for the first verdict of a list.

import { SPEEDS, visited, withBrowser } from "./browser.mjs";
import { medianOf, table } from "./table.mjs";

const COUNT = 2_000;
const CONTENDERS = {
  "the package": "web",
  "the enrolment in the page's script": "own",
  "`./inline`": "inline",
  before: "before",
};
/** Milliseconds from the script's start to a verdict, at a second visit. */
const WARM = 60;

export async function visits({ url, rounds }) {
  const measured = new Map();
  for (let round = 0; round < rounds; round += 1)
    for (const speed of Object.keys(SPEEDS))
      for (const page of Object.values(CONTENDERS)) {
        const key = `${page} ${speed}`;
        if (!measured.has(key)) measured.set(key, []);
        measured
          .get(key)
          .push(
            await withBrowser((browser) => twice(browser, `${url}/${page}/?list=${COUNT}`, SPEEDS[speed])),
          );
      }
  const rows = Object.keys(SPEEDS).flatMap((speed) => {
    const of = (page) => measured.get(`${page} ${speed}`);
    const time = (page, visit) => medianOf(of(page), (round) => round[visit].outcome.answered);
    return Object.entries(CONTENDERS).map(([name, page]) => [
      `${speed}: ${name}`,
      time(page, "cold").toFixed(0),
      (time(page, "cold") / time("before", "cold")).toFixed(2),
      ...traffic(of(page), "cold"),
      time(page, "warm").toFixed(0),
      medianOf(of(page), ({ warm: { outcome } }) => outcome.answered - outcome.began).toFixed(0),
      ...traffic(of(page), "warm"),
    ]);
  });
  const heads = [
    "first verdict",
    "first visit, ms",
    "/ before",
    "requests",
    "KB",
    "second visit, ms",
    "from the script's start",
    "requests",
    "KB",
  ];
  const told = Object.keys(SPEEDS).map((speed) => {
    const own = measured.get(`web ${speed}`);
    const cold = medianOf(own, ({ cold }) => cold.outcome.answered);
    const old = medianOf(measured.get(`before ${speed}`), ({ cold }) => cold.outcome.answered);
    const warm = medianOf(own, ({ warm: { outcome } }) => outcome.answered - outcome.began);
    const word = (isMet) => (isMet ? "met" : "missed");
    const [first, second] = [word(cold <= old / 2), word(warm <= WARM)];
    return `${speed}: first visit in half the time of before ${first}, second in ${WARM} ms of the script ${second}`;
  });
  return `${table(heads, rows)}\n\nGoals. ${told.join("; ")}.`;
}

/** A first visit with an empty profile, and another. */
async function twice(browser, url, speed) {
  const cold = await visited(browser, url, speed);
  // The browser writes its caches behind the page.
  await new Promise((done) => setTimeout(done, 500));
  const warm = await visited(browser, url, speed);
  if (cold.outcome.isWarm || warm.outcome.isWarm === false)
    throw new Error(`${url}: nothing was kept, or too much`);
  return { cold, warm };
}

function traffic(rounds, visit) {
  const { requests, bytes } = rounds.at(-1)[visit].traffic.verdict;
  return [requests, (bytes / 1000).toFixed(1)];
}
