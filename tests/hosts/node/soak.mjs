// Many threads that screen while lists are exchanged, instances trap and gateways are closed. Each thread of Node has
// its own gateway; the compiled module is the same for all.

import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";

const SWAP_MS = 50;
/**
 * V8 lets the space for new objects of each thread grow to 32 MB in minutes, whatever a program keeps, and seldom gives
 * it back. A gigabyte of it in all threads would hide what a host keeps.
 */
const LIMITS = { maxYoungGenerationSizeMb: 4 };

/** Runs all threads to the end and adds up what they saw. */
export async function soak({ state, policy, now, receipts, threads, seconds, requests }, module) {
  const memory = new Memory(threads);
  const given = {
    state,
    policy,
    now,
    receipts,
    threads,
    requests,
    module: module.shared(),
    shared: memory.shared,
  };
  const counts = Promise.all(Array.from({ length: threads }, (_, thread) => counted({ ...given, thread })));
  const [third, end] = await Promise.race([counts, measured(memory, join(state, "se"), seconds)]);
  return { ...(await counts).reduce(added), third, end };
}

/** Lets the threads run for so many seconds; the memory after a third of them and at the end. */
async function measured(memory, shelf, seconds) {
  await memory.begin();
  const swapping = setInterval(swapper(shelf), SWAP_MS);
  await pause((seconds * 1000) / 3);
  const third = await memory.collected();
  await pause((seconds * 2000) / 3);
  const end = await memory.collected();
  clearInterval(swapping);
  memory.end();
  return [third, end];
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
 * Resident memory while every thread waits, its garbage collected: V8 keeps up to 64 MB of instances in each
 * thread that nobody uses any more.
 */
class Memory {
  constructor(threads) {
    this.threads = threads;
    /**
     * How often a collection was asked for, how many threads did the last one, how many have a gateway, whether they
     * wait, run or end (0, 1, 2), and how often memory was measured.
     */
    this.shared = new Int32Array(new SharedArrayBuffer(20));
  }

  /** Lets all threads begin at once: on a busy machine the last one opens its gateway long after the first. */
  async begin() {
    await this.#all(2);
    Atomics.store(this.shared, 3, 1);
    Atomics.notify(this.shared, 3);
  }

  async collected() {
    Atomics.store(this.shared, 1, 0);
    Atomics.add(this.shared, 0, 1);
    await this.#all(1);
    const bytes = process.memoryUsage.rss();
    Atomics.add(this.shared, 4, 1);
    Atomics.notify(this.shared, 4);
    return bytes;
  }

  end() {
    Atomics.store(this.shared, 3, 2);
  }

  async #all(place) {
    while (Atomics.load(this.shared, place) < this.threads) await pause(10);
  }
}

/** The counts of one thread. */
function counted(workerData) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("soak-thread.mjs", import.meta.url), {
      workerData,
      resourceLimits: LIMITS,
    });
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
