// What a page did before there was this package: the full build, and one file after the other.

import { began, measure, query, watched } from "./begin.js";
import init, { Interdict } from "/full/interdict.js";

measure(async () => {
  const { memory } = await init({ module_or_path: "/full/interdict_bg.wasm" });
  const enrolment = await (await fetch(`/page/enrolment-${query.get("list")}.json`)).json();
  const { coalition, lists, repository } = enrolment;
  const interdict = new Interdict();
  const policy = { required: { [coalition]: lists } };
  interdict.configure({ coalitions: [{ enrolment, history: "none" }], policy });
  const opened = performance.now();
  let progress = interdict.poll({ coalition, begin: "repository" });
  while (progress.fetch) {
    const { name, path } = progress.fetch;
    const response = await fetch(`${repository}/${path}`);
    const file = response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    progress = interdict.supply({ coalition, name, outcome: file ? "bytes" : "not_found" }, file);
  }
  if (!progress.completed) throw new Error("no release");
  const verdict = interdict.screen({ flow: "checkout", url: "https://listed-shop-7.example/pay" });
  const answered = performance.now();
  if (!verdict.reasons.some(({ code }) => code === "ask_gateway")) throw new Error(JSON.stringify(verdict));
  await globalThis.report("verdict");
  const watch = query.has("tasks") ? await watched() : {};
  if (query.has("memory")) await globalThis.report("memory");
  return { began, opened, answered, memory: memory.buffer.byteLength, ...watch };
});
