// Chromium with an empty profile, at the speed of this machine or of a slow phone.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { FLAGS, PROGRAM } from "../chromium.mjs";

const PATIENCE = 120_000;

/** What a page is slowed down to. */
export const SPEEDS = {
  desktop: { processor: 1 },
  phone: {
    processor: 4,
    network: {
      offline: false,
      downloadThroughput: 1_600_000 / 8,
      uploadThroughput: 750_000 / 8,
      latency: 150,
    },
  },
};

/** Runs with a browser that nobody used before. */
export async function withBrowser(run) {
  const profile = mkdtempSync(join(tmpdir(), "interdict-measure-"));
  const browser = await puppeteer.launch({
    executablePath: PROGRAM,
    headless: true,
    pipe: true,
    args: FLAGS,
    userDataDir: profile,
    protocolTimeout: PATIENCE,
  });
  try {
    return await run(browser);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/**
 * Opens a page and waits until its script has called `report` with what it measured. Before that it may call
 * `report` with a word: then what went over the network so far is kept under it. With `memory`, what its
 * scripts hold is kept, and `processor` returns the milliseconds of processor time so far.
 *
 * @returns {Promise<{ outcome: object, traffic: Record<string, { requests: number, bytes: number }>,
 *   memory?: number, task?: number }>} `task` is the longest one of the page's own thread, in milliseconds of
 *   processor time, if asked for.
 */
export async function visited(
  browser,
  url,
  { processor, network } = SPEEDS.desktop,
  { isTraced = false } = {},
) {
  const page = await browser.newPage();
  const client = await page.createCDPSession();
  const clients = [client];
  const counter = new Traffic();
  const traffic = {};
  let memory;
  try {
    const reported = new Promise((done, failed) => {
      page.on("pageerror", failed);
      setTimeout(failed, PATIENCE, new Error("the page reported nothing")).unref();
      page.exposeFunction("report", async (told) => {
        if (told === "processor") return await processorTime(client);
        if (told === "memory") memory = await taken(clients);
        else if (typeof told === "string") traffic[told] = counter.told;
        else if (told.failure) failed(new Error(told.failure));
        else done(told);
        return undefined;
      });
    });
    await counter.watch(client, network);
    await client.send("Performance.enable");
    page.on("workercreated", (worker) => {
      clients.push(worker.client);
      counter.watch(worker.client, network).catch(() => {});
    });
    if (processor > 1) await page.emulateCPUThrottling(processor);
    if (isTraced)
      await page.tracing.start({
        categories: ["-*", "disabled-by-default-devtools.timeline", "blink.user_timing"],
      });
    const [outcome] = await Promise.all([reported, page.goto(url, { timeout: PATIENCE })]);
    const task = isTraced ? longestTask(await page.tracing.stop()) : undefined;
    return { outcome, traffic: { ...traffic, end: counter.told }, memory, task };
  } catch (error) {
    throw new Error(`${url}: ${error?.message ?? error}`, { cause: error });
  } finally {
    await page.close();
  }
}

/** Bytes that scripts of the page and its workers hold, after a collection: objects, and memory of buffers. */
async function taken(clients) {
  let sum = 0;
  for (const client of clients) {
    for (let time = 0; time < 3; time += 1) await client.send("HeapProfiler.collectGarbage");
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await client.send("Runtime.getHeapUsage");
    sum += usedSize + embedderHeapUsedSize + backingStorageSize;
  }
  return sum;
}

/** Milliseconds of processor time of the page's longest task between its marks `began` and `watched`. */
function longestTask(bytes) {
  const { traceEvents } = JSON.parse(new TextDecoder().decode(bytes));
  const [began, watched] = ["began", "watched"].map((mark) => traceEvents.find(({ name }) => name === mark));
  const tasks = traceEvents
    .filter(({ name, pid, tid }) => name === "RunTask" && pid === began.pid && tid === began.tid)
    .filter(({ ts, dur = 0 }) => ts + dur >= began.ts && ts <= watched.ts);
  const longest = tasks.reduce((longest, { tdur = 0 }) => Math.max(longest, tdur), 0);
  if (longest === 0) throw new Error("the trace has no processor time of tasks");
  return longest / 1000;
}

/** Milliseconds that the page's own thread has run on a processor. */
async function processorTime(client) {
  const { metrics } = await client.send("Performance.getMetrics");
  return 1000 * metrics.find(({ name }) => name === "ThreadTime").value;
}

/** What goes over the network. Workers have sessions of their own. */
class Traffic {
  #asked = new Map();
  #bytes = 0;

  async watch(client, network) {
    client.on("Network.requestWillBeSent", ({ requestId, request }) => {
      if (request.url.startsWith("http")) this.#asked.set(requestId, request.url);
    });
    client.on("Network.requestServedFromCache", ({ requestId }) => this.#asked.delete(requestId));
    client.on("Network.responseReceived", ({ requestId, response }) => {
      if (response.fromDiskCache) this.#asked.delete(requestId);
    });
    client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (this.#asked.has(requestId)) this.#bytes += encodedDataLength;
    });
    await client.send("Network.enable");
    if (network) await client.send("Network.emulateNetworkConditions", network);
  }

  get told() {
    return { requests: this.#asked.size, bytes: this.#bytes };
  }
}
