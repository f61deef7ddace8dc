import { asError } from "../errors.js";
import { Loader } from "../loader.js";
import { openStorage } from "../storage/browser.js";

/**
 * Verifies and loads lists for the screeners of a page, and hands over copies of what it loaded.
 *
 * @param {(compiled: unknown, snapshot?: object) => object} newEngine
 * @param {object} scope The worker's global scope. Other messages are its own.
 */
export function serve(newEngine, scope) {
  const screeners = new Map();
  scope.addEventListener("message", async ({ data }) => {
    const { interdict: operation, screener, number } = data ?? {};
    if (!(operation in OPERATIONS)) return;
    const answer = { interdict: "answer", screener, number };
    try {
      const result = (await OPERATIONS[operation]({ screeners, newEngine, ...data })) ?? {};
      const { snapshot } = result;
      if (number !== undefined) scope.postMessage({ ...answer, result }, snapshot ? [snapshot.memory] : []);
    } catch (error) {
      scope.postMessage({ ...answer, error: asError(error, "worker", "the worker failed").toJSON() });
    }
  });
}

const OPERATIONS = {
  hello: () => ({}),
  async open({ screeners, newEngine, screener, enrolment, storage, compiled, now }) {
    const loader = new Loader(newEngine, enrolment, await openStorage(storage, enrolment));
    loader.compiled = compiled;
    screeners.set(screener, { loader, stop: new AbortController() });
    await loader.open(now);
    return { told: loader.told, snapshot: loader.engine.snapshot() };
  },
  async refresh({ screeners, screener, now }) {
    const one = screeners.get(screener);
    one.stop = new AbortController();
    const { engine } = one.loader;
    const refreshed = await one.loader.refresh(undefined, now, one.stop.signal);
    const isNew = one.loader.engine !== engine;
    return { told: one.loader.told, refreshed, ...(isNew ? { snapshot: one.loader.engine.snapshot() } : {}) };
  },
  stop({ screeners, screener }) {
    screeners.get(screener)?.stop.abort();
  },
  close({ screeners, screener }) {
    screeners.get(screener)?.loader.close();
    screeners.delete(screener);
  },
};
