import { randomBytes } from "node:crypto";

const PATIENCE = 30_000;
const POLLING = 50;

/** A visit of the market's page: what a person does there, and what is to be read there. */
export class Visit {
  #demo;
  #context;
  #requests;
  #visitor = randomBytes(16).toString("hex");
  #credentials = new Set();

  /** @param {{ market: string }} demo @param {object} context A browser context. @param {object[]} requests Of all visits. */
  constructor(demo, context, requests) {
    this.#demo = demo;
    this.#context = context;
    this.#requests = requests;
  }

  /** What of this visitor arrived at the servers. */
  requests() {
    return this.#requests.filter(
      ({ url, headers }) =>
        headers.cookie?.includes(this.#visitor) ||
        url.includes(this.#visitor) ||
        this.#credentials.has(headers.authorization),
    );
  }

  /** Paths of the lists' files that were asked for. */
  files() {
    const paths = this.requests().map(({ url }) => /^\/lists\/[0-9a-f]+\/(.+)$/.exec(url)?.[1]);
    return paths.filter((path) => path !== undefined);
  }

  /** Times that the page asked its gateway. */
  asked() {
    return this.requests().filter(({ to, method }) => to === "gateway" && method === "GET").length;
  }

  /** Turns switches of the demo's server for this visitor. */
  async turn(switches) {
    const response = await fetch(`${this.#demo.market}/switches`, {
      method: "POST",
      headers: { origin: this.#demo.market, cookie: `visitor=${this.#visitor}` },
      body: JSON.stringify(switches),
    });
    if (!response.ok) throw new Error(`the switchboard answered ${response.status}`);
  }

  /** Opens the page in a tab, and waits until it is at rest. `before` runs in it before its own scripts. */
  async open({ before, slowdown, prepare } = {}) {
    await this.#context.setCookie({
      name: "visitor",
      value: this.#visitor,
      domain: "127.0.0.1",
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
    });
    const page = await this.#context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on("request", (request) => {
      const { authorization } = request.headers();
      if (authorization) this.#credentials.add(authorization);
    });
    if (before) await page.evaluateOnNewDocument(before);
    if (slowdown) await page.emulateCPUThrottling(slowdown);
    await prepare?.(page);
    const tab = new Tab(page, this.#demo.market);
    await tab.load();
    return tab;
  }

  /** Waits until the service worker has kept the page. */
  async kept(tab) {
    await tab.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      if (!navigator.serviceWorker.controller)
        await new Promise((done) =>
          navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }),
        );
    });
  }

  async close() {
    if (this.#context.id !== undefined) return this.#context.close();
    for (const page of await this.#context.pages()) await page.close();
  }
}

/** The page in one tab. */
export class Tab {
  constructor(page, market) {
    this.page = page;
    this.market = market;
  }

  async load() {
    await this.page.goto(`${this.market}/`, { waitUntil: "load" });
    await this.rest();
  }

  /** Waits until the page says that what it shows does not change any more. */
  rest() {
    return this.#until(
      () => document.body.dataset.busy === "0" && document.getElementById("payee").options.length > 0,
    );
  }

  /** A tab in the background draws nothing, so time is what is waited for. */
  async #until(condition) {
    await this.page.waitForFunction(condition, { polling: POLLING });
  }

  async choose(shop) {
    await this.page.evaluate((shop) => {
      const select = document.getElementById("payee");
      select.value = [...select.options].find(({ text }) => text === shop).value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }, shop);
    await this.rest();
  }

  async speak(language) {
    await this.page.select("#language", language);
    await this.rest();
  }

  /** Pays as a person does: by the button. */
  async pay() {
    await this.page.bringToFront();
    await this.page.click("#pay");
    await this.#until(
      () => document.body.dataset.busy !== "0" || document.getElementById("told").dataset.state !== "none",
    );
    await this.rest();
    return this.seen();
  }

  async press(id) {
    await this.page.click(`#${id}`);
    await this.rest();
  }

  async openDrawer() {
    await this.page.click("#analyst-button");
    await this.page.waitForSelector("#switches select");
    await this.rest();
  }

  /** What stands in the page: for the payer, and for the analyst. */
  seen() {
    return this.page.evaluate(() => {
      const facts = (id) =>
        Object.fromEntries(
          [...document.querySelectorAll(`#${id} > div`)].map((fact) => [
            fact.querySelector("dt").textContent,
            fact.querySelector("dd").textContent,
          ]),
        );
      const told = document.getElementById("told");
      const status = document.getElementById("status").textContent;
      return {
        told: { state: told.dataset.state, text: told.textContent },
        verdict: facts("verdict"),
        asked: facts("asked"),
        facts: facts("status-facts"),
        status: status === "" ? undefined : JSON.parse(status),
        reasons: [...document.querySelectorAll("#reasons code")].map(({ textContent }) => textContent),
        freshness: [...document.querySelectorAll("#lists .freshness")].map(({ textContent }) => textContent),
      };
    });
  }
}
