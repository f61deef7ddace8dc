import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { FLAGS, PROGRAM } from "../chromium.mjs";

/** Nothing leaves this machine, whatever asks for it. */
const LOCAL_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";
/** Whom the browser itself asks, without any page. */
const OWN = /^https?:\/\/[a-z0-9]+\.(?:google|googleapis)\.com\//;
/** Addresses without a server behind them. */
const LOCAL = /^(?:about|blob|chrome|chrome-extension|data|devtools|filesystem):/;

/** Chromium, with a log of its own of every request that it makes, those of workers too. */
export class Browser {
  #folder = mkdtempSync(join(tmpdir(), "interdict-checkout-"));
  #browser;

  static async start() {
    const browser = new Browser();
    browser.#browser = await puppeteer.launch({
      executablePath: PROGRAM,
      headless: true,
      args: [...FLAGS, LOCAL_ONLY, `--log-net-log=${browser.#log}`, "--net-log-capture-mode=IncludeSensitive"],
      userDataDir: join(browser.#folder, "profile"),
    });
    return browser;
  }

  get #log() {
    return join(this.#folder, "net.json");
  }

  /** Where cookies, storage and caches are of no other visit: what a private window has. */
  privately() {
    return this.#browser.createBrowserContext();
  }

  /** The ordinary window of the profile. */
  ordinary() {
    return this.#browser.defaultBrowserContext();
  }

  /** Ends it at once. */
  kill() {
    this.#browser.process()?.kill("SIGKILL");
  }

  /** Ends it. Returns the addresses that it asked for, and its log's text. */
  async end() {
    await this.#browser.close();
    const text = readFileSync(this.#log, "utf8");
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    const addresses = [...text.matchAll(/"url":"((?:[^"\\]|\\.)*)"/g)].map(([, url]) =>
      JSON.parse(`"${url}"`),
    );
    return { addresses: [...new Set(addresses)].filter((url) => !LOCAL.test(url) && !OWN.test(url)), text };
  }
}
