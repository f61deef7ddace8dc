// From what was kept, and from the repository, to an engine that answers. It runs in the page or in a worker.

import { InterdictError, told } from "./errors.js";
import { Fetcher } from "./files.js";
import { Repository } from "./repository.js";
import { MemoryStorage } from "./storage/memory.js";
import { walk, WalkRefused } from "./walk.js";

const NO_HISTORY = "none";
/** Seconds for which what another tab fetched is as good as fetched again. */
const SHARED = 60;
/** Seconds for which a repository without a bundle is not asked for one. */
const WITHOUT_BUNDLE = 86_400;

export class Loader {
  /** What engines are made of. */
  compiled;
  #newEngine;
  #enrolment;
  #storage;
  #saved;
  #reading;
  #engine;
  #warnings = [];
  /** Why files may not be kept, or were not read. */
  #problem;

  /**
   * @param {(compiled: unknown) => object} newEngine
   * @param {object} enrolment
   * @param {object} storage One of `storage/`.
   */
  constructor(newEngine, enrolment, storage) {
    this.#newEngine = newEngine;
    this.#enrolment = enrolment;
    this.#storage = storage;
    this.#problem = storage.problem;
  }

  get engine() {
    return this.#engine;
  }

  /** What a screener tells of it. */
  get told() {
    return {
      files: this.#saved.files,
      storage: { kind: this.#storage.kind, ...(this.#problem ? { problem: this.#problem } : {}) },
      warnings: [...this.#warnings],
    };
  }

  /** Begins to read what was kept, while the module still arrives. */
  prepare() {
    this.#reading = this.#read();
  }

  /** Loads what was kept. */
  async open(now) {
    this.#saved = await (this.#reading ?? this.#read());
    this.#reading = undefined;
    this.#engine = await this.#built(now);
    // The module has accepted the enrolment.
    if (this.#storage.enrol) await this.#kept(() => this.#storage.enrol?.());
  }

  /** Loads again from memory, after a trap. */
  rebuild(now) {
    const steps = this.#building(now);
    for (let step = steps.next(); ; step = steps.next()) if (step.done) return (this.#engine = step.value);
  }

  /** Fetches what is new, and lets it answer. */
  async refresh(fetch, now, signal) {
    const fetcher = new Fetcher(fetch);
    const before = this.#saved.checked;
    return await this.#storage.exclusively(async () => {
      signal?.throwIfAborted();
      const stored = await this.#read();
      if (stored.checked !== before) {
        this.#saved = stored;
        this.#engine = await this.#built(now);
        if (Math.abs(now - stored.checked) <= SHARED) return { outcome: "updated", requests: 0 };
      }
      return await this.#update(fetcher, now, signal);
    }, signal);
  }

  close() {
    this.#storage.close();
  }

  async #update(fetcher, now, signal) {
    const repository = new Repository(this.#enrolment.repository, fetcher, signal);
    const { hasNoBundle = 0 } = this.#saved;
    let without = hasNoBundle;
    if (Math.abs(now - hasNoBundle) > WITHOUT_BUNDLE) without = (await repository.fetchBundle()) ? 0 : now;
    let result = await this.#walked(repository, now, signal);
    if (result.why !== undefined && repository.hasBundle) {
      // The bundle may be the older part of a copy: the files themselves count.
      repository.forgetBundle();
      result = await this.#walked(repository, now, signal);
    }
    const { engine, kept, files, why } = result;
    if (why !== undefined) {
      if (engine && !engine.isTrapped && kept.size > 0) await this.#continue(engine, kept, now);
      return { outcome: "failed", why, requests: fetcher.requests };
    }
    return { outcome: await this.#complete(engine, kept, files, without, now), requests: fetcher.requests };
  }

  /** A walk through the repository in an engine that nobody asks. */
  async #walked(repository, now, signal) {
    const kept = new Map();
    const engine = this.#engine.clone?.() ?? (await this.#built(now));
    // Each is saved in turn while the next is fetched; the walk ends when all are.
    let saving = Promise.resolve();
    const keep = (...file) => {
      kept.set(...file);
      saving = saving.then(() => this.#kept(() => this.#storage.keep(...file)));
    };
    try {
      const steps = walk(engine, this.#enrolment.coalition, "repository", now, keep);
      for (let step = steps.next(); ;) {
        if (step.done) {
          const { completed, files } = step.value;
          await saving;
          return completed ? { engine, kept, files } : { engine, kept, why: "the files do not make up a release" };
        }
        const brought = await repository.bring(step.value);
        signal?.throwIfAborted();
        step = steps.next(brought);
        await pause();
      }
    } catch (error) {
      await saving;
      signal?.throwIfAborted();
      if (!(error instanceof WalkRefused) && !engine.isTrapped && !(error instanceof InterdictError)) throw error;
      return { engine, kept, why: told(error) };
    }
  }

  async #complete(engine, kept, names, hasNoBundle, now) {
    const { files: before, pending } = this.#saved;
    const files = new Map(names.map((name) => [name, kept.get(name) ?? before.get(name) ?? pending.get(name)]));
    if ([...files.values()].includes(undefined))
      throw new InterdictError("answer", "the module names files that it never asked for");
    const isNew = files.size !== before.size || [...files].some(([name, bytes]) => before.get(name) !== bytes);
    const saved = { files, history: this.#historyOf(engine, now), checked: now, hasNoBundle };
    await this.#kept(() => this.#storage.commit(saved));
    this.#saved = { ...this.#saved, ...saved, pending: new Map() };
    this.#warnings = [];
    // At a first visit it goes on to name the missing history as a reason; the next visit gives it one.
    this.#engine = engine;
    return isNew ? "updated" : "unchanged";
  }

  /** After a walk that ended early: what it verified stays verified, and verdicts say that lists are late. */
  async #continue(engine, kept, now) {
    const history = this.#historyOf(engine, now);
    this.#saved = { ...this.#saved, pending: new Map([...this.#saved.pending, ...kept]), history };
    this.#engine = engine;
    if (this.#saved.files.size > 0) await this.#kept(() => this.#storage.remember(history));
  }

  #historyOf(engine, now) {
    return engine.state(now).coalitions[0].history;
  }

  async #read() {
    try {
      const saved = await this.#storage.read();
      if (saved.isDamaged) this.#warnings.push("what was kept is damaged, and is fetched again");
      return saved;
    } catch (error) {
      await this.#giveUp(error);
      return this.#saved ?? (await this.#storage.read());
    }
  }

  /** Saves, or goes on in memory: the page answers, and `status` says that nothing is kept. */
  async #kept(save) {
    try {
      await save();
    } catch (error) {
      await this.#giveUp(error);
      await save();
    }
  }

  /** Goes on in memory with what is known. */
  async #giveUp(error) {
    this.#storage.close();
    this.#problem = told(error);
    this.#storage = new MemoryStorage();
    if (this.#saved) await this.#storage.commit(this.#saved);
  }

  async #built(now) {
    const steps = this.#building(now);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      await pause();
    }
  }

  /** A new engine with what was kept. It yields between its tasks, so that none of them is long. */
  *#building(now) {
    const { coalition, lists } = this.#enrolment;
    const engine = this.#newEngine(this.compiled);
    yield;
    this.#configure(engine, now);
    engine.configure({ policy: { required: { [coalition]: lists } } }, now);
    const { files, pending } = this.#saved;
    if (files.size > 0 && !(yield* this.#replay(engine, files, now))) this.#warn("what was kept is no whole release");
    if (pending.size > 0) yield* this.#replay(engine, pending, now);
    return engine;
  }

  /** Hands over the enrolment as it is. A damaged history is said to be missing, and verdicts show that. */
  #configure(engine, now) {
    const coalition = { enrolment: this.#enrolment, history_kept: this.#storage.kind !== "memory" };
    const keys = (this.#saved.keys ?? []).map((key) => ({ coalition: this.#enrolment.coalition, key }));
    const configured = (history) => engine.configure({ coalitions: [{ ...coalition, history }], keys }, now);
    try {
      configured(this.#saved.history ?? NO_HISTORY);
    } catch (error) {
      if (error.code !== "history_damaged") throw error;
      this.#warn("the history that was kept is damaged");
      configured(NO_HISTORY);
    }
  }

  /** Returns whether the files make up a release. Pending ones need not. */
  *#replay(engine, files, now) {
    yield;
    try {
      const steps = walk(engine, this.#enrolment.coalition, "store", now);
      for (let step = steps.next(); ;) {
        if (step.done) return step.value.completed;
        const bytes = files.get(step.value.name);
        step = steps.next(bytes ? { bytes } : { isMissing: true });
        yield;
      }
    } catch (error) {
      if (!(error instanceof WalkRefused)) throw error;
      this.#warn(`what was kept is damaged: ${told(error)}`);
      return true;
    }
  }

  #warn(text) {
    if (!this.#warnings.includes(text)) this.#warnings.push(text);
  }
}

/** Lets the page do what waits. */
function pause() {
  const { scheduler } = globalThis;
  if (scheduler?.yield) return scheduler.yield();
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(undefined);
  });
}
