import { InterdictError } from "./errors.js";

/**
 * Which members of an object are read: a string by the word that it gets, an object by a plan of its own.
 *
 * @typedef {ReadonlyMap<string, string | Plan>} Plan
 */

const SPACE = /[ \t\n\r]*/y;
/** In a string: its end, an escape, or of one character what may not be there. */
const MARK = /"|[\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})?/g;
const SCALAR = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** What `null` alone begins with. */
const NULL = "n";

/**
 * The strings that a plan names, by their words. One that is absent or null is left out, and so is what should be an object
 * and is none; what should be a string and is none is `undefined`. Everything else is checked to be JSON and skipped, and
 * never becomes a value: `JSON.parse` makes values of all of it, and keeps the last of two members with the same name.
 *
 * @param {Uint8Array} bytes
 * @param {Plan} plan
 * @returns {Map<string, string | undefined>}
 * @throws {InterdictError} `malformed` unless it is one JSON object in UTF-8 whose planned members are there once.
 */
export function readMembers(bytes, plan) {
  const reader = new Reader(decoded(bytes));
  reader.object(plan);
  if (!reader.isAtEnd) throw malformed();
  return reader.found;
}

class Reader {
  #text;
  #at = 0;
  found = new Map();

  constructor(text) {
    this.#text = text;
    this.#space();
  }

  get isAtEnd() {
    return this.#at === this.#text.length;
  }

  /** Reads an object, and the white space behind it. */
  object(plan) {
    this.#take("{");
    const names = new Set();
    let more = !this.#isNext("}");
    while (more) {
      const name = this.#string();
      this.#take(":");
      if (plan.has(name)) {
        if (names.has(name)) throw malformed();
        names.add(name);
        this.#planned(plan.get(name));
      } else this.#skip();
      more = this.#isNext(",");
      if (!more) this.#take("}");
    }
  }

  #planned(plan) {
    const first = this.#text[this.#at];
    if (typeof plan !== "string") {
      if (first === "{") this.object(plan);
      else this.#skip();
    } else if (first === '"') this.found.set(plan, this.#string());
    else {
      if (first !== NULL) this.found.set(plan, undefined);
      this.#skip();
    }
  }

  /** Passes over a value of any depth, in a loop: an event must not be able to use up the stack. */
  #skip() {
    const closing = [];
    do {
      if (this.#isNext("{")) {
        if (!this.#isNext("}")) {
          closing.push("}");
          this.#name();
          continue;
        }
      } else if (this.#isNext("[")) {
        if (!this.#isNext("]")) {
          closing.push("]");
          continue;
        }
      } else if (this.#text[this.#at] === '"') this.#quoted();
      else this.#scalar();
      while (closing.length > 0 && !this.#isNext(",")) this.#take(closing.pop());
      if (closing.at(-1) === "}") this.#name();
    } while (closing.length > 0);
  }

  #name() {
    this.#quoted();
    this.#take(":");
  }

  /** A string of whole characters. */
  #string() {
    const string = JSON.parse(this.#quoted());
    if (!string.isWellFormed()) throw malformed();
    return string;
  }

  /** A string as it is written. */
  #quoted() {
    if (this.#text[this.#at] !== '"') throw malformed();
    MARK.lastIndex = this.#at + 1;
    let mark;
    do {
      mark = MARK.exec(this.#text)?.[0] ?? "";
      if (mark !== '"' && mark.length < 2) throw malformed();
    } while (mark !== '"');
    const quoted = this.#text.slice(this.#at, MARK.lastIndex);
    this.#at = MARK.lastIndex;
    this.#space();
    return quoted;
  }

  #scalar() {
    SCALAR.lastIndex = this.#at;
    if (!SCALAR.test(this.#text)) throw malformed();
    this.#at = SCALAR.lastIndex;
    this.#space();
  }

  #take(mark) {
    if (!this.#isNext(mark)) throw malformed();
  }

  /** Whether a mark is next, which is then passed over with the white space behind it. */
  #isNext(mark) {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    this.#space();
    return true;
  }

  #space() {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }
}

function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed();
  }
}

function malformed() {
  return new InterdictError("malformed", "the event is not one JSON object that has each member once");
}
