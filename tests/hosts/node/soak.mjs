// Many threads that screen while lists are exchanged, instances trap and gateways are closed. Each thread of Node has
// its own gateway; the compiled module is the same for all.

import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";

const SWAP_MS = 50;
const PATIENCE_MS = 2000;

/** Runs all threads to the end and adds up what they saw. */
export async function soak({ state, policy, now, receipts, threads, seconds, requests }, module) {
  const swapping = setInterval(swapper(join(state, "se")), SWAP_MS);
  const memory = new Memory(threads);
  const samples = [memory.after(seconds / 3), memory.after(seconds * 0.9)];
  const given = {
    state,
    policy,
    now,
    receipts,
    threads,
    seconds,
    requests,
    module: module.shared(),
    collections: memory.shared,
  };
  const seen = await Promise.all(
    Array.from({ length: threads }, (_, thread) => counted({ ...given, thread })),
  );
  clearInterval(swapping);
  const [third, end] = await Promise.all(samples);
  return { ...seen.reduce(added), third, end };
}

/** Makes the other of two generations current. */
function swapper(shelf) {
  let current = 1;
  return () => {
    current = 3 - current;
    const staged = join(shelf, ".staged-current");
    writeFileSync(staged, `${current}\n`);
    renameSync(staged, join(shelf, "current"));
  };
}

/**
 * Resident memory after every thread has collected its garbage: V8 keeps up to 64 MB of instances in each thread that
 * nobody uses any more.
 */
class Memory {
  constructor(threads) {
    this.threads = threads;
    /** How often a collection was asked for, and how many threads did the last one. */
    this.shared = new Int32Array(new SharedArrayBuffer(8));
  }

  async after(seconds) {
    await pause(seconds * 1000);
    Atomics.store(this.shared, 1, 0);
    Atomics.add(this.shared, 0, 1);
    for (let waited = 0; waited < PATIENCE_MS && Atomics.load(this.shared, 1) < this.threads; waited += 10)
      await pause(10);
    return process.memoryUsage.rss();
  }
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
  const counts = ["screened", "wrong", "trapped", "swapped", "closed"].map((name) => [
    name,
    one[name] + other[name],
  ]);
  return { ...Object.fromEntries(counts), errors };
}
