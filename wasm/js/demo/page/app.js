import { Analyst } from "./analyst.js";
import * as market from "./market.js";
import { Payer } from "./payer.js";
import { Screening } from "./screening.js";
import { script } from "./scripts.js";
import { preferred } from "./words.js";

const screening = new Screening();
const payer = new Payer({ language: preferred(navigator.languages), pay, choose: forget, speak });
const analyst = new Analyst({ turn, refresh, beginAnew });
let offered;
/** What gateway and server said about the last payment. */
let answers = {};

start().catch((error) => {
  console.error(error);
  payer.tell("unreachable");
});

function start() {
  return busy(begin);
}

async function begin() {
  // Without a service worker, as in some private windows, the page works and is not there when the network is not.
  navigator.serviceWorker?.register(script("/service-worker.js")).catch(() => {});
  offered = await market.offered();
  payer.offer(offered);
  await open();
}

/** Opens the screener, lets the payer go on, and fetches what is new. */
function open() {
  return busy(async () => {
    await screening.open({ language: payer.language, policy: offered.policy, loads: offered.loads });
    payer.enable();
    await show();
    await refresh();
  });
}

function refresh() {
  return busy(async () => {
    await screening.refresh();
    await show();
  });
}

/** Says while it runs that what is shown may change. */
async function busy(run) {
  const { dataset } = document.body;
  dataset.busy = Number(dataset.busy) + 1;
  try {
    return await run();
  } finally {
    dataset.busy = Number(dataset.busy) - 1;
  }
}

/** The verdict on the chosen shop. Nothing is sent for it. */
async function show() {
  const verdict = screening.verdict(payer.shop.url);
  await analyst.show({
    shop: payer.shop,
    verdict,
    answers,
    status: screening.status,
    problem: screening.problem,
  });
  return verdict;
}

function forget() {
  answers = {};
  payer.tell(undefined);
  return show();
}

async function speak() {
  answers = {};
  payer.tell(undefined);
  payer.disable();
  await open();
}

function pay() {
  return busy(async () => {
    payer.disable();
    answers = {};
    try {
      payer.tell(await outcome(await show()));
    } catch {
      payer.tell("unreachable");
    }
    payer.enable();
    await show();
  });
}

/** What the payer is told at the end: a word of the page, or a notice. */
async function outcome(verdict) {
  if (verdict?.decision === "refuse") return { refused: verdict.notice };
  payer.tell({ waiting: verdict?.decision === "ask_gateway" ? verdict.notice : undefined });
  const order = await market.order(payer.shop.id, payer.language);
  if (verdict?.decision !== "proceed") {
    const answer = await screening.askGateway(order);
    answers = { gateway: answer };
    if (answer?.decision === "refuse") return { refused: answer.notice };
  }
  // The server asks as well: without its answer nothing is paid.
  const paid = await market.payFor(order.order);
  answers = { ...answers, server: paid };
  return paid.outcome === "refused" ? { refused: paid.notice } : paid.outcome;
}

/** The demo's switches: the server does what they say, and the page is told. */
function turn(switches) {
  return busy(async () => {
    await market.switches(switches);
    if (!("freshMiss" in switches || "loads" in switches)) return refresh();
    offered = await market.offered().catch(() => offered);
    return open();
  });
}

/** As if nobody had been here: the database of the package is deleted. */
function beginAnew() {
  return busy(async () => {
    await screening.close();
    for (const { name } of (await globalThis.indexedDB?.databases?.()) ?? []) await deleted(name);
    await open();
  });
}

function deleted(name) {
  return new Promise((done) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = done;
  });
}
