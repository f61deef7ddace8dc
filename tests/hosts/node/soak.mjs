// Many threads that screen while lists are exchanged, instances trap and gateways are closed. Each thread of Node has
// its own gateway; the compiled module is the same for all.

import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

const SWAP_MS = 50;

/** Runs all threads to the end and adds up what they saw. */
export async function soak({ state, policy, now, receipts, threads, seconds, requests }, module) {
  const shelf = join(state, "se");
  let current = 1;
  let end = 0;
  let isOver = false;
  const swapping = setInterval(() => {
    if (!isOver) end = process.memoryUsage.rss();
    current = 3 - current;
    const staged = join(shelf, ".staged-current");
    writeFileSync(staged, `${current}\n`);
    renameSync(staged, join(shelf, "current"));
  }, SWAP_MS);
  let third;
  const sampling = setTimeout(() => (third = process.memoryUsage.rss()), (seconds * 1000) / 3);
  const given = { state, policy, now, receipts, threads, seconds, requests, module: module.shared() };
  const seen = await Promise.all(Array.from({ length: threads }, async (_, thread) => {
    const counts = await counted({ ...given, thread });
    // From now on threads end and give their memory back.
    isOver = true;
    return counts;
  }));
  clearInterval(swapping);
  clearTimeout(sampling);
  return { ...seen.reduce(added), third, end };
}

/** The counts of one thread. */
function counted(workerData) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("soak-thread.mjs", import.meta.url), { workerData });
    worker.on("message", resolve);
    worker.on("error", reject);
  });
}

function added(one, other) {
  const errors = { ...one.errors };
  for (const [kind, count] of Object.entries(other.errors)) errors[kind] = (errors[kind] ?? 0) + count;
  const counts = ["screened", "wrong", "trapped", "swapped", "closed"].map((name) => [name, one[name] + other[name]]);
  return { ...Object.fromEntries(counts), errors };
}
