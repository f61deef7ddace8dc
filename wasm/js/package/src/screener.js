import { FLOWS } from "../../../../host-example/node/src/verdict.js";
import { chanceOf, namesOf, publicDescriptors } from "./chance.js";
import { decisionOf } from "./decision.js";
import { enrolmentOf } from "./enrolment.js";
import { asError, InterdictError, told } from "./errors.js";
import { Fetcher } from "./files.js";
import { askInSession } from "./gateway.js";
import { Loader } from "./loader.js";
import { policyOf } from "./policy.js";
import { noticeOf, sentenceOf } from "./sentences.js";
import { WorkerLoader } from "./worker/client.js";

const OPTIONS = ["enrolment", "digest", "policy", "texts", "fetch", "storage", "signal", "now", "worker", "module"];
/** A public epoch lasts at least this long (docs/format.md). */
const PUBLIC_EPOCH_DAYS = 365;
const DAY = 86_400;
const BEHIND = "clock_behind";
/** As for the module: ten minutes. */
const BEHIND_SECONDS = 600;
/** A letter that platforms read as `ss` or as a sharp s. */
const CAPITAL_SHARP_S = /\u1E9E|%E1%BA%9E/i;

/**
 * The class of one build.
 *
 * @param {{ build: "edge" | "full", texts: object, compile: (module: unknown) => Promise<unknown>,
 *   newEngine: (compiled: unknown) => object, storage: (choice: string | undefined, enrolment: object) => Promise<object> }}
 *   parts `compile` gives what `newEngine` takes, and fails if the page may not run WebAssembly.
 */
export function screenerClass(parts) {
  return class Screener {
    #options;
    #enrolment;
    #policy;
    #texts;
    #clock;
    #loader;
    #wasm = { state: "failed" };
    #descriptors = [];
    /** When the newest list was built. */
    #issued = 0;
    #refreshed;
    #refreshing = Promise.resolve();
    #closing = new AbortController();
    #isTest = false;

    static async open(options) {
      const screener = new Screener(options, Screener.#mayOpen);
      try {
        await screener.#open();
      } catch (error) {
        if (!options.signal?.aborted) throw error;
        throw new InterdictError("aborted", "the opening was stopped", { cause: error });
      }
      return screener;
    }

    /** @param trial The default export of `@interdict/checkout/trial`. */
    static async try({ trial = parts.trial, state = "fresh", texts } = {}) {
      if (typeof trial?.begin !== "function")
        throw new InterdictError("invalid", 'it is the default export of "@interdict/checkout/trial"', { path: "trial" });
      const { options, age } = trial.begin(state);
      const screener = new Screener({ ...options, texts }, Screener.#mayOpen);
      screener.#isTest = true;
      await screener.#open();
      if (state !== "empty") await screener.refresh();
      age();
      return screener;
    }

    static #mayOpen = Symbol("open");

    constructor(options, key) {
      if (key !== Screener.#mayOpen)
        throw new InterdictError("invalid", "a screener is opened by await Screener.open(…)");
      this.#options = optionsOf(options);
      this.#texts = options.texts ?? parts.texts;
      this.#clock = clockOf(options.now);
    }

    async #open() {
      const { enrolment, digest, policy, storage, signal, worker, module } = this.#options;
      if (module !== undefined && parts.build === "full")
        throw new InterdictError("invalid", "the full build has its module inside", { path: "module" });
      // The module takes longest to arrive, and needs nothing of what comes before it.
      const compiling = parts.compile(module);
      compiling.catch(() => {});
      this.#enrolment = await enrolmentOf(enrolment, digest, this.#fetcher(), signal);
      this.#policy = policyOf(policy, this.#enrolment.page);
      if (worker) this.#loader = new WorkerLoader(worker, this.#enrolment, storage, parts.newEngine);
      else this.#loader = new Loader(parts.newEngine, this.#enrolment, await parts.storage(storage, this.#enrolment));
      this.#loader.prepare();
      await this.#compile(compiling);
      if (this.#isRunning) await this.#loader.open(this.#now());
      this.#look();
      signal?.throwIfAborted();
    }

    /** A failure shows in `status`, and the next refresh tries again. */
    async #compile(compiling = parts.compile(this.#options.module)) {
      try {
        this.#loader.compiled = await compiling;
        this.#wasm = { state: "running" };
      } catch (error) {
        const isForbidden = /content.security.policy|\bCSP\b|unsafe-eval/i.test(String(error?.message));
        const forbidden = "the page's content security policy lacks 'wasm-unsafe-eval' in script-src";
        this.#wasm = { state: isForbidden ? "forbidden" : "failed", why: isForbidden ? forbidden : told(error) };
      }
    }

    get #isRunning() {
      return this.#wasm.state === "running";
    }

    async refresh({ signal } = {}) {
      this.#mustBeOpen();
      const run = this.#refreshing.then(() => this.#stoppable(signal));
      this.#refreshing = run.catch(() => {});
      return await run;
    }

    /** Ends with the caller's signal and with `close`. */
    async #stoppable(signal) {
      const stop = new AbortController();
      const end = () => stop.abort();
      const signals = [this.#closing.signal, ...(signal ? [signal] : [])];
      for (const one of signals) one.addEventListener("abort", end);
      try {
        if (signals.some((one) => one.aborted)) end();
        return await this.#refresh(stop.signal);
      } finally {
        for (const one of signals) one.removeEventListener("abort", end);
      }
    }

    async #refresh(signal) {
      this.#mustBeOpen();
      let refreshed;
      try {
        if (!this.#isRunning) {
          await this.#compile();
          if (this.#isRunning) await this.#loader.open(this.#now());
        }
        refreshed = this.#isRunning
          ? await this.#loader.refresh(this.#options.fetch, this.#now(), signal)
          : { outcome: "failed", why: this.#wasm.why, requests: 0 };
      } catch (error) {
        if (this.#closing.signal.aborted) throw closed();
        if (signal.aborted) throw new InterdictError("aborted", "the refresh was stopped", { cause: error });
        refreshed = { outcome: "failed", why: told(error), requests: 0 };
      }
      this.#refreshed = { ...refreshed, at: new Date(this.#now() * 1000) };
      this.#look();
      return refreshed;
    }

    screen(question) {
      this.#mustBeOpen();
      const { flow, message, host } = this.#read(question);
      if (!this.#isRunning) return this.#unanswered(`wasm_${this.#wasm.state}`, host);
      if (message === undefined) return this.#unanswered("not_in_this_build", host);
      const now = this.#now();
      const { engine } = this.#loader;
      try {
        return this.#verdict(engine.screen(message, now), flow, host);
      } catch (error) {
        if (engine.isTrapped) this.#loader.rebuild(now);
        if (error.code === "not_in_this_build") return this.#unanswered(error.code, host);
        throw asError(error, "failed", "the module gave no verdict");
      }
    }

    /** What is asked of the module; no `message` for what the edge build cannot be asked. */
    #read(question) {
      const { flow = "checkout", url, ...others } = question ?? {};
      if (!FLOWS.includes(flow)) throw new InterdictError("unknown_flow", `flow is ${FLOWS.join(", ")}`, { path: "flow" });
      if (parts.build === "full") {
        const address = url === undefined ? {} : { url: String(url) };
        const message = { ...others, flow, ...address, language: this.#texts.language };
        return { flow, message, host: url === undefined ? undefined : hostOf(url) };
      }
      const [unknown] = Object.keys(others);
      if (unknown !== undefined)
        throw new InterdictError("unknown_field", "a page asks about a web address, with flow and url", { path: unknown });
      const host = hostOf(url);
      const isAmbiguous = typeof url === "string" && CAPITAL_SHARP_S.test(url);
      return { flow, host, message: isAmbiguous ? undefined : { flow, identifiers: [{ kind: "domain", value: host }] } };
    }

    #verdict(answer, flow, host) {
      const isPublic = this.#enrolment.edition === "public";
      const known = this.#isBehind ? { ...answer, degraded: true, doubts: [...(answer.doubts ?? []), BEHIND] } : answer;
      return this.#told(known, decisionOf(known, flow, isPublic, this.#policy), host, answer);
    }

    /** What the page does without an answer of the module: the name is not one for this build, or it does not run. */
    #unanswered(code, host) {
      const reasons = [{ code, weight: 0 }];
      const degraded = code !== "not_in_this_build";
      const answer = { action: "monitor", because: "unavailable", score: 0, degraded, reasons, lists: [] };
      return this.#told(answer, degraded ? this.#policy.degraded : "ask_gateway", host);
    }

    #told(answer, decision, host, own = answer) {
      const { action, because, score, degraded, reasons, lists, doubts = [] } = answer;
      return {
        decision,
        notice: noticeOf(this.#texts, decision),
        action,
        ...(because === undefined ? {} : { because }),
        score,
        degraded,
        reasons: reasons.map((reason) => ({ ...reason, text: reason.text ?? sentenceOf(this.#texts, reason) })),
        lists,
        doubts,
        chance: host === undefined ? null : this.#chance(namesOf(host)),
        answer: own,
      };
    }

    async askGateway(options) {
      this.#mustBeOpen();
      const fetch = this.#options.fetch ?? ((...request) => globalThis.fetch(...request));
      const answer = await askInSession(fetch, options);
      if (answer.decision) return { notice: noticeOf(this.#texts, answer.decision), ...answer, by: "gateway" };
      const decision = this.#policy.onNoGateway;
      const notice = noticeOf(this.#texts, decision === "refuse" ? "no_gateway" : decision);
      return { decision, notice, by: "policy", why: answer.why };
    }

    status() {
      this.#mustBeOpen();
      const { coalition, edition } = this.#enrolment;
      const told = this.#isRunning ? this.#loader.told : { storage: { kind: "memory" }, warnings: [] };
      const state = this.#isRunning ? this.#state() : undefined;
      const isMissed = this.#policy.freshMiss === "proceed" && edition === "public";
      return {
        build: parts.build,
        wasm: this.#wasm.state,
        storage: told.storage,
        coalition,
        enrolmentEndsInDays: this.#endsInDays(state?.lists ?? []),
        policy: { ...this.#policy, cleanNamesAsked: isMissed ? this.#chance(2) : 1 },
        lists: (state?.lists ?? []).map((list) => ({ coalition, ...list })),
        doubts: [...(state?.doubts ?? []), ...(this.#isBehind ? [BEHIND] : [])],
        ...(this.#refreshed ? { refreshed: this.#refreshed } : {}),
        warnings: [...told.warnings, ...(this.#wasm.why ? [`WebAssembly does not run: ${this.#wasm.why}`] : [])],
        test: this.#isTest,
      };
    }

    #endsInDays(lists) {
      if (lists.length === 0) return null;
      if (lists.some(({ key, epoch, newest_epoch: newest }) => key === false || newest > epoch)) return 0;
      if (this.#descriptors.length === 0) return null;
      const begun = Math.min(...this.#descriptors.map(({ epochStart }) => epochStart));
      return Math.max(0, Math.floor((begun - this.#now()) / DAY) + PUBLIC_EPOCH_DAYS);
    }

    #chance(names) {
      if (this.#descriptors.length === 0) return null;
      return chanceOf(this.#descriptors.map(({ rate }) => rate), names);
    }

    /** What the metadata say of the lists that are loaded now. */
    #look() {
      if (!this.#isRunning) return;
      const { lists } = this.#state();
      this.#descriptors = publicDescriptors(this.#loader.told.files, lists);
      this.#issued = Math.max(0, ...lists.map(({ issued }) => issued));
    }

    /** A list that is signed for a later time proves that the clock is wrong, also at a first visit. */
    get #isBehind() {
      return this.#issued - this.#now() > BEHIND_SECONDS;
    }

    #state() {
      const now = this.#now();
      if (this.#loader.engine.isTrapped) this.#loader.rebuild(now);
      return this.#loader.engine.state(now).coalitions[0];
    }

    async close() {
      if (this.#closing.signal.aborted) return;
      this.#closing.abort(closed());
      await this.#refreshing;
      this.#loader?.close();
    }

    #now() {
      return Math.floor(this.#clock().getTime() / 1000);
    }

    #fetcher() {
      return new Fetcher(this.#options.fetch);
    }

    #mustBeOpen() {
      if (this.#closing.signal.aborted) throw closed();
    }
  };
}

function optionsOf(options) {
  if (options === null || typeof options !== "object")
    throw new InterdictError("invalid", "open takes an object with enrolment");
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  const refuse = (path, why) => {
    throw new InterdictError("invalid", why, { path });
  };
  if (unknown !== undefined) refuse(unknown, "there is no such option");
  const { worker, fetch, texts, enrolment } = options;
  if (enrolment === undefined || enrolment === null)
    refuse("enrolment", "it is missing: the coalition's file, or where to fetch it");
  if (worker !== undefined && typeof worker?.postMessage !== "function") refuse("worker", "it is no worker");
  if (worker && fetch) refuse("fetch", "a worker fetches by itself: give one of the two");
  if (texts !== undefined && !["language", "notices", "reasons"].every((name) => texts?.[name]))
    refuse("texts", "it is the default export of one of this package's texts/…");
  return options;
}

function clockOf(now = () => new Date()) {
  const clock = now instanceof Date ? () => now : now;
  if (typeof clock !== "function" || !(clock() instanceof Date))
    throw new InterdictError("invalid", "it is a Date, or a function that gives one", { path: "now" });
  return clock;
}

/** The host of a web address, as `new URL` reads it; a bare name is taken as one. */
function hostOf(given) {
  const isBare = typeof given === "string" && /^[^\s/:@?#\\]+$/.test(given);
  let url;
  try {
    url = new URL(isBare ? `https://${given}` : given);
  } catch {
    url = undefined;
  }
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "")
    throw new InterdictError("invalid", "it is an absolute web address or a bare host: add https://", { path: "url" });
  return url.hostname;
}

function closed() {
  return new InterdictError("closed", "the screener was closed");
}
