import { readdirSync } from "node:fs";
import { join } from "node:path";

import { damaged, InterdictError } from "./errors.js";
import {
  clear,
  exists,
  linkOrCopy,
  makeDirectory,
  read,
  readText,
  syncDirectory,
  write,
} from "./files.js";
import { isFileName } from "./location.js";

const CURRENT = "current";
const HISTORY = "history";
/** More than the longest history: 256 lists with ids of 65 bytes. */
const MAX_HISTORY = 32 << 10;
const MAX_ENROLMENT = 2 << 20;
const MAX_OPENED_KEYS = 64 << 10;
/** A descriptor, the largest metadata, or a filter: docs/abi.md bounds each before it is read. */
const SEALED_KEY = /\.key\.age$/;

/** One coalition's folder in the {@link Store}. */
export class Shelf {
  /** @param {string} path @param {string} coalition */
  constructor(path, coalition) {
    this.path = path;
    this.coalition = coalition;
  }

  get pending() {
    return join(this.path, "pending");
  }

  /** The folder of a generation. */
  generation(number) {
    return join(this.path, `generation-${number}`);
  }

  /** The enrolment's text, which is an object; `undefined` if the coalition is not enrolled. */
  enrolment() {
    const pages = join(this.path, "pages");
    if (exists(pages)) {
      throw damaged(
        pages,
        "pages of records were removed, and records are loaded whole; delete this folder, then refresh",
      );
    }
    const path = join(this.path, "enrolment.json");
    const text = readText(path, MAX_ENROLMENT);
    if (text === undefined) return undefined;
    return {
      text,
      object: enrolmentOf(text, () => damaged(path, "it is no enrolment; restore it, or enrol again")),
    };
  }

  saveEnrolment(bytes) {
    makeDirectory(this.path);
    write(this.path, "enrolment.json", bytes);
  }

  /** The number of the generation to load; `undefined` before the first update. */
  current() {
    const path = join(this.path, CURRENT);
    const text = readText(path, 32);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}\s*$/.test(text)) throw damaged(path, "it is no number");
    return Number.parseInt(text, 10);
  }

  /** What can be loaded, best first. Numbers above `current` are unfinished. */
  generations() {
    const current = this.current();
    if (current === undefined) return [];
    const older = this.#numbers().filter((number) => number < current);
    return [current, ...older.sort((a, b) => b - a)];
  }

  /** What was saved as the history, for the module to read; `undefined` if nothing was. */
  history() {
    return readText(join(this.path, HISTORY), MAX_HISTORY);
  }

  saveHistory(text) {
    write(this.path, HISTORY, Buffer.from(text));
  }

  /** Keys that `interdict refresh` opened and that are 64 hexadecimal digits, and how many lines are not. */
  openedKeys() {
    const lines = (readText(join(this.path, "opened.keys"), MAX_OPENED_KEYS) ?? "").split("\n");
    const written = lines.map((line) => line.trim()).filter((line) => line !== "");
    const keys = written.filter((line) => /^[0-9a-f]{64}$/.test(line));
    return { keys, passedOver: written.length - keys.length };
  }

  /** Whether a folder holds keys that are sealed to members. */
  hasSealedKeys(folder) {
    return entries(folder).some((name) => SEALED_KEY.test(name));
  }

  /** Saves a verified file before the module gets the next one. Returns its path. */
  keep(name, bytes) {
    makeDirectory(this.pending);
    write(this.pending, checked(name), bytes);
    return join(this.pending, name);
  }

  /** Whether a generation has exactly these files. `sources` has the path of each name. */
  hasAll(number, sources) {
    const folder = this.generation(number);
    return (
      entries(folder).length === sources.size &&
      [...sources].every(([name, path]) => path === join(folder, name))
    );
  }

  /** Makes a generation of verified files and switches to it, then removes all but it and the one before. */
  commit(sources, before) {
    const number = 1 + Math.max(0, before ?? 0, ...this.#numbers());
    const folder = this.generation(number);
    makeDirectory(folder);
    for (const [name, path] of sources) linkOrCopy(path, join(folder, checked(name)));
    syncDirectory(folder);
    syncDirectory(this.path);
    write(this.path, CURRENT, Buffer.from(`${number}\n`));
    this.clearPending();
    for (const other of this.#numbers()) {
      if (other !== number && other !== before) clear(this.generation(other));
    }
    return number;
  }

  clearPending() {
    clear(this.pending);
  }

  #numbers() {
    const found = entries(this.path).map((name) => /^generation-(\d{1,15})$/.exec(name)?.[1]);
    return found.filter((number) => number !== undefined).map(Number);
  }
}

/** The object of an enrolment's text. */
export function enrolmentOf(text, error) {
  let object;
  try {
    object = JSON.parse(text);
  } catch {
    throw error();
  }
  if (object === null || typeof object !== "object" || Array.isArray(object)) throw error();
  return object;
}

/** The names in a folder, in order; none if there is no folder. */
export function entries(folder) {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** A saved file by the name that the module gave it: its bytes, `undefined` if there is none. */
export function saved(folder, name, most) {
  return read(join(folder, checked(name)), most);
}

function checked(name) {
  if (isFileName(name)) return name;
  throw new InterdictError("answer", "the module gives a file a name that no store may hold");
}
