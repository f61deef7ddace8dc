import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { isDirectory } from "../../../../../host-example/node/src/files.js";
import { entries, saved } from "../../../../../host-example/node/src/shelf.js";
import { Store } from "../../../../../host-example/node/src/store.js";
import { InterdictError } from "../errors.js";
import { MemoryStorage } from "./memory.js";

/** More than any file of a release. */
const MAX_FILE = 512 << 20;
/** Milliseconds to wait for another process. */
const PATIENCE = 30_000;

/** The state directory of that path, or memory without one. */
export async function openStorage(choice, enrolment) {
  if (choice === undefined || choice === "memory") return new MemoryStorage();
  if (choice === "" || typeof choice !== "string")
    throw new InterdictError("invalid", "it is the path of a state directory", { path: "storage" });
  if (choice === "indexeddb") throw new InterdictError("invalid", "in Node, storage is memory or the path of a state directory");
  return new DirectoryStorage(resolve(choice), enrolment);
}

/** A coalition's folder in a state directory (docs/store.md), which every host of this project reads. */
class DirectoryStorage {
  kind = "directory";
  #store;
  #shelf;
  #enrolment;

  constructor(path, enrolment) {
    this.#store = new Store(path);
    this.#shelf = this.#store.shelf(enrolment.coalition);
    this.#enrolment = enrolment;
  }

  async enrol() {
    await patient(() => Store.take(this.#store.path, this.#enrolment, Buffer.from(`${JSON.stringify(this.#enrolment, null, 2)}\n`)));
  }

  async read() {
    return ours(() => {
      const generation = this.#shelf.current();
      const history = this.#shelf.history();
      return {
        files: generation === undefined ? new Map() : filesIn(this.#shelf.generation(generation)),
        pending: filesIn(this.#shelf.pending),
        history,
        keys: this.#shelf.openedKeys().keys,
        checked: Number(/ polled=(\d+) /.exec(history ?? "")?.[1] ?? 0),
      };
    });
  }

  async keep(name, bytes) {
    ours(() => this.#shelf.keep(name, bytes));
  }

  async commit({ files, history }) {
    await ours(async () => {
      const shelf = this.#shelf;
      const before = shelf.current();
      const sources = new Map([...files].map(([name, bytes]) => [name, this.#pathOf(name, bytes, before)]));
      if (before !== undefined && shelf.hasAll(before, sources)) shelf.clearPending();
      else shelf.commit(sources, before);
      shelf.saveHistory(history);
      await this.#store.takeStock();
    });
  }

  async remember(history) {
    ours(() => this.#shelf.saveHistory(history));
  }

  async exclusively(run) {
    const unlock = await patient(() => this.#store.lockCoalition(this.#shelf.coalition));
    try {
      return await run();
    } finally {
      unlock();
    }
  }

  close() {}

  /** Where these bytes lie; they are saved if they lie nowhere. */
  #pathOf(name, bytes, generation) {
    const folders = [...(generation === undefined ? [] : [this.#shelf.generation(generation)]), this.#shelf.pending];
    const path = folders.map((folder) => join(folder, name)).find((path) => isSame(path, bytes));
    return path ?? this.#shelf.keep(name, bytes);
  }
}

function filesIn(folder) {
  if (!isDirectory(folder)) return new Map();
  const names = entries(folder).filter((name) => !name.startsWith("."));
  return new Map(names.map((name) => [name, saved(folder, name, MAX_FILE)]));
}

function isSame(path, bytes) {
  try {
    return readFileSync(path).equals(bytes);
  } catch {
    return false;
  }
}

/** Waits while another process changes the directory. */
async function patient(run) {
  for (const until = Date.now() + PATIENCE; ;) {
    try {
      return await ours(run);
    } catch (error) {
      if (error.code !== "store_busy" || Date.now() > until) throw error;
    }
  }
}

/** Errors of the host whose store this is become this package's. */
function ours(run) {
  const refuse = (error) => {
    if (error?.name !== "InterdictError") throw error;
    throw new InterdictError(error.kind ?? "storage", error.message, { cause: error });
  };
  try {
    const result = run();
    return result instanceof Promise ? result.catch(refuse) : result;
  } catch (error) {
    return refuse(error);
  }
}
