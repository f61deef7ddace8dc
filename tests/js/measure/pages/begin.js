// Runs before every other script of a page: notes when that was, and watches for long tasks if asked to.

/** Milliseconds from the beginning of the navigation. */
export const began = performance.now();

export const query = new URL(location.href).searchParams;

const tasks = [];
let longest = 0;

performance.mark("began");
if (query.has("tasks")) {
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe(
    {
      type: "longtask",
      buffered: true,
    },
  );
  // A task that runs again at once: the longest pause between two runs is at least the longest other task.
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    port2.postMessage(undefined);
  };
  port2.postMessage(undefined);
}

/** The longest task so far, in milliseconds, and the tasks of more than 50. */
export async function watched() {
  performance.mark("watched");
  await new Promise((done) => setTimeout(done, 200));
  return { longest, tasks };
}

const modules = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...given) {
  const instance = new Instance(...given);
  modules.push(instance.exports);
  return instance;
};

/** Bytes of the memory of the largest instance of a module in this page. */
export function moduleMemory() {
  return Math.max(0, ...modules.map(({ memory }) => memory?.buffer.byteLength ?? 0));
}

/** Functions of the instance that was made last. */
export function moduleExports() {
  return modules.at(-1);
}

/** Runs what a page measures, and reports it. */
export async function measure(run) {
  try {
    globalThis.report(await run());
  } catch (error) {
    globalThis.report({ failure: String(error?.stack ?? error) });
  }
}
