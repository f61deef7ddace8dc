// One program for all tests that hosts share: a line of JSON in, a line of JSON out. node driver.mjs [FIXTURES [MODULE]]
//
// Lines with `op` ask one raw instance (fixtures/README.md, "Protocol of a subject"), those with `do` a gateway.

import { readFileSync } from "node:fs";

import { InterdictError, Module } from "../../../host-example/node/src/index.js";
import { Doings } from "./doings.mjs";
import { lines } from "./lines.mjs";
import { Subject } from "./subject.mjs";

const committed = new URL("../../../wasm/dist/interdict.wasm", import.meta.url);
const changed = process.argv[3] ?? process.env.INTERDICT_TEST_MODULE;
const bytes = readFileSync(changed ?? committed);
const module = changed ? new Module(bytes) : Module.builtIn();
const subject = new Subject(module, process.argv[2]);
const doings = new Doings(module, bytes);

for await (const line of lines(process.stdin)) {
  const asked = JSON.parse(line);
  const answer = asked.op === undefined ? await done(asked) : subject.answer(asked);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await doings.close();

async function done(asked) {
  try {
    return { ok: await doings.run(asked) };
  } catch (error) {
    if (!(error instanceof InterdictError)) throw error;
    const { kind, code, message } = error;
    return { error: { kind, ...(kind === "refused" ? { code } : {}), text: message } };
  }
}
