// One program for all tests that hosts share: a line of JSON in, a line of JSON out. node driver.mjs [FIXTURES]

import { readFileSync } from "node:fs";

import { Module } from "../../../host-example/node/src/index.js";
import { lines } from "./lines.mjs";
import { Subject } from "./subject.mjs";

const changed = process.env.INTERDICT_TEST_MODULE;
const module = changed ? new Module(readFileSync(changed)) : Module.builtIn();
const subject = new Subject(module, process.argv[2]);

for await (const line of lines(process.stdin)) {
  const asked = JSON.parse(line);
  const answer = subject.answer(asked);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
