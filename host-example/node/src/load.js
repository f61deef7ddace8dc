// From the state directory to an instance that screens: configure, replay what was saved, then the choices.

import { join } from "node:path";

import { damaged, InterdictError, told } from "./errors.js";
import { isDirectory } from "./files.js";
import { Instance } from "./instance.js";
import { saved } from "./shelf.js";
import { parsed } from "./verdict.js";
import { isMetadata, walk, WalkRefused } from "./walk.js";

const HISTORY_DAMAGED = -100;
/** What a coalition is configured with that has no history. */
export const NO_HISTORY = "none";
/** How often the directory may change while it is read. */
const MAX_ATTEMPTS = 10;

/** Begin again: what was read is not what lies there, or does not load. */
class Again extends Error {}

/**
 * An instance with everything that the state directory holds.
 *
 * @param {Store} store
 * @param {{ module: Module, policy?: string, receipts: string }} choices
 * @returns {{ instance: Instance, coalitions: Coalition[], stamp: Map<string, string>, warnings: string[] }} `warnings`
 *   are those about no coalition.
 */
export function load(store, choices, now) {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const stamp = store.stamp();
    try {
      const coalitions = store.coalitions().map((shelf) => Coalition.read(shelf));
      const { instance, warnings } = loaded(store, coalitions, choices, now);
      return { instance, coalitions, stamp, warnings };
    } catch (error) {
      if (!(error instanceof Again)) throw error;
    }
  }
  throw new InterdictError("store_busy", `${store.path}: it is changed again and again while it is read`);
}

function loaded(store, coalitions, choices, now) {
  for (;;) {
    const instance = new Instance(choices.module);
    configureCoalitions(instance, coalitions, now);
    if (!coalitions.every((coalition) => coalition.replay(instance, now))) continue;
    const warnings = store.warnings(coalitions.map(({ name }) => name));
    configureChoices(instance, store, choices, now);
    for (const kind of ["overrides", "clearances"])
      give(instance, kind, store.documents(kind), warnings, now);
    warnings.push(...notEnrolled(choices.policy, coalitions));
    const told = parsed(instance.callText("state", "{}", now)).coalitions;
    coalitions.forEach((coalition, place) => coalition.warnOfSealedKeys(told?.[place]));
    return { instance, warnings };
  }
}

/** Hands over the enrolments as they are. A damaged history is said to be missing, and verdicts show that. */
function configureCoalitions(instance, coalitions, now) {
  const keys = coalitions.flatMap(({ name, openedKeys }) =>
    openedKeys.map((key) => ({ coalition: name, key })),
  );
  for (;;) {
    const texts = coalitions.map((coalition) => coalition.configuration());
    try {
      instance.call("configure", `{"coalitions":[${texts}],"keys":${JSON.stringify(keys)}}`, now);
      return;
    } catch (error) {
      const [, place, member] = /^coalitions\[(\d+)\]\.(\w+)/.exec(error.path) ?? [];
      const coalition = coalitions[place];
      if (error.code === HISTORY_DAMAGED && coalition && coalition.history !== NO_HISTORY)
        coalition.forgetHistory();
      else if (error.kind === "refused" && member === "enrolment") {
        throw damaged(
          join(coalition.shelf.path, "enrolment.json"),
          `${error.message}; enrol again with --replace`,
          error,
        );
      } else throw error;
    }
  }
}

function configureChoices(instance, store, { module, policy, receipts }, now) {
  store.checkMemberKey();
  const choices = { receipt_key: store.receiptKey(), module: module.sha256 };
  // An older module knows neither member, so what is the default is not said.
  if (receipts !== "always") choices.receipts = receipts;
  if (store.lost().length > 0) choices.state_lost = true;
  instance.call("configure", choices, now);
  if (policy !== undefined) instance.call("configure", `{"policy":${policy}}`, now);
}

/**
 * Warnings about lists that the policy requires and no enrolment names; none before the first enrolment. The module has
 * accepted the policy.
 */
function notEnrolled(policy, coalitions) {
  if (coalitions.length === 0) return [];
  const required = Object.entries(JSON.parse(policy ?? "{}").required ?? {});
  const known = new Map(coalitions.map(({ name, lists }) => [name, lists]));
  return required.flatMap(([name, lists]) =>
    lists
      .filter((list) => !known.get(name)?.includes(list))
      .map((list) => `${list} of coalition ${name} is required but not enrolled, so no verdict is clean`),
  );
}

/** Gives an instance all documents of a kind that it takes: none must keep a gateway from opening. */
function give(instance, kind, documents, warnings, now) {
  const leaveOut = (document, error) => warnings.push(`${document.path} is left out: ${told(error)}`);
  const refusal = (some) => {
    try {
      instance.call("configure", { [kind]: some.map(({ base64 }) => base64) }, now);
      return undefined;
    } catch (error) {
      if (error.kind !== "refused") throw error;
      return error;
    }
  };
  const taken = documents.filter((document) => {
    const error = document.error ?? refusal([document]);
    if (error) leaveOut(document, error);
    return !error;
  });
  for (let error; taken.length > 0 && (error = refusal(taken));) leaveOut(taken.pop(), error);
}

/** One coalition as it lies on the disk, and what of it loads. */
export class Coalition {
  /** The path of each file that the module verified and that is still good, by its name. */
  sources = new Map();
  warnings = [];

  constructor(shelf, enrolment) {
    this.shelf = shelf;
    this.name = shelf.coalition;
    this.enrolment = enrolment.text;
    this.repository = enrolment.object.repository;
    this.lists = enrolment.object.lists ?? [];
    /** Folders with metadata that may be newer than the generation that loads. */
    this.unfinished = [shelf.pending];
  }

  static read(shelf) {
    const enrolment = shelf.enrolment();
    if (enrolment === undefined) throw new Again();
    const coalition = new Coalition(shelf, enrolment);
    coalition.history = coalition.#orWarn(() => shelf.history()) ?? NO_HISTORY;
    /** What may be loaded, best first. */
    coalition.generations = coalition.#orWarn(() => shelf.generations()) ?? [];
    coalition.first = coalition.generation;
    const { keys, passedOver } = coalition.#orWarn(() => shelf.openedKeys()) ?? { keys: [], passedOver: 0 };
    coalition.openedKeys = keys;
    if (passedOver > 0) coalition.#warn(`opened.keys: ${passedOver} lines that are no key are passed over`);
    return coalition;
  }

  /** The number of the generation that was loaded. */
  get generation() {
    return this.generations[0];
  }

  configuration() {
    return `{"name":"${this.name}","enrolment":${this.enrolment},"history":${JSON.stringify(this.history)}}`;
  }

  forgetHistory() {
    this.history = NO_HISTORY;
    this.#warn("history is damaged, so how new the files are is not known; refresh");
  }

  /** Replays the generation, then what is newer. Returns whether the instance may go on. */
  replay(instance, now) {
    this.sources.clear();
    if (this.generations.length > 0) {
      const problem = this.#replayGeneration(instance, now);
      if (problem !== undefined) {
        this.#skipGeneration(problem, instance.isTrapped);
        return false;
      }
    }
    return this.unfinished.every((folder) => this.#replayUnfinished(instance, folder, now));
  }

  #replayGeneration(instance, now) {
    const folder = this.shelf.generation(this.generation);
    try {
      const { completed } = replay(instance, this.name, folder, now, (fetch, path) =>
        this.sources.set(fetch.name, path),
      );
      return completed ? undefined : "a file is missing";
    } catch (error) {
      if (!(error instanceof WalkRefused) && !instance.isTrapped) throw error;
      return told(error);
    }
  }

  #skipGeneration(problem, trapped) {
    if (this.first === this.generation && this.shelf.current() !== this.first) throw new Again();
    const number = this.generations.shift();
    if (!trapped) this.unfinished.unshift(this.shelf.generation(number));
    const instead =
      this.generation === undefined ? "no list is loaded" : `generation ${this.generation} is used instead`;
    this.#warn(`generation ${number} is damaged, ${instead}: ${problem}; refresh`);
  }

  /** Files of updates that are not complete need not fit together: the module takes those that do. */
  #replayUnfinished(instance, folder, now) {
    if (!isDirectory(folder)) return true;
    const verified = [];
    try {
      const { completed } = replay(instance, this.name, folder, now, (...file) => verified.push(file));
      this.#add(verified, completed);
    } catch (error) {
      if (instance.isTrapped) {
        this.unfinished = this.unfinished.filter((other) => other !== folder);
        this.#warn("an unfinished update traps the module and is left out");
        return false;
      }
      if (!(error instanceof WalkRefused)) throw error;
      if (error.failure) this.#warn(`an unfinished update: ${error.message}; refresh`);
      this.#add(verified, false);
    }
    return true;
  }

  #add(verified, completed) {
    for (const [fetch, path] of verified) {
      if (completed || isMetadata(fetch)) this.sources.set(fetch.name, path);
    }
  }

  /** The same after a completed update, whose files are in this generation. */
  updated(generation, files, history) {
    const folder = this.shelf.generation(generation);
    const sources = new Map(files.map((name) => [name, join(folder, name)]));
    return this.#with({
      history,
      sources,
      generations: [generation],
      unfinished: [this.shelf.pending],
      warnings: [],
    });
  }

  /** The same after an update that did not complete: metadata that it kept stays verified. */
  continued(kept, history) {
    return this.#with({ history, sources: new Map([...this.sources, ...kept]) });
  }

  #with(members) {
    const { shelf, enrolment: text, repository } = this;
    return Object.assign(new Coalition(shelf, { text, object: { repository } }), this, members);
  }

  /** `interdict refresh` opens sealed keys; this host cannot. */
  warnOfSealedKeys(state) {
    const folders = [
      this.shelf.pending,
      ...this.generations.slice(0, 1).map((number) => this.shelf.generation(number)),
    ];
    const lists = state?.lists ?? [];
    const lacksKey = lists.length === 0 || lists.some(({ key }) => key === false);
    if (lacksKey && folders.some((folder) => this.shelf.hasSealedKeys(folder))) {
      this.#warn("list keys are sealed and not opened; run interdict refresh, which opens sealed keys");
    }
  }

  #warn(text) {
    const warning = `${this.name}: ${text}`;
    if (!this.warnings.includes(warning)) this.warnings.push(warning);
  }

  /** A damaged file of one coalition must not stop the others. */
  #orWarn(run) {
    try {
      return run();
    } catch (error) {
      if (error.kind !== "store_damaged") throw error;
      this.#warn(error.message);
      return undefined;
    }
  }
}

/** Replays the files of a folder. `verified` is called with each that the module took, and its path. */
function replay(instance, coalition, folder, now, verified) {
  const steps = walk(instance, coalition, "store", now, (fetch) => verified(fetch, join(folder, fetch.name)));
  for (let step = steps.next(); ; step = steps.next(bring(folder, step.value))) {
    if (step.done) return step.value;
  }
}

/** A file that cannot be read is `failed`, and only one that is not there is `not_found`. */
function bring(folder, fetch) {
  try {
    const bytes = saved(folder, fetch.name, fetch.max_size);
    return bytes === undefined ? { isMissing: true } : { bytes };
  } catch (error) {
    if (error instanceof InterdictError) return { failure: error.message };
    throw error;
  }
}
