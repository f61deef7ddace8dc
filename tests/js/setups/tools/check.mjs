import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serveFolder } from "./server.mjs";

const LISTS = fileURLToPath(new URL("../../../../fixtures/repositories/public", import.meta.url));
const DECISIONS = ["proceed", "ask_gateway", "refuse"];

/** What `ask` must have answered. */
export function assertScreened(outcome, build) {
  assert.deepEqual(outcome, { decisions: DECISIONS, build, wasm: "running" });
}

/**
 * Visits a page, which must come to an outcome without a failed request or a complaint in the console.
 *
 * @param {object} chromium
 * @param {string} url
 * @param {number} files How often the page fetches the module's file: 0 if the script holds it.
 * @param {object} [options]
 * @param {string} [options.before] A script that runs before the page's.
 * @param {RegExp} [options.expected] A failed request's complaint that belongs to the test.
 */
export async function pageOutcome(chromium, url, files, { before, expected } = {}) {
  const { outcome, requests, complaints } = await chromium.visit(url, before);
  assert.deepEqual(
    complaints.filter((complaint) => !expected?.test(complaint)),
    [],
  );
  const failed = requests.filter(({ url, status }) => status >= 400 && !url.endsWith("/favicon.ico"));
  if (!expected) assert.deepEqual(failed, []);
  assert.equal(requests.filter(({ url }) => new URL(url).pathname.endsWith(".wasm")).length, files);
  return outcome;
}

/** Visits a page that does `tell(ask(Screener))`. */
export async function assertPageScreens(chromium, url, files, { build = "edge", ...options } = {}) {
  assertScreened(await pageOutcome(chromium, url, files, options), build);
}

/** The same of a folder that is served as it is. */
export async function assertFolderScreens(chromium, folder, files, { types, failures, ...options } = {}) {
  const server = await serveFolder(folder, { types, failures });
  try {
    await assertPageScreens(chromium, server.url, files, options);
  } finally {
    server.close();
  }
}

/**
 * The same of a page that does `tell(askThroughWorker(…))`: the fixtures' public repository lies beside it.
 * That some metadata do not exist is part of every update.
 */
export async function assertListsScreen(chromium, folder, files) {
  cpSync(LISTS, join(folder, "lists"), { recursive: true });
  const server = await serveFolder(folder);
  try {
    const { storage, ...outcome } = await pageOutcome(chromium, server.url, files, {
      expected: /status of (404|405)/,
    });
    assertScreened(outcome, "edge");
    assert.deepEqual(storage, { kind: "indexeddb" });
  } finally {
    server.close();
  }
}

/** Waits until a program that was started has printed what matches; gives the match. */
export async function printed({ process: child, output }, pattern) {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const match = pattern.exec(output());
    if (match) return match;
    if (child.exitCode !== null) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`it did not print ${pattern}:\n${output()}`);
}
