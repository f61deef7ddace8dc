// What each way to answer "is this name, or a parent of it, in the list" is loaded from, and how it is asked.

import { moduleExports } from "./begin.js";

const NOW = () => Math.floor(Date.now() / 1000);
const ROOM = 16 << 10;
/** Of the peer's filter. */
const HASHES = 7;

const json = async (address) => (await fetch(address)).json();

/** Whether `has` is true for a name, or for one of its parents of two labels or more. */
function isIn(has, url) {
  for (let name = new URL(url).hostname; ;) {
    if (has(name)) return true;
    name = name.slice(name.indexOf(".") + 1);
    if (!name.includes(".")) return false;
  }
}

/** By name, what loads it; that gives a function of a web address, which says whether it is hit. */
export const LOADERS = {
  async nothing() {
    return () => false;
  },
  async set(count) {
    const names = new Set(await json(`/peers/set-${count}.json`));
    return (url) => isIn((name) => names.has(name), url);
  },
  async bloom(count) {
    const { BloomFilter } = await import("/peers/bloom.js");
    const bytes = await (await fetch(`/peers/bloom-${count}`)).arrayBuffer();
    const filter = new BloomFilter(new Uint32Array(bytes), HASHES);
    return (url) => isIn((name) => filter.test(name), url);
  },
  async screener(count) {
    const screener = await opened(count);
    return (url) => screener.screen({ url }).reasons.some(({ code }) => code === "ask_gateway");
  },
  /** The module of a screener without it. Its answer is compared once, and read no more. */
  async module(count) {
    const screener = await opened(count);
    const { interdict_alloc: alloc, interdict_screen: screen, memory } = moduleExports();
    const [input, output] = [alloc(ROOM), alloc(ROOM)];
    const encoder = new TextEncoder();
    const ask = (url) => {
      const identifier = { kind: "domain", value: new URL(url).hostname };
      const message = encoder.encode(JSON.stringify({ flow: "checkout", identifiers: [identifier] }));
      new Uint8Array(memory.buffer).set(message, input);
      return screen(input, message.length, NOW(), output, ROOM);
    };
    const url = "https://listed-shop-7.example/pay";
    const text = new TextDecoder().decode(new Uint8Array(memory.buffer, output, ask(url)));
    const { answer } = screener.screen({ url });
    if (text !== JSON.stringify(answer))
      throw new Error(`another answer: ${text} and ${JSON.stringify(answer)}`);
    // A clean answer is shorter than one with a reason.
    const hit = text.length;
    return (url) => ask(url) >= hit;
  },
};

async function opened(count) {
  const { Screener } = await import("/package/dist/web.js");
  const screener = await Screener.open({
    enrolment: new URL(`/page/enrolment-${count}.json`, location.href),
  });
  const { outcome, why } = await screener.refresh();
  if (outcome === "failed") throw new Error(why);
  return screener;
}
