import { resolve } from "node:path";

import { answerLines, answerOf, requestLines } from "./batch.js";
import { InterdictError, released, told } from "./errors.js";
import { load, NO_HISTORY } from "./load.js";
import { Module } from "./module.js";
import { only, optionsOf } from "./options.js";
import { update } from "./refresh.js";
import { Repository } from "./repository.js";
import { Store } from "./store.js";
import { parsed, Verdict } from "./verdict.js";

const HOUR = 3_600_000;
const TEST_MERCHANTS = ["monitor", "review", "hold-payout", "block"].map((action) => `${action}.listed.test`);

/**
 * A gateway's own copy of Interdict: the state directory, and an instance that answers from memory. Screening is
 * synchronous and takes microseconds. Each worker thread opens its own.
 */
export class Gateway {
  #store;
  #options;
  /** What answers: instances, and what was loaded into them. It is replaced as a whole. */
  #live;
  #closing = new AbortController();
  #refreshing = Promise.resolve();
  #refreshed = {};
  #traps = 0;
  #timer;
  #failure;

  /**
   * Opens a gateway from what is on the disk. No network is used: a coalition that was never refreshed has no lists
   * yet, and every verdict says so.
   *
   * @param {string} directory The state directory.
   * @param {GatewayOptions} [options]
   * @returns {Promise<Gateway>}
   */
  static async open(directory, options = {}) {
    const path = resolve(String(directory));
    const checked = optionsOf(options);
    checked.module ??= Module.builtIn();
    for (const enrolment of checked.enrolments) {
      await Store.enrol(path, enrolment, { module: checked.module, now: checked.clock() });
    }
    return new Gateway(Store.open(path), checked);
  }

  /** Use {@link Gateway.open}. */
  constructor(store, options) {
    this.#store = store;
    this.#options = options;
    this.#live = this.#load(options.clock());
  }

  /**
   * The verdict on one request.
   *
   * @param {string | Uint8Array | object} request A `screen` message of docs/abi.md, as JSON or as an object.
   * @param {number} [now] Seconds since 1970; by default the clock's.
   * @returns {Verdict}
   * @throws {InterdictError} There is no verdict. Never treat that as a pass.
   */
  screen(request, now = this.#options.clock()) {
    let verdict;
    try {
      verdict = this.#screen(request, now);
    } catch (error) {
      this.#receipt(error?.receipt, error);
      throw error;
    }
    this.#receipt(verdict.answer.receipt, verdict);
    return verdict;
  }

  /**
   * Fails as `screen` would for a request that the module refuses. It gives no verdict, and `onReceipt` gets nothing.
   *
   * @throws {InterdictError}
   */
  check(request, now = this.#options.clock()) {
    this.#screen(request, now);
  }

  /**
   * The verdicts on any number of requests, in order.
   *
   * @param {Array<string | Uint8Array | object> | string | Uint8Array} requests Requests, or their lines.
   * @param {number} [now]
   * @returns {Array<Verdict | InterdictError>} For a request that was refused, its error.
   * @throws {InterdictError} There are no verdicts at all.
   */
  screenBatch(requests, now = this.#options.clock()) {
    const lines = requestLines(requests);
    const answers = this.#with(now, (instance) => answerLines(instance, lines, now)).map(answerOf);
    for (const answer of answers) this.#receipt(answer.answer?.receipt ?? answer.receipt, answer);
    return answers;
  }

  /**
   * Fetches what the repositories have, one coalition after the other, and lets it go live. One that fails keeps its
   * last good list. Loading a large list keeps the thread busy meanwhile.
   *
   * @param {{ now?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<Array<{ coalition: string, outcome: "updated" | "unchanged" | "failed", why?: string }>>}
   */
  refresh({ now = this.#options.clock(), signal } = {}) {
    const run = this.#refreshing.then(() => this.#refreshAll(now, signal));
    this.#refreshing = run.catch(() => {});
    return run;
  }

  /**
   * Refreshes again and again until `close()` or `stopRefreshing()`: first within the jitter, then an interval and a
   * random part of the jitter after the last one has ended. What fails is told by `status()`.
   */
  startRefreshing(options = {}) {
    this.#mustBeOpen();
    only(options, ["intervalMs", "jitterMs"]);
    const { intervalMs = HOUR, jitterMs = 60_000 } = options;
    if (![intervalMs, jitterMs].every((time) => time >= 0 && time < 2 ** 30)) {
      throw new InterdictError("invalid", "interval and jitter are milliseconds");
    }
    this.stopRefreshing();
    const next = (pause) => {
      const timer = setTimeout(
        async () => {
          try {
            await this.refresh();
            this.#failure = undefined;
          } catch (error) {
            this.#failure = `the last refresh failed: ${told(error)}`;
          }
          if (this.#timer === timer) next(intervalMs);
        },
        pause + Math.random() * jitterMs,
      );
      this.#timer = timer.unref();
    };
    next(0);
  }

  /** Ends {@link Gateway.startRefreshing}. A refresh that is under way goes on. */
  stopRefreshing() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Loads again what is on the disk if another process has changed it. Otherwise it costs microseconds: a program
   * that runs for long calls it every second.
   *
   * @returns {boolean} Whether it loaded.
   * @throws {InterdictError} What is there does not load. The last state still answers, and the next call tries again.
   */
  reloadIfChanged(now = this.#options.clock()) {
    this.#mustBeOpen();
    if (isSame(this.#store.stamp(), this.#live.stamp)) return false;
    this.#live = this.#load(now);
    return true;
  }

  /** What is live, how the last refresh of each coalition ended, and what a person should know. */
  status(now = this.#options.clock()) {
    const { coalitions } = parsed(this.#with(now, (instance) => instance.callText("state", "{}", now)));
    const warnings = [
      ...this.#live.warnings,
      ...this.#live.coalitions.flatMap((coalition) => coalition.warnings),
    ];
    if (this.#failure) warnings.push(this.#failure);
    return { coalitions, refreshed: structuredClone(this.#refreshed), warnings, traps: this.#traps };
  }

  /**
   * Screens the test merchants of docs/identifiers.md, which every list has, and one that no list has. An edition
   * without records has none that asks to monitor. `onReceipt` gets none of them.
   *
   * @throws {InterdictError} `selftest`
   */
  selftest(now = this.#options.clock()) {
    const ask = (value) => this.#screen({ flow: "onboarding", identifiers: [{ kind: "domain", value }] }, now);
    const missed = TEST_MERCHANTS.filter((name) => {
      const verdict = ask(name);
      const isCompact =
        verdict.lists?.length > 0 && verdict.lists.every(({ edition }) => edition !== "member");
      return !verdict.isListed && !(isCompact && name.startsWith("monitor."));
    });
    if (missed.length > 0) throw new InterdictError("selftest", `the lists do not name ${missed.join(", ")}`);
    if (ask("clean.test").isListed) throw new InterdictError("selftest", "the lists name clean.test");
  }

  /** Seconds since 1970, as the gateway's clock has them. */
  get now() {
    return this.#options.clock();
  }

  /** Gives the receipt to nobody but the caller. */
  #screen(request, now) {
    return Verdict.read(this.#with(now, (instance) => instance.callText("screen", request, now)));
  }

  /** A copy of a loaded instance, for operations that a gateway does not have, such as `describe`. */
  copyInstance(now = this.#options.clock()) {
    return this.#with(now, (instance) => instance.clone());
  }

  /** Ends a refresh that is under way, and waits for it. From now on every method fails with `closed`. */
  async close() {
    this.stopRefreshing();
    this.#closing.abort(closed());
    this.#live = undefined;
    await this.#refreshing;
  }

  async #refreshAll(now, signal) {
    this.#mustBeOpen();
    const { stop, release } = linked(this.#closing.signal, signal);
    try {
      return await this.#refreshEach(now, stop);
    } finally {
      release();
    }
  }

  async #refreshEach(now, stop) {
    stop.throwIfAborted();
    await this.#store.takeStock();
    stop.throwIfAborted();
    this.reloadIfChanged(now);
    const results = [];
    for (const { name } of this.#live.coalitions) {
      const { outcome, why } = await this.#refreshOne(name, now, stop);
      this.#refreshed[name] = { outcome, ...(why === undefined ? {} : { why }), time: now };
      results.push({ coalition: name, outcome, ...(why === undefined ? {} : { why }) });
    }
    return results;
  }

  async #refreshOne(name, now, stop) {
    let unlock;
    let repository;
    try {
      unlock = await this.#store.lockCoalition(name);
      stop.throwIfAborted();
      this.reloadIfChanged(now);
      const basis = this.#live;
      const coalition = basis.coalitions.find((one) => one.name === name);
      if (coalition === undefined) return { outcome: "failed", why: "it is not enrolled any more" };
      repository = this.#repository(coalition);
      const instance = this.copyInstance(now);
      const result = await update(instance, coalition, repository, now, this.#options.patience, stop);
      stop.throwIfAborted();
      if (instance.isTrapped) this.#traps += 1;
      else if (result.coalition) this.#goLive(basis, instance, result.coalition, now);
      return result;
    } catch (error) {
      stop.throwIfAborted();
      return { outcome: "failed", why: told(error) };
    } finally {
      repository?.close();
      unlock?.();
    }
  }

  #repository({ name, repository, shelf }) {
    const { allowPrivate, patience } = this.#options;
    const mayBePrivate = allowPrivate === true || allowPrivate.has(name);
    return new Repository(repository, resolve(shelf.path, "..", ".."), patience, mayBePrivate);
  }

  /**
   * The instance that walked answers from now on. All is loaded instead if another state went live meanwhile, and
   * after the first update, because verdicts name the missing history until an instance is given one.
   */
  #goLive(basis, instance, coalition, now) {
    const place = basis.coalitions.findIndex(({ name }) => name === coalition.name);
    const hasFirstHistory =
      basis.coalitions[place].history === NO_HISTORY && coalition.history !== NO_HISTORY;
    if (this.#live !== basis || hasFirstHistory) {
      this.#live = this.#load(now);
      return;
    }
    const coalitions = basis.coalitions.with(place, coalition);
    coalition.warnOfSealedKeys(parsed(instance.callText("state", "{}", now)).coalitions?.[place]);
    const stamp = restamped(basis.stamp, this.#store.stamp(), coalition.shelf.path);
    this.#live = { ...basis, instances: this.#pool(instance), coalitions, stamp };
  }

  #load(now) {
    try {
      const { instance, ...loaded } = load(this.#store, this.#options, now);
      return { ...loaded, instances: this.#pool(instance) };
    } catch (error) {
      throw released(error);
    }
  }

  #pool(instance) {
    return [instance, ...Array.from({ length: this.#options.workers - 1 }, () => instance.clone())];
  }

  /** Runs `ask` on an instance. One that traps is replaced by a copy of another, or by the next call from the disk. */
  #with(now, ask) {
    this.#mustBeOpen();
    if (this.#live.instances.length === 0) this.#live = this.#load(now);
    const { instances } = this.#live;
    const [instance] = instances;
    try {
      return ask(instance);
    } catch (error) {
      throw released(error);
    } finally {
      if (instance.isTrapped) {
        this.#traps += 1;
        instances.shift();
        if (instances.length > 0) instances.push(instances[0].clone());
      }
    }
  }

  /** The instance is free again: whatever the callback throws is the caller's. */
  #receipt(receipt, answer) {
    if (receipt !== undefined) this.#options.onReceipt?.(JSON.stringify(receipt), answer);
  }

  #mustBeOpen() {
    if (this.#closing.signal.aborted) throw closed();
  }
}

/** Aborts with either, until it is released. */
function linked(...signals) {
  const stop = new AbortController();
  const released = new AbortController();
  for (const signal of signals.filter((signal) => signal !== undefined)) {
    if (signal.aborted) stop.abort(signal.reason);
    else signal.addEventListener("abort", () => stop.abort(signal.reason), { signal: released.signal });
  }
  return { stop: stop.signal, release: () => released.abort() };
}

function closed() {
  return new InterdictError("closed", "the gateway was closed");
}

function isSame(one, other) {
  return one.size === other.size && [...one].every(([path, stamp]) => other.get(path) === stamp);
}

/** What this host wrote is not another's change; everything else is still to be noticed. */
function restamped(old, fresh, folder) {
  const own = (path) => path.startsWith(`${folder}/`) && /\/(?:current|history)$/.test(path);
  return new Map([...[...old].filter(([path]) => !own(path)), ...[...fresh].filter(([path]) => own(path))]);
}
