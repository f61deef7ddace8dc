// What a host accepts of a module: docs/abi.md, "What a host accepts".

import { InterdictError } from "./errors.js";

/** Functions that this host calls, with the number of their parameters. */
export const NEEDED = Object.freeze({
  abi_v1: 0,
  abi_version: 0,
  alloc: 1,
  free: 2,
  file_begin: 1,
  configure: 5,
  poll: 5,
  supply: 5,
  screen: 5,
  screen_batch: 5,
  state: 5,
  describe: 5,
  result: 2,
  last_error: 2,
});

/** Functions of ABI 1.1, which an archived module may lack. */
export const LATER = Object.freeze({ verdict: 0, walk: 3 });

/** Operations of the module: what {@link Instance.call} takes. */
export const OPERATIONS = Object.freeze([
  "configure",
  "poll",
  "supply",
  "screen",
  "screen_batch",
  "state",
  "describe",
]);

const LINKER_GLOBALS = ["__data_end", "__heap_base"];
const MEMORY_SECTION = 5;
const GLOBAL_SECTION = 6;
const EXPORT_SECTION = 7;
const GLOBAL = 3;
/** 1 GiB in pages of 64 KiB. */
const MAX_PAGES = 16_384;

/**
 * Refuses a module that imports something, exports something that is not of the contract, or whose memory has
 * no maximum or one above 1 GiB. Nothing of the module runs.
 */
export function checkContract(compiled, bytes) {
  const [imported] = WebAssembly.Module.imports(compiled);
  if (imported) throw foreign(`it imports ${imported.module}.${imported.name}`);
  const exported = new Map(WebAssembly.Module.exports(compiled).map(({ name, kind }) => [name, kind]));
  for (const name of Object.keys(NEEDED)) {
    if (exported.get(`interdict_${name}`) !== "function")
      throw foreign(`it has no function interdict_${name}`);
  }
  for (const [name, kind] of exported) {
    if (!isOfContract(name, kind))
      throw foreign(`it exports ${JSON.stringify(name)}, which docs/abi.md does not have`);
  }
  if (exported.get("memory") !== "memory") throw foreign("it exports no memory");
  checkMemory(sectionsOf(bytes));
}

function isOfContract(name, kind) {
  if (name === "memory") return kind === "memory";
  if (LINKER_GLOBALS.includes(name)) return kind === "global";
  return kind === "function" && name.startsWith("interdict_");
}

/** The JavaScript API tells neither a memory's maximum nor whether a global may change: the bytes do. */
function checkMemory(sections) {
  const memories = sections.get(MEMORY_SECTION) ?? new Reader(new Uint8Array(1));
  const count = memories.number();
  const flags = count === 1 ? memories.number() : undefined;
  if (flags === undefined) throw foreign("it has no memory of its own, or more than one");
  // 1: with a maximum. Others say shared, of 64 bits, or other pages.
  if (flags !== 1) throw foreign("its memory has no maximum, or is shared or of 64 bits");
  memories.number();
  if (memories.number() > MAX_PAGES) throw foreign("its memory may exceed 1 GiB");
  const mutable = mutableGlobals(sections.get(GLOBAL_SECTION));
  const exports = sections.get(EXPORT_SECTION);
  for (let left = exports.number(); left > 0; left -= 1) {
    const name = exports.text();
    const kind = exports.byte();
    const index = exports.number();
    if (kind === GLOBAL && mutable[index]) throw foreign(`its constant ${name} may change`);
  }
}

/** For each global whether it may change. Linkers begin each with one constant. */
function mutableGlobals(globals) {
  const mutable = [];
  for (let left = globals?.number() ?? 0; left > 0; left -= 1) {
    globals.byte();
    mutable.push(globals.byte() === 1);
    const opcode = globals.byte();
    if (opcode !== 0x41 && opcode !== 0x42) throw foreign("it has a global that begins with no constant");
    globals.number();
    if (globals.byte() !== 0x0b) throw foreign("it has a global that begins with no constant");
  }
  return mutable;
}

function sectionsOf(bytes) {
  const sections = new Map();
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.number();
    if (id !== 0) sections.set(id, new Reader(bytes.subarray(reader.at, reader.at + length)));
    reader.at += length;
  }
  return sections;
}

/** Reads the binary form, which the compiler has found to be well formed. */
class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    const byte = this.bytes[this.at];
    this.at += 1;
    return byte;
  }

  /** LEB128; precise for unsigned ones of 32 bits. */
  number() {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  text() {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}

export function foreign(why, cause) {
  return new InterdictError("foreign_module", `the module is not one of docs/abi.md: ${why}`, { cause });
}
