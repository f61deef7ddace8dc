// A headless Chromium, driven over the pipe of its DevTools protocol.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FLAGS, PROGRAM } from "../../chromium.mjs";

const PATIENCE = 20_000;
const PAUSE = 50;

/** Starts one; it ends with `close`, and with this process at the latest. */
export function startChromium() {
  if (!existsSync(PROGRAM)) throw new Error(`there is no browser ${PROGRAM}; CHROMIUM names another`);
  return new Chromium();
}

class Chromium {
  #profile = mkdtempSync(join(tmpdir(), "interdict-chromium-"));
  #process;
  #waiting = new Map();
  #visits = new Map();
  #last = 0;
  #rest = "";
  #ended;
  #close = () => this.close();

  constructor() {
    // Its own process group, so that its children end with it.
    this.#process = spawn(PROGRAM, ["--headless", "--remote-debugging-pipe", ...FLAGS, `--user-data-dir=${this.#profile}`, "about:blank"], {
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    this.#process.on("exit", () => {
      this.#ended = new Error(`${PROGRAM} ended`);
      this.#waiting.forEach(({ failed }) => failed(this.#ended));
    });
    // Writing to it when it has ended.
    this.#process.stdio[3].on("error", () => {});
    this.#process.stdio[4].setEncoding("utf8").on("data", (text) => this.#read(text));
    process.on("exit", this.#close);
  }

  close() {
    process.off("exit", this.#close);
    try {
      process.kill(-this.#process.pid, "SIGKILL");
    } catch {
      // It has ended already, or never started.
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  /**
   * Opens a page in a profile of its own until its script has set `globalThis.outcome`.
   *
   * @param {string} url
   * @param {string} [before] A script that runs before every other of the page.
   * @returns {Promise<{ outcome: unknown, requests: { url: string, status: number }[], complaints: string[]
   *   }>}
   *   The requests of page and workers, and every error that a console would show.
   */
  async visit(url, before) {
    const { browserContextId } = await this.#send("Target.createBrowserContext");
    const { targetId } = await this.#send("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await this.#send("Target.attachToTarget", { targetId, flatten: true });
    const visit = { requests: [], complaints: [], sessions: new Set() };
    try {
      await this.#watch(sessionId, visit);
      await this.#send("Page.enable", {}, sessionId);
      if (before) await this.#send("Page.addScriptToEvaluateOnNewDocument", { source: before }, sessionId);
      await this.#send("Page.navigate", { url }, sessionId);
      const outcome = await this.#outcome(sessionId, visit);
      const { requests, complaints } = visit;
      return { outcome, requests, complaints };
    } finally {
      visit.sessions.forEach((session) => this.#visits.delete(session));
      await this.#send("Target.disposeBrowserContext", { browserContextId });
    }
  }

  async #outcome(sessionId, { complaints, requests }) {
    for (const end = Date.now() + PATIENCE; Date.now() < end;) {
      const { result } = await this.#send(
        "Runtime.evaluate",
        { expression: "globalThis.outcome", returnByValue: true },
        sessionId,
      );
      if (result.value !== undefined) return result.value;
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    const failed = requests
      .filter(({ status }) => status >= 400)
      .map(({ url, status }) => `${status} ${url}`);
    throw new Error(["the page came to no outcome", ...complaints, ...failed].join("\n  "));
  }

  /** Watches a page or a worker, and the workers that it starts. */
  async #watch(sessionId, visit) {
    this.#visits.set(sessionId, visit);
    visit.sessions.add(sessionId);
    const attach = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true };
    // A service worker answers nothing of this before it runs.
    await Promise.allSettled([
      this.#send("Target.setAutoAttach", attach, sessionId),
      ...["Network", "Runtime", "Log"].map((domain) => this.#send(`${domain}.enable`, {}, sessionId)),
      this.#send("Runtime.runIfWaitingForDebugger", {}, sessionId),
    ]);
  }

  #send(method, params = {}, sessionId = undefined) {
    this.#last += 1;
    const id = this.#last;
    return new Promise((done, failed) => {
      if (this.#ended) throw this.#ended;
      this.#waiting.set(id, { done, failed });
      this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  #read(text) {
    const messages = (this.#rest + text).split("\0");
    this.#rest = messages.pop();
    for (const message of messages.map((one) => JSON.parse(one))) {
      if (message.id === undefined) this.#event(message);
      else this.#answer(message);
    }
  }

  #answer({ id, result, error }) {
    const { done, failed } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) failed(new Error(error.message));
    else done(result);
  }

  #event({ method, params, sessionId }) {
    const visit = this.#visits.get(sessionId);
    if (!visit) return;
    const { requests, complaints } = visit;
    if (method === "Target.attachedToTarget") this.#watch(params.sessionId, visit);
    if (method === "Network.responseReceived")
      requests.push({ url: params.response.url, status: params.response.status });
    if (method === "Runtime.exceptionThrown") {
      const { text, exception } = params.exceptionDetails;
      complaints.push(exception?.description ?? text);
    }
    // Chromium asks for an icon that no page here names.
    if (
      method === "Log.entryAdded" &&
      params.entry.level === "error" &&
      !params.entry.url?.endsWith("/favicon.ico")
    )
      complaints.push(params.entry.text);
    if (method === "Runtime.consoleAPICalled" && params.type === "error")
      complaints.push(params.args.map(({ value, description }) => value ?? description).join(" "));
  }
}
