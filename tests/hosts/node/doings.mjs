// What the shared tests ask of a gateway.

import { decision, Gateway, Instance, InterdictError } from "../../../host-example/node/src/index.js";
import { bench } from "./bench.mjs";
import { soak } from "./soak.mjs";

/** Less than an interpreter needs for a screening at best, and more than compiled code: they differ fiftyfold. */
const COMPILED_NS = 400_000;

/** Carries out lines with `do`. */
export class Doings {
  #module;
  #bytes;
  #gateway;
  #receipts = 0;

  constructor(module, bytes) {
    this.#module = module;
    this.#bytes = bytes;
  }

  run(asked) {
    const doing = this[asked.do];
    if (doing === undefined) throw new InterdictError("invalid", `nothing is called ${asked.do}`);
    return doing.call(this, asked);
  }

  about() {
    return {
      language: `Node ${process.versions.node}`,
      runtime: `V8 ${process.versions.v8}`,
      compiled: isCompiled(this.#module),
      module: this.#module.sha256,
    };
  }

  async open({ state, policy, enrolments, now, workers, receipts, private: isPrivate, patience }) {
    await this.close();
    this.#receipts = 0;
    const given = { policy, enrolments, workers, receipts, patience, allowPrivate: isPrivate || undefined };
    this.#gateway = await Gateway.open(state, {
      ...Object.fromEntries(
        Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
      ),
      module: this.#module,
      clock: () => now,
      onReceipt: () => (this.#receipts += 1),
    });
    return {};
  }

  screen({ message, now }) {
    const verdict = this.#opened().screen(message, now);
    return { answer: verdict.text, action: verdict.action };
  }

  batch({ lines, now }) {
    const answers = this.#opened().screenBatch(lines, now);
    return { answers: answers.map((answer) => answer.text) };
  }

  async refresh({ now }) {
    return { coalitions: await this.#opened().refresh({ now }) };
  }

  status({ now }) {
    return this.#opened().status(now);
  }

  reload({ now }) {
    return this.#opened().reloadIfChanged(now);
  }

  selftest({ now }) {
    this.#opened().selftest(now);
    return {};
  }

  async close() {
    await this.#gateway?.close();
    return {};
  }

  decide({ action, because, flow, holds }) {
    return decision(action, because, flow, holds);
  }

  receipts() {
    return { count: this.#receipts };
  }

  soak(asked) {
    return soak(asked, this.#module);
  }

  bench(asked) {
    return bench(asked, this.#bytes);
  }

  #opened() {
    if (this.#gateway === undefined) throw new InterdictError("closed", "no gateway is open");
    return this.#gateway;
  }
}

/** Whether the module runs as compiled code, by how long a screening takes at best. */
function isCompiled(module) {
  const instance = new Instance(module);
  const request = '{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}';
  const once = () => {
    const start = process.hrtime.bigint();
    instance.callLength("screen", request, 1_795_309_323);
    return Number(process.hrtime.bigint() - start);
  };
  return Math.min(...Array.from({ length: 200 }, once)) < COMPILED_NS;
}
