// Runs the first two programs of the package's README as they stand, with the packed package and lists that are served.
// node readme.mjs <package> <world>: `world` is what `checkout-world` wrote.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "./test.mjs";

const [folder, world] = process.argv.slice(2).map((path) => resolve(path));
const project = mkdtempSync(join(tmpdir(), "interdict-readme-"));
mkdirSync(join(project, "node_modules/@interdict"), { recursive: true });
symlinkSync(folder, join(project, "node_modules/@interdict/checkout"));
process.on("exit", () => rmSync(project, { recursive: true, force: true }));

const blocks = readFileSync(join(folder, "README.md"), "utf8").split(/^```(?:js)?$/m);
const programs = blocks.filter((_, index) => index % 2 === 1);
const [first, second] = programs;
const names = JSON.parse(readFileSync(join(world, "names.json"), "utf8"));
const enrolment = JSON.parse(readFileSync(join(world, "public.json"), "utf8"));

const asked = [];
const server = createServer((request, response) => {
  const path = request.url;
  if (path === "/enrolment.json")
    return response.end(JSON.stringify({ ...enrolment, repository: `${origin}/lists` }));
  if (path === "/v1/checkout/session") {
    asked.push(request.headers.authorization);
    const decision = request.headers.authorization === "Bearer good" ? "proceed" : "refuse";
    return response.end(JSON.stringify({ decision }));
  }
  const file = join(world, "repository", path.replace("/lists/", ""));
  if (path.startsWith("/lists/") && existsSync(file)) return response.end(readFileSync(file));
  return response.writeHead(404).end();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
server.unref();
const origin = `http://127.0.0.1:${server.address().port}`;

let count = 0;
async function run(code) {
  const path = join(project, `program-${(count += 1)}.mjs`);
  writeFileSync(path, code);
  return await import(pathToFileURL(path));
}

/** What the payer reads, and whether the payment goes on. */
async function paid(website, session) {
  const notice = {};
  let isSubmitted = false;
  const form = { submit: () => (isSubmitted = true) };
  Object.assign(globalThis, {
    location: new URL(origin),
    payee: { website },
    checkout: { session },
    document: { querySelector: (name) => (name === "form" ? form : notice) },
  });
  assert.ok(first.includes("https://gateway.example"));
  await run(first.replace("https://gateway.example", origin));
  return { isSubmitted, told: notice.textContent };
}

test("the ten lines ask the gateway about a listed payee and show its refusal", async () => {
  const { isSubmitted, told } = await paid(`https://${names.public[0]}/pay`, "bad");
  assert.deepEqual({ isSubmitted, told, asked }, { isSubmitted: false, told: "This cannot be completed.", asked: ["Bearer bad"] });
});

test("the ten lines let a clean payee pass that the gateway lets pass", async () => {
  const { isSubmitted, told } = await paid(`https://${names.clean[0]}/`, "good");
  assert.deepEqual({ isSubmitted, told }, { isSubmitted: true, told: "Nothing further is needed." });
});

test("the made-up merchants answer as the comments say", async () => {
  const code = second.replaceAll(/^(await )?(screener\..*;) \/\/ (.*)$/gm, (_, wait = "", call, told) => `said.push([${wait}${call.slice(0, -1)}, \`${told}\`]);`);
  const { said } = await run(`export const said = [];\n${code}`);
  assert.equal(said.length, 3);
  for (const [answer, told] of said.slice(0, 2)) assert.equal(JSON.stringify(answer), told);
  assert.equal(said[2][0].decision, "refuse");
  assert.match(said[2][1], /decision: "refuse"/);
});
