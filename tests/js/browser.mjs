// Compares the package and the module in a real browser, under a strict content security policy, with
// the module in Node. node browser.mjs <package> <fixtures> [generation]
//
// `generation` is a folder with `enrolment.json` and, in `files/`, the files of its lists under their
// names in a store. Without it, everything except lists is compared. CHROMIUM names another browser.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FLAGS, listening, POLICY, PROGRAM, typeOf, TYPES } from "./chromium.mjs";
import { RawModule } from "./raw.mjs";
import { play } from "./scenario.mjs";
import { test } from "./test.mjs";

// Two visits end within a minute.
const TIMEOUT = 25_000;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [folder, fixtures, generation] = process.argv.slice(2).map((path) => resolve(path));
const wasm = readFileSync(here("../../wasm/dist/interdict.wasm"));
const setting = {
  requests: JSON.parse(readFileSync(join(fixtures, "sample/requests.json"), "utf8")).map(
    ({ request }) => request,
  ),
  now: Math.floor(Date.now() / 1000),
  enrolment: generation && JSON.parse(readFileSync(join(generation, "enrolment.json"), "utf8")),
};

/** A file of the generation; `undefined` if there is none. */
function saved(name) {
  const path = join(generation ?? "", "files", basename(name));
  return generation && existsSync(path) ? readFileSync(path) : undefined;
}

/** What the server answers to a GET: bytes, or nothing. */
function page(path) {
  if (path === "/") return '<!doctype html><script type="module" src="/page.mjs"></script>';
  if (path === "/setting") return JSON.stringify(setting);
  if (path === "/interdict.wasm") return wasm;
  const [, room, name = room] = path.split("/");
  if (room === "files") return saved(decodeURIComponent(name));
  const file = join(room === "package" ? folder : here("."), basename(name));
  return extname(file) in TYPES && existsSync(file) ? readFileSync(file) : undefined;
}

/** Serves until the page has posted: its answers, or an error. */
async function visit(policy) {
  const profile = mkdtempSync(join(tmpdir(), "interdict-browser-"));
  let report;
  const reported = new Promise((done) => (report = done));
  const requested = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (request.method === "POST") {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        response.end();
        report({ path: pathname, value: JSON.parse(Buffer.concat(parts).toString()) });
      });
      return;
    }
    requested.push(pathname);
    const content = page(pathname);
    response.writeHead(content === undefined ? 404 : 200, {
      "content-type": typeOf(pathname),
      "content-security-policy": policy,
      "cache-control": "no-store",
    });
    response.end(content);
  });
  const { url, close } = await listening(server);
  // Its own process group, so that its children end with it.
  const browser = spawn(PROGRAM, ["--headless", ...FLAGS, `--user-data-dir=${profile}`, `${url}/`], {
    detached: true,
    stdio: "ignore",
  });
  const end = () => {
    try {
      process.kill(-browser.pid, "SIGKILL");
    } catch {
      // The browser has ended already, or never started.
    }
  };
  const clear = () => {
    end();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.on("exit", clear);
  const ended = new Promise((done) => {
    browser.on("error", (error) =>
      done({ path: "/failure", value: `${PROGRAM}: ${error.message}` }),
    );
    browser.on("exit", () => done({ path: "/failure", value: "the browser ended" }));
  });
  let timer;
  const late = new Promise((done) => {
    timer = setTimeout(done, TIMEOUT, { path: "/failure", value: "nothing was posted in time" });
  });
  try {
    const { path, value } = await Promise.race([reported, ended, late]);
    return { path, value, requested };
  } finally {
    clearTimeout(timer);
    end();
    await ended;
    process.off("exit", clear);
    clear();
    close();
  }
}

async function expected() {
  const read = async (name) => saved(name);
  const { requests, now, enrolment } = setting;
  const engine = new RawModule(new WebAssembly.Module(wasm));
  return await play(engine, requests, now, enrolment && { enrolment, read });
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

test("package and module answer in a browser what the module answers in Node", async () => {
  const { path, value, requested } = await visit(POLICY);
  assert.equal(path, "/answers", String(value));
  const answers = await expected();
  const blocked = answers.filter(({ out }) => out.startsWith('{"action":"block"'));
  assert.equal(blocked.length > 0, generation !== undefined, "a list blocks, no list does not");
  assert.deepEqual(value.package, answers);
  assert.deepEqual(value.module, answers);
  const wasms = requested.filter((path) => path.endsWith(".wasm"));
  assert.deepEqual(wasms.sort(), ["/interdict.wasm", "/package/interdict_bg.wasm"]);
});

test("without wasm-unsafe-eval the package refuses to load", async () => {
  const { path, value } = await visit(POLICY.replace(" 'wasm-unsafe-eval'", ""));
  assert.equal(path, "/failure");
  assert.match(String(value), /Content Security Policy|CompileError/);
});
