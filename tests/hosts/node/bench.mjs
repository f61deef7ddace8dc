// How long things take. Time goes on while it is measured, as it does for a host.

import { Gateway, Instance, Module } from "../../../host-example/node/src/index.js";

const SAMPLES = 5;
const BATCH = 1000;
/** Until V8 has compiled what is called often once more. */
const WARM_CALLS = 3000;

/** Times in nanoseconds or milliseconds, as their names say. `bytes` are the module's. */
export async function bench({ state, policy, now, receipts, requests, milliseconds }, bytes) {
  const begun = performance.now();
  const clock = () => now + Math.floor((performance.now() - begun) / 1000);
  const [module, startMs] = timed(() => {
    const compiled = new Module(bytes);
    new Instance(compiled);
    return compiled;
  });
  const loading = performance.now();
  const gateway = await Gateway.open(state, { policy, module, receipts, clock });
  const loadMs = performance.now() - loading;
  const [instance, cloneMs] = timed(() => gateway.copyInstance());
  for (let call = 0; call < WARM_CALLS; call += 1) gateway.screen(requests[call % requests.length]);
  const lines = Array.from({ length: BATCH }, (_, place) => requests[place % requests.length]);
  const measured = {
    start_ms: startMs,
    load_ms: loadMs,
    clone_ms: cloneMs,
    single_ns: median(milliseconds, requests, (request) => gateway.screen(request)),
    bare_ns: median(milliseconds, requests, (request) => instance.callLength("screen", request, clock())),
    batch_ns: median(milliseconds, [lines], (batch) => gateway.screenBatch(batch)) / BATCH,
    memory_bytes: process.memoryUsage.rss(),
  };
  await gateway.close();
  return measured;
}

function timed(run) {
  const start = performance.now();
  return [run(), performance.now() - start];
}

/** Nanoseconds a call: the median of samples, after one that warms up. */
function median(milliseconds, inputs, call) {
  const samples = Array.from({ length: SAMPLES + 1 }, () => {
    const start = performance.now();
    let calls = 0;
    for (; performance.now() - start < milliseconds; calls += 1) call(inputs[calls % inputs.length]);
    return ((performance.now() - start) * 1e6) / calls;
  });
  return samples.slice(1).sort((one, other) => one - other)[SAMPLES >> 1];
}
