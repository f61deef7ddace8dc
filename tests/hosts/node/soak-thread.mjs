// One thread of the soak.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { setImmediate as others } from "node:timers/promises";

import { Gateway, InterdictError, Module } from "../../../host-example/node/src/index.js";

/** How often all threads together do this, in milliseconds. */
const EVERY = { swap: 50, trap: 20, close: 200 };
const ROUND = 50;
const COLLECTIONS = 3;

const { state, policy, now, receipts, threads, thread, requests, shared } = workerData;
const module = Module.received(workerData.module);
const counts = { screened: 0, wrong: 0, trapped: 0, swapped: 0, closed: 0, errors: {} };
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
let collected = 0;

let gateway = await open();
Atomics.add(shared, 2, 1);
Atomics.wait(shared, 3, 0);
const due = Object.fromEntries(Object.keys(EVERY).map((what) => [what, next(what, (thread + 1) / threads)]));
while (Atomics.load(shared, 3) === 1) {
  for (let count = 0; count < ROUND; count += 1) ask(requests[Math.floor(Math.random() * requests.length)]);
  if (isDue("swap")) attempt(() => (counts.swapped += gateway.reloadIfChanged(now) ? 1 : 0));
  if (isDue("trap")) trap();
  if (isDue("close")) await reopen();
  if (collected < Atomics.load(shared, 0)) {
    collected += 1;
    await collectAll();
    Atomics.add(shared, 1, 1);
    Atomics.wait(shared, 4, collected - 1);
  }
  await others();
}
parentPort.postMessage(counts);
await gateway.close();

/** What was made while V8 marked is left by one collection and found by the next. */
async function collectAll() {
  for (let count = 0; count < COLLECTIONS; count += 1) {
    collect();
    await others();
  }
}

/** Half of the threads have two instances, so that one that traps is replaced by a copy of the other. */
function open() {
  return Gateway.open(state, { policy, module, receipts, clock: () => now, workers: 1 + (thread % 2) });
}

function ask({ message, answers }) {
  attempt(() => {
    const { text } = gateway.screen(message, now);
    counts.screened += 1;
    if (!answers.includes(text)) counts.wrong += 1;
  });
}

function trap() {
  try {
    gateway.screen("!", now);
    counts.errors.answered = (counts.errors.answered ?? 0) + 1;
  } catch (error) {
    if (error.kind === "trapped") counts.trapped += 1;
    else count(error);
  }
}

async function reopen() {
  const closing = gateway.close();
  try {
    gateway.screen(requests[0].message, now);
    counts.errors.answered = (counts.errors.answered ?? 0) + 1;
  } catch (error) {
    if (error.kind === "closed") counts.closed += 1;
    else count(error);
  }
  await closing;
  gateway = await open();
}

function attempt(run) {
  try {
    run();
  } catch (error) {
    count(error);
  }
}

function count(error) {
  const kind = error instanceof InterdictError ? error.kind : String(error);
  counts.errors[kind] = (counts.errors[kind] ?? 0) + 1;
}

function next(what, part = 1) {
  return performance.now() + EVERY[what] * threads * part;
}

function isDue(what) {
  if (performance.now() < due[what]) return false;
  due[what] = next(what);
  return true;
}
