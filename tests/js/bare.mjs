// The module's functions as a host in any language calls them: numbers, and bytes of its memory.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { encode } from "./raw.mjs";

const committed = new URL("../../wasm/dist/interdict.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(committed));
const fixtures = new URL("../../fixtures/generation/", import.meta.url);
const repository = new URL("../../fixtures/repositories/sample/", import.meta.url);
const saved = new Map(
  readdirSync(new URL("files/", fixtures)).map((name) => {
    const path = new URL(`files/${encodeURIComponent(name)}`, fixtures);
    return [name, readFileSync(path)];
  }),
);

/** 2026-11-22, when nothing of the fixtures is fresh any more. */
export const NOW = 1_795_309_323;

export const OPERATIONS = ["configure", "poll", "supply", "screen", "screen_batch", "state", "describe"];

const decoder = new TextDecoder();

/** An instance with a buffer for messages and one for answers. */
export class Bare {
  exports = new WebAssembly.Instance(module, {}).exports;

  constructor(size = 1 << 16) {
    this.size = size;
    this.input = this.exports.interdict_alloc(size);
    this.out = this.exports.interdict_alloc(size);
  }

  bytes(pointer, length) {
    return new Uint8Array(this.exports.memory.buffer, pointer, length);
  }

  /** Calls an operation with a text or an object; what it returns. */
  call(operation, message, { now = NOW, out = this.out, capacity = this.size } = {}) {
    const bytes = encode(typeof message === "string" ? message : JSON.stringify(message));
    this.bytes(this.input, bytes.length).set(bytes);
    return this.exports[`interdict_${operation}`](this.input, bytes.length, now, out, capacity);
  }

  /** The text in the answer's buffer. */
  text(length, pointer = this.out) {
    return decoder.decode(this.bytes(pointer, length));
  }

  /** The text up to the first zero byte, as a host in C reads it. */
  terminated() {
    const all = this.bytes(this.out, this.size);
    return this.text(all.indexOf(0));
  }

  file(bytes) {
    const pointer = this.exports.interdict_file_begin(bytes.length);
    this.bytes(pointer, bytes.length).set(bytes);
  }

  /** A fact of `interdict_walk`: a number, or with `text` a text. */
  walk(question, text) {
    const answer = this.exports.interdict_walk(question, this.out, text ? this.size : 0);
    return text ? this.text(answer) : answer;
  }

  /** Configures the coalition of the fixtures, and returns its name. */
  configure(now) {
    const enrolment = JSON.parse(readFileSync(new URL("enrolment.json", fixtures)));
    const { coalition, lists } = enrolment;
    const coalitions = [{ enrolment, history: "none" }];
    const code = this.call("configure", { coalitions, policy: { required: { [coalition]: lists } } }, { now });
    if (code < 0) throw new Error(`configure: ${code}`);
    return { coalition };
  }

  /** Configures it, and loads its saved files without reading JSON. */
  load(now) {
    const { coalition } = this.configure(now);
    this.#take(coalition, "store", now, (name) => saved.get(name));
  }

  /** Updates from the coalition's repository, in which nothing is newer. */
  refresh(now, coalition = "se") {
    this.#take(coalition, "repository", now, (_, path) => {
      const file = new URL(path, repository);
      return existsSync(file) && readFileSync(file);
    });
  }

  #take(coalition, begin, now, find) {
    let code = this.call("poll", { coalition, begin }, { now });
    for (let name; (name = this.walk(1, true)) !== ""; ) {
      const file = find(name, this.walk(2, true));
      if (file) this.file(file);
      const outcome = file ? "bytes" : "not_found";
      code = Math.min(code, this.call("supply", { coalition, name, outcome }, { now }));
    }
    if (this.walk(5) !== 1) throw new Error("the files do not make up a list");
    if (code < 0) throw new Error(`${code}`);
  }
}
