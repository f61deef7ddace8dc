import { InterdictError } from "../errors.js";
import { NOTHING } from "./memory.js";

const DATABASE = "interdict-checkout";
const ROWS = "coalitions";
/** A database that another tab deletes or upgrades may never answer. */
const PATIENCE = 3_000;
/** Longer than a refresh takes as a rule. */
const LOCK_PATIENCE = 30_000;

/**
 * Keeps lists in the browser, one row for a coalition's last completed update and one for a later one that has not
 * completed. A transaction is whole or absent, so a row is too.
 */
export class IndexedDbStorage {
  kind = "indexeddb";
  #database;
  #id;
  #root;

  /** @throws {InterdictError} `storage` if the browser has none, or refuses it to this page. */
  static async open(enrolment) {
    if (!globalThis.indexedDB) throw new InterdictError("storage", "there is no IndexedDB here");
    try {
      return new IndexedDbStorage(await opened(), enrolment);
    } catch {
      // One that is damaged is made anew: the repository has everything that was in it.
      await promised(indexedDB.deleteDatabase(DATABASE)).catch(() => {});
      const refused = (cause) => new InterdictError("storage", "IndexedDB cannot be opened here", { cause });
      return new IndexedDbStorage(
        await opened().catch((error) => Promise.reject(refused(error))),
        enrolment,
      );
    }
  }

  constructor(database, { coalition, repository, root, lists }) {
    this.#database = database;
    this.#id = `${coalition} ${repository} ${lists.join(" ")}`;
    this.#root = root;
    database.onversionchange = () => database.close();
  }

  /** What was kept. A row that is damaged, or of another root, counts as none. */
  async read() {
    const [row, pending] = await this.#rows("readonly", (rows) =>
      Promise.all([promised(rows.get(this.#id)), promised(rows.get(this.#pendingId))]),
    );
    const isOurs = row?.root === this.#root && isFiles(row.files) && isText(row.history);
    return {
      ...(isOurs ? row : NOTHING),
      checked: Number.isInteger(row?.checked) && isOurs ? row.checked : 0,
      pending: pending?.root === this.#root && isFiles(pending.files) ? pending.files : NOTHING.pending,
      isDamaged: (row !== undefined && !isOurs && row?.root === this.#root) || (row !== undefined && !isText(row?.root)),
    };
  }

  async keep(name, bytes) {
    await this.#rows("readwrite", async (rows) => {
      const row = await promised(rows.get(this.#pendingId));
      const files = row?.root === this.#root && isFiles(row.files) ? row.files : new Map();
      rows.put({ root: this.#root, files: files.set(name, bytes) }, this.#pendingId);
    });
  }

  async commit({ files, history, checked, hasNoBundle }) {
    await this.#rows("readwrite", async (rows) => {
      rows.put({ root: this.#root, files, history, checked, hasNoBundle }, this.#id);
      rows.delete(this.#pendingId);
    });
  }

  async remember(history) {
    await this.#rows("readwrite", async (rows) => {
      const row = await promised(rows.get(this.#id));
      if (row?.root === this.#root) rows.put({ ...row, history }, this.#id);
    });
  }

  /** A tab that the browser put to sleep may hold the lock for ever, so after a while it is done without: rows are whole. */
  async exclusively(run, signal) {
    const { locks } = globalThis.navigator ?? {};
    if (!locks) return run();
    const waiting = new AbortController();
    const stop = () => waiting.abort();
    const timer = setTimeout(stop, LOCK_PATIENCE);
    signal?.addEventListener("abort", stop);
    let hasBegun = false;
    const begin = () => {
      hasBegun = true;
      clearTimeout(timer);
      return run();
    };
    try {
      return await locks.request(`${DATABASE} ${this.#id}`, { signal: waiting.signal }, begin);
    } catch (error) {
      signal?.throwIfAborted();
      if (hasBegun || !waiting.signal.aborted) throw error;
      return run();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  close() {
    this.#database.close();
  }

  get #pendingId() {
    return `${this.#id} pending`;
  }

  /** Runs in one transaction, and waits until it is whole. */
  async #rows(mode, run) {
    try {
      const transaction = this.#database.transaction(ROWS, mode);
      const whole = new Promise((done, failed) => {
        transaction.oncomplete = done;
        transaction.onabort = transaction.onerror = () => failed(transaction.error);
      });
      // Its failure is the transaction's, if that has one.
      whole.catch(() => {});
      const result = await run(transaction.objectStore(ROWS));
      await whole;
      return result;
    } catch (cause) {
      throw new InterdictError("storage", "IndexedDB does not take or give what is kept", { cause });
    }
  }
}

function opened() {
  return new Promise((done, failed) => {
    const request = indexedDB.open(DATABASE, 1);
    const late = setTimeout(() => failed(new Error("it does not open")), PATIENCE);
    request.onupgradeneeded = () => request.result.createObjectStore(ROWS);
    request.onerror = () => failed(request.error);
    request.onsuccess = () => {
      clearTimeout(late);
      const database = request.result;
      if (database.objectStoreNames.contains(ROWS)) return done(database);
      database.close();
      failed(new Error("it is not ours"));
    };
  });
}

function promised(request) {
  return new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error("it does not answer")), PATIENCE);
    const end = (run) => () => {
      clearTimeout(late);
      run();
    };
    request.onsuccess = end(() => done(request.result));
    request.onerror = end(() => failed(request.error));
  });
}

const isText = (value) => typeof value === "string";

function isFiles(files) {
  return files instanceof Map && [...files].every(([name, bytes]) => isText(name) && bytes instanceof Uint8Array);
}
