// Runs in the page: plays the scenario on the package and on the module itself, posts the answers.

import { Packaged } from "./packaged.mjs";
import { RawModule } from "./raw.mjs";
import { play } from "./scenario.mjs";

async function post(path, value) {
  await fetch(path, { method: "POST", body: JSON.stringify(value) });
}

async function read(name) {
  const response = await fetch(`/files/${encodeURIComponent(name)}`);
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
}

try {
  // Imported here, so that a failure to load is reported too.
  const { default: init, Interdict } = await import("/package/interdict.js");
  await init();
  const { requests, now, enrolment } = await (await fetch("/setting")).json();
  const generation = enrolment && { enrolment, read };
  const module = await WebAssembly.compileStreaming(fetch("/interdict.wasm"));
  await post("/answers", {
    package: await play(new Packaged(Interdict), requests, now, generation),
    module: await play(new RawModule(module), requests, now, generation),
  });
} catch (error) {
  await post("/failure", String(error?.stack ?? error));
}
