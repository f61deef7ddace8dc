import { Screener } from "/entry/checkout.js";
import { enrolment } from "./market.js";
import { script } from "./scripts.js";

/** The page's screener. It is opened anew when language or policy change. */
export class Screening {
  #screener;
  #worker;
  /** Why there is no screener. */
  problem;

  /** Opens from what was kept. Without a screener the gateway is asked about every payment. */
  async open({ language, policy, loads }) {
    await this.close();
    try {
      const texts = await import(`/entry/texts/${language}.js`);
      if (loads === "worker") this.#worker = new Worker(script("/entry/worker.js"), { type: "module" });
      this.#screener = await Screener.open({
        enrolment: await enrolment(),
        texts: texts.default,
        policy,
        worker: this.#worker,
      });
      this.problem = undefined;
    } catch (error) {
      this.#end();
      this.problem = String(error?.message ?? error);
    }
  }

  /** Fetches what the coalition has published since. */
  async refresh() {
    try {
      return await this.#screener?.refresh();
    } catch (error) {
      return { outcome: "failed", why: String(error?.message ?? error), requests: 0 };
    }
  }

  /** The verdict, from memory; `undefined` if there is none, which is never a reason to proceed. */
  verdict(url) {
    try {
      return this.#screener?.screen({ url });
    } catch (error) {
      this.problem = String(error?.message ?? error);
      return undefined;
    }
  }

  /** What the gateway says in the session of an order; `undefined` without a screener. */
  askGateway({ gateway, session }) {
    return this.#screener?.askGateway({ gateway: new URL("/v1/checkout/session", gateway), session });
  }

  get status() {
    return this.#screener?.status();
  }

  async close() {
    const screener = this.#screener;
    this.#screener = undefined;
    await screener?.close();
    this.#end();
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
