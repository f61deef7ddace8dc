// Answers the lines of a script over standard input and output; the protocol is in fixtures/README.md.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** `renew` makes a new engine: an object with `call(operation, input, file, now)`. */
export async function serve(renew, fixtures) {
  let engine = renew();
  for await (const line of createInterface({ input: process.stdin })) {
    const step = JSON.parse(line);
    let answer = { code: 0, out: "" };
    if (step.op === "new") engine = renew();
    else answer = engine.call(step.op, input(step), file(step, fixtures), step.now);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

function input(step) {
  if ((step.in === undefined) === (step.in_base64 === undefined)) {
    throw new Error("a step has in or in_base64");
  }
  return step.in === undefined ? Buffer.from(step.in_base64, "base64") : Buffer.from(step.in);
}

function file(step, fixtures) {
  if (step.file !== undefined) return readFileSync(join(fixtures, step.file));
  return step.file_base64 === undefined ? undefined : Buffer.from(step.file_base64, "base64");
}
