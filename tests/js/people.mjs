// Takes the pictures of docs/page.md: serves the page for people with invented merchants and looks at it with
// Chromium. node people.mjs <interdict> <folder for the pictures>
//
// CHROMIUM names another browser, PICTURES=all takes every place in both widths and modes.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const [program, out] = process.argv.slice(2).map((path) => resolve(path));
const fixtures = fileURLToPath(new URL("../../fixtures", import.meta.url));
const NOW = "2026-11-02T06:00:00Z";
const room = mkdtempSync(join(tmpdir(), "interdict-people-"));
const at = (time) => ["--config", join(room, "gateway.toml"), "--now", time];

/** Runs a command of the gateway; changes and findings are no failures. */
function interdict(time, ...words) {
  try {
    return execFileSync(program, [...words, ...at(time)], { cwd: room, encoding: "utf8" });
  } catch (error) {
    if (error.status === 1 || error.status === 2) return error.stdout;
    throw error;
  }
}

const CONFIG = `
policy.required = { se = ["se/merchants"] }
[[repository]]
coalition = "se"
url = "file:${fixtures}/repositories/typologies"
allow_private = true
[service]
listen = "127.0.0.1:0"
[page]
[journal]
[portfolio]
`;

const domain = (value) => ({ kind: "domain", value });
const MERCHANTS = [
  { id: "m_2041", flow: "payout", identifiers: [domain("hidden-shop.test")] },
  {
    id: "m_2107",
    flow: "payout",
    identifiers: [domain("tea-and-more.example"), domain("mirror.hidden-shop-2.example")],
  },
  {
    id: "m_2260",
    flow: "payout",
    identifiers: [
      domain("second-hand-books.example"),
      { kind: "iban", value: "GB82 WEST 1234 5698 7654 32" },
    ],
  },
  { id: "m_2318", flow: "onboarding", identifiers: [domain("bücher.example")] },
  { id: "m_2399", flow: "payout", identifiers: [domain("flowers.example")] },
];

/** A service with cases of two mornings, in which somebody has worked already. */
function serve() {
  writeFileSync(join(room, "gateway.toml"), CONFIG);
  interdict(NOW, "enrol", join(fixtures, "generation/enrolment.json"));
  interdict(NOW, "refresh");
  const add = (merchants, time) => {
    writeFileSync(join(room, "own.ndjson"), merchants.map((one) => JSON.stringify(one)).join("\n"));
    interdict(time, "portfolio", "import", "own.ndjson");
    interdict(time, "portfolio", "rescreen");
  };
  add(MERCHANTS.slice(0, 1), "2026-11-01T21:14:00Z");
  add(MERCHANTS.slice(1), "2026-11-02T05:20:00Z");
  interdict("2026-11-02T05:31:00Z", "case", "assign", "2", "--to", "ada", "--by", "bo");
  interdict(
    "2026-11-02T05:42:00Z", "case", "note", "2", "--by", "ada",
    "The second domain was taken over in October. Asked the acquirer who runs it now.",
  );
  const child = spawn(program, ["serve", ...at(NOW)], { cwd: room, stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((done) => {
    child.stdout.once("data", (line) => done([child, String(line).trim().split(" ").pop()]));
  });
}

/** Sends a request to the service as a browser does. */
function ask(place, path, { cookie = "", form } = {}) {
  const body = form && new URLSearchParams(form).toString();
  const headers = { cookie, origin: place, "content-type": "application/x-www-form-urlencoded" };
  return new Promise((done, fail) => {
    const asked = request(place + path, { method: form ? "POST" : "GET", headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => done({ ...answer, head: answer.headers, text: Buffer.concat(parts).toString() }));
    });
    asked.on("error", fail);
    asked.end(body);
  });
}

/** Signs in and returns the cookie and the token of forms. */
async function signIn(place) {
  const link = interdict(NOW, "sign-in", "ada").trim().split("/").pop();
  const { head } = await ask(place, "/sign-in", { form: { link } });
  const cookie = head["set-cookie"][0].split(";")[0];
  const { text } = await ask(place, "/screen", { cookie });
  return { cookie, token: /name="form_token" value="([0-9a-f]+)"/.exec(text)[1] };
}

/** Path, what is done there, name, width, height and mode of each picture. */
const KEPT = [
  ["/", "", "page-cases", 1000, 440, "light"],
  ["/cases/2", "", "page-case", 1000, 860, "light"],
  ["/screen", "ask", "page-screen-phone", 390, 1500, "dark"],
];
const PLACES = [
  ["/", ""], ["/cases", ""], ["/cases/2", ""], ["/cases/1", ""], ["/screen", ""], ["/screen", "ask"], ["/lists", ""],
  ["/today", ""], ["/sign-in", ""],
];
const ALL = PLACES.flatMap(([path, act]) =>
  [["wide", 1100, 0], ["phone", 360, 0]].flatMap(([name, width, height]) =>
    ["light", "dark"].map((mode) => [
      path, act, `${path.replaceAll("/", "") || "open"}${act}-${name}-${mode}`, width, height, mode,
    ]),
  ),
);

/** Fills in the form as a person does, and waits for the verdict. */
const ASK = `
  document.querySelector("#value").value = "mirror.hidden-shop-2.example";
  document.querySelector("#flow").value = "payout";
  document.querySelector("form.ask button").click();`;

/** A browser, over the pipes of the DevTools protocol. */
class Browser {
  profile = mkdtempSync(join(tmpdir(), "interdict-browser-"));
  waiting = [];
  loaded = () => {};

  constructor() {
    this.child = spawn(process.env.CHROMIUM ?? "/usr/bin/chromium", [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
      "--remote-debugging-pipe", `--user-data-dir=${this.profile}`, "about:blank",
    ], { detached: true, stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    let rest = "";
    this.child.stdio[4].on("data", (part) => {
      const messages = (rest + part).split("\0");
      rest = messages.pop();
      for (const message of messages) this.take(JSON.parse(message));
    });
  }

  take({ id, method, result, error }) {
    if (method === "Page.loadEventFired") this.loaded();
    const [done, fail] = this.waiting[id] ?? [];
    if (error) fail?.(new Error(error.message));
    else done?.(result);
  }

  call(method, params = {}) {
    const id = this.waiting.length;
    const message = { id, method, params, sessionId: this.sessionId };
    this.child.stdio[3].write(`${JSON.stringify(message)}\0`);
    return new Promise((done, fail) => this.waiting.push([done, fail]));
  }

  async open(cookie, url) {
    const { targetId } = await this.call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    this.sessionId = sessionId;
    await this.call("Page.enable");
    const [name, value] = cookie.split("=");
    await this.call("Network.setCookie", { name, value, url, httpOnly: true, sameSite: "Strict" });
  }

  /** Does something that loads a page, and waits for it. */
  async load(work) {
    const loaded = new Promise((done) => (this.loaded = done));
    await work();
    await loaded;
  }

  async picture(place, [path, act, name, width, height, mode]) {
    await this.call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: mode }],
    });
    const size = { width, height: height || 800, deviceScaleFactor: 1, mobile: width < 500 };
    await this.call("Emulation.setDeviceMetricsOverride", size);
    await this.load(() => this.call("Page.navigate", { url: place + path }));
    if (act) await this.load(() => this.call("Runtime.evaluate", { expression: ASK }));
    const { cssContentSize: whole } = await this.call("Page.getLayoutMetrics");
    if (whole.width > width) throw new Error(`${name} is ${whole.width} wide`);
    const clip = { x: 0, y: 0, width, height: height || whole.height, scale: 1 };
    const shot = await this.call("Page.captureScreenshot", { clip, captureBeyondViewport: true });
    writeFileSync(join(out, `${name}.png`), Buffer.from(shot.data, "base64"));
  }

  async end() {
    const exit = new Promise((done) => this.child.once("exit", done));
    // Its own process group, so that its children end with it.
    process.kill(-this.child.pid, "SIGKILL");
    await exit;
    remove(this.profile);
  }
}

/** Ends the service and waits for its end. */
function ended() {
  const exit = new Promise((done) => child.once("exit", done));
  child.kill();
  return exit;
}

/** A browser's children may write for a moment after its end. */
function remove(directory) {
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

const [child, place] = await serve();
let browser;
try {
  const { cookie, token } = await signIn(place);
  // Enough for the counts, which are in tens, and no faster than a person may ask.
  for (let times = 0; times < 50; times += 1) {
    const merchant = ["m_2399", "m_2041", "m_2399", "m_2107", "m_2399"][times % 5];
    await ask(place, "/screen", { cookie, form: { merchant, form_token: token } });
    await setTimeout(110);
  }
  mkdirSync(out, { recursive: true });
  browser = new Browser();
  await browser.open(cookie, place);
  for (const one of process.env.PICTURES === "all" ? ALL : KEPT) await browser.picture(place, one);
} finally {
  await ended();
  remove(room);
  await browser?.end();
}
