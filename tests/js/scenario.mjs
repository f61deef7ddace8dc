// One scenario for any engine with `call` (raw.mjs, packaged.mjs), in Node and in a page. Its answers
// must be the same bytes everywhere.

import { encode } from "./raw.mjs";

const KEY = "07".repeat(32);

/** `generation` is `{ enrolment, read(name) }`: a saved enrolment and the files of its lists, or nothing. */
export async function play(engine, requests, now, generation) {
  const answers = [];
  const call = (operation, message, file, at = now) => {
    const answer = engine.call(operation, encode(JSON.stringify(message)), file, at);
    answers.push(answer);
    return answer.code === 0 ? JSON.parse(answer.out) : undefined;
  };
  call("describe", {});
  call("configure", { receipt_key: KEY });
  for (const request of requests) call("screen", request);
  if (generation) await load(call, generation);
  call("state", {});
  for (const request of requests) {
    call("screen", request);
    for (const flow of ["onboarding", "payout", "checkout"]) call("screen", { ...request, flow });
    call("describe", { identifiers: request.identifiers });
  }
  const year = 365 * 86_400;
  for (const at of [0, now - year, now + year]) {
    call("state", {}, undefined, at);
    for (const request of requests) call("screen", request, undefined, at);
  }
  return answers;
}

async function load(call, { enrolment, read }) {
  const { coalition, lists } = enrolment;
  const policy = { required: { [coalition]: lists } };
  call("configure", { coalitions: [{ enrolment, history: "none" }], policy });
  let progress = call("poll", { coalition, begin: "store" });
  while (progress?.fetch) {
    const { name } = progress.fetch;
    const file = await read(name);
    const outcome = file ? "bytes" : "not_found";
    progress = call("supply", { coalition, name, outcome }, file);
  }
  if (!progress?.completed) throw new Error("the saved files do not make up a list");
}
