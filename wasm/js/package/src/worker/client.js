import { InterdictError } from "../errors.js";

/** Milliseconds until a worker says that it is one of ours. */
const PATIENCE = 10_000;
/** And until a refresh has ended. */
const LONGEST = 600_000;
let last = 0;

/** A loader that lives in a worker; here is a copy of what it loaded. It has the shape of `loader.js`. */
export class WorkerLoader {
  compiled;
  engine;
  told = { files: new Map(), storage: { kind: "memory" }, warnings: [] };
  #worker;
  #setting;
  #newEngine;
  #snapshot;
  #id = (last += 1);
  #asked = new Map();
  #next = 0;

  constructor(worker, enrolment, storage, newEngine) {
    this.#worker = worker;
    this.#setting = { enrolment, storage };
    this.#newEngine = newEngine;
    worker.addEventListener("message", this.#receive);
    worker.addEventListener("error", this.#fail);
  }

  /** The worker reads by itself. */
  prepare() {}

  async open(now) {
    const late = new InterdictError("worker", "the worker does not answer: has it loaded @interdict/checkout/worker?");
    let timer;
    const tooLate = new Promise((_, failed) => (timer = setTimeout(failed, PATIENCE, late)));
    try {
      await Promise.race([this.#ask("hello"), tooLate]);
    } finally {
      clearTimeout(timer);
    }
    this.#take(await this.#ask("open", { ...this.#setting, compiled: this.compiled, now }));
  }

  async refresh(_, now, signal) {
    let stop;
    let timer;
    // A worker that was ended answers nothing.
    const stopped = new Promise((_, failed) => {
      stop = () => {
        this.#post("stop");
        failed(new InterdictError("aborted", "the refresh was stopped"));
      };
      timer = setTimeout(failed, LONGEST, new InterdictError("worker", "the worker took too long"));
    });
    signal?.addEventListener("abort", stop);
    try {
      return this.#take(await Promise.race([this.#ask("refresh", { now }), stopped]));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  rebuild() {
    this.engine = this.#newEngine(this.compiled, this.#snapshot);
  }

  close() {
    this.#post("close");
    this.#worker.removeEventListener("message", this.#receive);
    this.#worker.removeEventListener("error", this.#fail);
  }

  #take({ told, snapshot, refreshed }) {
    this.told = told;
    if (snapshot) {
      this.#snapshot = snapshot;
      this.rebuild();
    }
    return refreshed;
  }

  #ask(operation, parts) {
    const number = (this.#next += 1);
    return new Promise((done, failed) => {
      this.#asked.set(number, { done, failed });
      this.#post(operation, { number, ...parts });
    });
  }

  #post(operation, parts) {
    this.#worker.postMessage({ interdict: operation, screener: this.#id, ...parts });
  }

  #receive = ({ data }) => {
    if (data?.interdict !== "answer" || data.screener !== this.#id) return;
    const { done, failed } = this.#asked.get(data.number) ?? {};
    this.#asked.delete(data.number);
    if (data.error) failed?.(InterdictError.from(data.error));
    else done?.(data.result);
  };

  #fail = ({ message }) => {
    for (const { failed } of this.#asked.values()) failed(new InterdictError("worker", message ? `it failed: ${message}` : "its script did not load"));
    this.#asked.clear();
  };
}
