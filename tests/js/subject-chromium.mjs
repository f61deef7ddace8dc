// Subject: a page in headless Chromium holds the engine, under a strict content security policy.
// node subject-chromium.mjs <edge|module|full> <package> <fixtures>
//
// `edge` asks the package's own src/edge.js and its module for pages, `module` the same module through its
// plain ABI, which takes any bytes, and `full` the build with wasm-bindgen. What the module for pages says is
// `not_in_this_build` is marked `unsupported`; the runner refuses that in a case that it must answer. CHROMIUM
// names another browser.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";
import { FLAGS, listening, POLICY, PROGRAM, typeOf, TYPES } from "./chromium.mjs";

const BUILDS = ["edge", "module", "full"];
const NOT_IN_THIS_BUILD = -29;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [build, folder, fixtures] = process.argv.slice(2);
if (!BUILDS.includes(build) || !folder || !fixtures)
  throw new Error(`node subject-chromium.mjs <${BUILDS.join("|")}> <package> <fixtures>`);

const MODULE = join(resolve(folder), "dist/interdict-edge.wasm");
const ROOMS = {
  tests: here("."),
  src: here("../../wasm/js/package/src"),
  full: here("../../wasm/js/package/generated"),
};

/** What the server answers to a GET: bytes, or nothing. */
function content(path) {
  if (path === "/") return '<!doctype html><script type="module" src="/tests/subject-page.mjs"></script>';
  if (path === "/edge.wasm") return readFileSync(MODULE);
  const [, room, name = "", ...rest] = path.split("/");
  if (rest.length > 0 || !Object.hasOwn(ROOMS, room) || !/^[\w-]+\.\w+$/.test(name)) return undefined;
  const file = join(ROOMS[room], name);
  return extname(file) in TYPES && existsSync(file) ? readFileSync(file) : undefined;
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const bytes = content(pathname);
  response.writeHead(bytes === undefined ? 404 : 200, {
    "content-type": typeOf(pathname),
    "content-security-policy": POLICY,
  });
  response.end(bytes);
});
const { url } = await listening(server);
const profile = mkdtempSync(join(tmpdir(), "interdict-subject-"));
// The runner kills a subject. The browser ends with its pipe, and this removes the profile after it.
const cleaner = spawn("sh", ["-c", 'cat; sleep 2; rm -rf -- "$0"', profile], {
  detached: true,
  stdio: ["pipe", "ignore", "ignore"],
});
cleaner.unref();
const browser = await puppeteer.launch({
  executablePath: PROGRAM,
  headless: true,
  pipe: true,
  args: FLAGS,
  userDataDir: profile,
});

const page = await browser.newPage();
page.on("pageerror", (error) => {
  console.error(error);
  process.exit(1);
});
await page.goto(`${url}/`);
await page.waitForFunction("globalThis.begin !== undefined");
await page.evaluate((build) => globalThis.begin(build), build);

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await page.evaluate((step) => globalThis.answer(step), step(JSON.parse(line)));
  if (answer.code === NOT_IN_THIS_BUILD) answer.unsupported = true;
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
process.exit(0);

/** A step with its file in base64: a page reads no files. */
function step(step) {
  const { file, ...others } = step;
  return file === undefined
    ? step
    : { ...others, file_base64: readFileSync(join(fixtures, file)).toString("base64") };
}
