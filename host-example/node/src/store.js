import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { damaged, InterdictError } from "./errors.js";
import {
  exists,
  isDirectory,
  isOpenToOthers,
  makeDirectory,
  read,
  readText,
  stampOf,
  write,
} from "./files.js";
import { Instance } from "./instance.js";
import { lock } from "./lock.js";
import { enrolmentOf, entries, Shelf } from "./shelf.js";
import { encoded } from "./text.js";

const RECEIPT_KEY = "receipt.key";
const MEMBER_KEY = "member.key";
const INVENTORY = "inventory.txt";
const MAX_SECRET = 128;
/** More than 64 coalitions with the longest names. */
const MAX_INVENTORY = 4 << 10;
const MAX_DOCUMENT = 4 << 20;
const COALITION = /^(?!-)[a-z0-9-]{1,32}(?<!-)$/;

/** The state directory, in the layout of docs/store.md. The module verifies again whatever is read from it. */
export class Store {
  /** @param {string} path */
  constructor(path) {
    this.path = path;
  }

  /**
   * An existing state directory.
   *
   * @throws {InterdictError} `store_missing`: a gateway must not start with an empty directory in place of its own.
   */
  static open(path) {
    if (!isDirectory(path))
      throw new InterdictError("store_missing", `${path}: there is no state directory here; enrol first`);
    return new Store(path);
  }

  /**
   * Takes a coalition's enrolment into a state directory, which is made if there is none, after the module has accepted
   * it. An enrolment that adds nothing changes nothing.
   *
   * @param {string} path
   * @param {string | Uint8Array | object} enrolment The enrolment file as it is.
   * @param {{ module: Module, now: number }} options
   * @throws {InterdictError} `enrolment_differs` if the saved one has another root or lacks a key.
   */
  static async enrol(path, enrolment, { module, now }) {
    const bytes = Buffer.from(encoded(enrolment));
    const text = bytes.toString("utf8");
    const object = enrolmentOf(text, () => new InterdictError("invalid", "an enrolment is a JSON object"));
    if (!Buffer.from(text).equals(bytes)) throw new InterdictError("invalid", "the enrolment is no UTF-8");
    const coalitions = `{"coalitions":[{"enrolment":${text},"history":"none"}]}`;
    new Instance(module).call("configure", coalitions, now);
    await Store.take(path, object, bytes);
  }

  /** The same for an enrolment that the module has accepted: its object, and the file's bytes. */
  static async take(path, object, bytes) {
    const store = new Store(path);
    if (store.#isEnrolled(object)) return;
    if (exists(path) && !isDirectory(path)) throw damaged(path, "not a directory");
    makeDirectory(path);
    const unlock = await lock(join(path, "lock"), "exclusive");
    try {
      store.#enrol(object, bytes);
      store.#takeStock();
    } finally {
      unlock();
    }
  }

  /** Whether it is enrolled already with all that this file says; then no lock is needed. */
  #isEnrolled(object) {
    const shelf = this.shelf(object.coalition);
    const known = isDirectory(shelf.path) ? shelf.enrolment() : undefined;
    return known !== undefined && !addsAnything(known.object, object) && exists(join(this.path, RECEIPT_KEY));
  }

  #enrol(object, bytes) {
    if (!exists(join(this.path, RECEIPT_KEY))) {
      write(this.path, RECEIPT_KEY, Buffer.from(`${randomBytes(32).toString("hex")}\n`));
    }
    const shelf = this.shelf(object.coalition);
    const known = isDirectory(shelf.path) ? shelf.enrolment()?.object : undefined;
    if (known === undefined) shelf.saveEnrolment(bytes);
    else if (addsAnything(known, object)) {
      const why = `${object.coalition} is enrolled with another root or other keys; interdict enrol FILE merges them`;
      throw new InterdictError("enrolment_differs", why);
    }
  }

  /** A coalition's folder. */
  shelf(coalition) {
    if (!COALITION.test(coalition)) throw new InterdictError("invalid", "this is no name of a coalition");
    return new Shelf(join(this.path, coalition), coalition);
  }

  /**
   * The folders of all enrolled coalitions.
   *
   * @throws {InterdictError} `store_damaged` if one cannot be read: no gateway must run as if it did not exist.
   */
  coalitions() {
    const folders = this.#names().filter(
      (name) => COALITION.test(name) && isDirectory(join(this.path, name)),
    );
    return folders
      .map((name) => this.shelf(name))
      .filter((shelf) => {
        if (shelf.enrolment() !== undefined) return true;
        if (!exists(join(shelf.path, "current"))) return false;
        throw damaged(
          join(shelf.path, "enrolment.json"),
          "it is gone, and the coalition's lists are there; restore it, or enrol again",
        );
      });
  }

  /** The gateway's own secret as hexadecimal digits; `undefined` if there is none. */
  receiptKey() {
    return this.#secret(RECEIPT_KEY, /^[0-9a-fA-F]{64}\s*$/)?.trim();
  }

  /** Fails if `member.key` is damaged. This host opens nothing with it. */
  checkMemberKey() {
    this.#secret(MEMBER_KEY, /^AGE-SECRET-KEY-1[0-9A-Z]{58}\s*$/i);
  }

  #secret(name, form) {
    const path = join(this.path, name);
    const text = readText(path, MAX_SECRET);
    if (text !== undefined && !form.test(text)) throw damaged(path, "it is not what was written; restore it");
    return text;
  }

  /** The signed documents in `overrides` or `clearances`, in the order of their names, in base64. */
  documents(kind) {
    const folder = join(this.path, kind);
    const names = entries(folder).filter((name) => name.endsWith(".json") && !name.startsWith("."));
    return names.map((name) => {
      const path = join(folder, name);
      try {
        return { path, base64: read(path, MAX_DOCUMENT)?.toString("base64") ?? "" };
      } catch (error) {
        return { path, error };
      }
    });
  }

  /** Secrets and coalitions that the directory held and lacks now, and the inventory itself if it is damaged. */
  lost() {
    const known = this.#inventory();
    if (known === undefined) return [INVENTORY];
    const here = this.#contents();
    return known.filter((name) => !here.includes(name));
  }

  /** Warnings for a person about secrets. */
  warnings(coalitions) {
    const lost = this.lost().map(
      (name) => `${join(this.path, name)} is gone or damaged; restore it, or: interdict state accept`,
    );
    const secrets = [RECEIPT_KEY, MEMBER_KEY, ...coalitions.map((name) => join(name, "enrolment.json"))];
    const open = secrets.map((name) => join(this.path, name)).filter(isOpenToOthers);
    return [
      ...lost,
      ...open.map((path) => `${path} holds secrets and others on this machine may read it; chmod 600`),
    ];
  }

  /** Adds to the inventory what is new. If another process has the lock, the next refresh does. */
  async takeStock() {
    let unlock;
    try {
      unlock = await lock(join(this.path, "lock"), "exclusive", 0);
    } catch (error) {
      if (error.kind === "store_busy") return;
      throw error;
    }
    try {
      this.#takeStock();
    } finally {
      unlock();
    }
  }

  #takeStock() {
    const known = this.#inventory();
    if (known === undefined) return;
    const all = inventoryText([...known, ...this.#contents()]);
    if (all !== inventoryText(known)) write(this.path, INVENTORY, Buffer.from(all));
  }

  /** What the inventory names; nothing without one, `undefined` if it is damaged. */
  #inventory() {
    let text;
    try {
      text = readText(join(this.path, INVENTORY), MAX_INVENTORY);
    } catch {
      return undefined;
    }
    const names = (text ?? "").split("\n").slice(1, -1);
    return text === undefined || text === inventoryText(names.filter(isInventoried)) ? names : undefined;
  }

  #contents() {
    return this.#names().filter((name) => {
      if (name === RECEIPT_KEY || name === MEMBER_KEY) return true;
      return COALITION.test(name) && exists(join(this.path, name, "enrolment.json"));
    });
  }

  #names() {
    try {
      return readdirSync(this.path).sort();
    } catch (cause) {
      throw damaged(this.path, "it cannot be read", cause);
    }
  }

  /** Keeps others from changing one coalition, and all of the directory. Returns what gives the locks back. */
  async lockCoalition(coalition) {
    const shelf = this.shelf(coalition);
    const whole = await lock(join(this.path, "lock"), "shared");
    try {
      const own = await lock(join(shelf.path, "lock"), "exclusive");
      return () => {
        own();
        whole();
      };
    } catch (error) {
      whole();
      throw error;
    }
  }

  /** When each file that instances are made from was replaced last. It opens none of them. */
  stamp() {
    const stamp = new Map();
    const add = (...names) => {
      const path = join(this.path, ...names);
      const found = stampOf(path);
      if (found !== undefined) stamp.set(path, found);
    };
    for (const name of this.#names().filter((name) => COALITION.test(name))) {
      for (const file of COALITION_FILES) add(name, file);
    }
    for (const folder of ["overrides", "clearances"]) {
      add(folder);
      entries(join(this.path, folder)).forEach((name) => add(folder, name));
    }
    add(RECEIPT_KEY);
    return stamp;
  }
}

const COALITION_FILES = ["current", "history", "enrolment.json", "opened.keys"];

function isInventoried(name) {
  return name === RECEIPT_KEY || name === MEMBER_KEY || COALITION.test(name);
}

function inventoryText(names) {
  const unique = [...new Set(names)].sort();
  return `interdict-inventory-1 ${unique.length}\n${unique.map((name) => `${name}\n`).join("")}`;
}

/** Whether an enrolment says more than the saved one: another root, or a key that is not known. */
function addsAnything(known, given) {
  const keys = (enrolment) => (Array.isArray(enrolment.keys) ? enrolment.keys : []);
  const spelt = ({ epoch, key }) => `${epoch} ${String(key).toLowerCase()}`;
  const have = keys(known).map(spelt);
  return known.root !== given.root || keys(given).some((key) => !have.includes(spelt(key)));
}
