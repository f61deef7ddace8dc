import { began, measure, moduleMemory, query, watched } from "./begin.js";

const LISTED = "https://listed-shop-7.example/pay";

/** A visit of a page that screens its payee as the package's README says. */
export function visit(
  Screener,
  enrolment = new URL(`/page/enrolment-${query.get("list")}.json`, location.href),
) {
  return measure(async () => {
    const worker = query.has("worker")
      ? new Worker("/package/dist/worker.js", { type: "module" })
      : undefined;
    const screener = await Screener.open({ enrolment, worker });
    const opened = performance.now();
    let verdict = screener.screen({ url: LISTED });
    const isWarm = !verdict.degraded;
    if (!isWarm) {
      const { outcome, why } = await screener.refresh();
      if (outcome === "failed") throw new Error(`refresh: ${why}`);
      verdict = screener.screen({ url: LISTED });
    }
    const answered = performance.now();
    if (verdict.degraded || !verdict.reasons.some(({ code }) => code === "ask_gateway"))
      throw new Error(`no verdict of a list: ${JSON.stringify(verdict.answer)}`);
    await globalThis.report("verdict");
    if (isWarm && query.has("refresh")) await screener.refresh();
    const watch = query.has("tasks") ? await watched() : {};
    if (query.has("memory")) await globalThis.report("memory");
    // The lists are loaded until here.
    const { storage } = screener.status();
    return { began, opened, answered, isWarm, storage: storage.kind, memory: moduleMemory(), ...watch };
  });
}
