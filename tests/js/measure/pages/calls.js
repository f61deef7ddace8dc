// Asks each contender in turn, and says what one question takes.

import { measure, moduleMemory, query } from "./begin.js";
import { LOADERS } from "./look-up.js";

const ROUNDS = 5;
/** Milliseconds for which one contender is asked in a round. */
const TURN = 200;
const CLEAN = Array.from({ length: 64 }, (_, number) => `https://www.clean-${number}.example/pay`);
const LISTED = "https://www.listed-shop-7.example/pay";

measure(async () => {
  const count = query.get("list");
  const contenders = [];
  for (const name of query.get("contenders").split(",")) {
    const ask = await LOADERS[name](count);
    if (name !== "nothing" && !ask(LISTED)) throw new Error(`${name} does not find what is listed`);
    const hits = CLEAN.filter(ask).length;
    if (hits > 16) throw new Error(`${name} hits ${hits} of ${CLEAN.length} clean names`);
    contenders.push({ name, ask, times: [] });
  }
  if (query.has("memory")) {
    await globalThis.report("memory");
    return { memory: moduleMemory(), hits: contenders.map(({ ask }) => ask(LISTED)) };
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { ask, times } of contenders) times.push(await turn(ask));
  }
  return { times: Object.fromEntries(contenders.map(({ name, times }) => [name, times])) };
});

/** Microseconds of processor time for one question. */
async function turn(ask) {
  const begun = performance.now();
  const before = await globalThis.report("processor");
  let asked = 0;
  do {
    for (const url of CLEAN) ask(url);
    asked += CLEAN.length;
  } while (performance.now() - begun < TURN);
  return (1000 * ((await globalThis.report("processor")) - before)) / asked;
}
