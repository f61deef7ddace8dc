// The module's plain ABI (docs/abi.md) with objects for messages. `full.js` gives the same shape to the other build.

import { InterdictError } from "./errors.js";

const OPERATIONS = ["configure", "poll", "supply", "screen", "state"];
const OTHERS = ["abi_v1", "abi_version", "alloc", "free", "file_begin", "result", "last_error"];
const MAJOR = 1;
const BUFFER = 16 << 10;
const PAGE = 64 << 10;
const POISONED = -4;

/** One engine. After a trap it answers nothing more. */
export class EdgeEngine {
  #module;
  #exports;
  #input;
  #output;
  #isTrapped = false;
  #encoder = new TextEncoder();
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  /**
   * @param {WebAssembly.Module} module
   * @param {object} [snapshot] What {@link EdgeEngine.snapshot} of another engine of the same module gave.
   */
  constructor(module, snapshot) {
    this.#module = module;
    this.#exports = started(module);
    if (this.#call("abi_version") >> 16 !== MAJOR) throw foreign("it speaks another major version of the ABI");
    if (snapshot) this.#copy(snapshot);
    else {
      this.#input = this.#buffer(BUFFER);
      this.#output = this.#buffer(BUFFER);
    }
  }

  /** Whether it must be thrown away. */
  get isTrapped() {
    return this.#isTrapped;
  }

  configure(message, now) {
    return this.#ask("configure", message, now);
  }

  poll(message, now) {
    return this.#ask("poll", message, now);
  }

  supply(message, file, now) {
    if (file) {
      const pointer = this.#call("file_begin", file.length);
      if (pointer <= 0) return this.#ask("supply", { ...message, outcome: "failed" }, now);
      this.#view(pointer, file.length).set(file);
    }
    return this.#ask("supply", message, now);
  }

  screen(message, now) {
    return this.#ask("screen", message, now);
  }

  state(now) {
    return this.#ask("state", {}, now);
  }

  /** Lists, keys and buffers, for another engine of the same module. It is a copy that can be transferred. */
  snapshot() {
    return { memory: this.#exports.memory.buffer.slice(0), input: this.#input, output: this.#output };
  }

  /** Another engine that answers the same. */
  clone() {
    return new EdgeEngine(this.#module, {
      memory: this.#exports.memory.buffer,
      input: this.#input,
      output: this.#output,
    });
  }

  #ask(operation, message, now) {
    const size = this.#put(this.#encoder.encode(JSON.stringify(message)));
    const { pointer, length: room } = this.#output;
    const length = this.#call(operation, this.#input.pointer, size, now, pointer, room);
    if (length < 0) throw this.#refusal(length);
    if (length > room) this.#fetchAnswer(length);
    return this.#read(length);
  }

  #put(bytes) {
    if (bytes.length > this.#input.length) this.#input = this.#larger(this.#input, bytes.length);
    this.#view(this.#input.pointer, bytes.length).set(bytes);
    return bytes.length;
  }

  /** The operation has run, and its answer did not fit. */
  #fetchAnswer(length) {
    this.#output = this.#larger(this.#output, length);
    if (this.#call("result", this.#output.pointer, this.#output.length) !== length)
      throw new InterdictError("answer", "the module does not hand out its answer");
  }

  #read(length) {
    try {
      return JSON.parse(this.#decoder.decode(this.#view(this.#output.pointer, length)));
    } catch (cause) {
      throw new InterdictError("answer", "the module's answer was not understood", { cause });
    }
  }

  #refusal(number) {
    if (number === POISONED) {
      this.#isTrapped = true;
      return new InterdictError("trapped", "the module trapped before", { number });
    }
    const length = this.#call("result", this.#output.pointer, this.#output.length);
    if (length > this.#output.length) this.#fetchAnswer(length);
    const { name, message, path } = this.#read(length).error ?? {};
    return new InterdictError(String(name ?? "refused"), String(message ?? "the module refused"), { number, path });
  }

  #call(name, ...numbers) {
    if (this.#isTrapped) throw new InterdictError("trapped", "the module trapped before");
    try {
      return this.#exports[`interdict_${name}`](...numbers);
    } catch (cause) {
      this.#isTrapped = true;
      throw new InterdictError("trapped", "the module trapped", { cause });
    }
  }

  #buffer(length) {
    const pointer = this.#call("alloc", length);
    if (pointer <= 0) throw new InterdictError("out_of_memory", "the module has no room for the message");
    return { pointer, length };
  }

  #larger(old, length) {
    const larger = this.#buffer(Math.max(length, 2 * old.length));
    this.#call("free", old.pointer, old.length);
    return larger;
  }

  /** Made anew for each use: a call that grows memory takes all views away. */
  #view(pointer, length) {
    return new Uint8Array(this.#exports.memory.buffer, pointer, length);
  }

  #copy({ memory, input, output }) {
    const own = this.#exports.memory;
    const missing = memory.byteLength - own.buffer.byteLength;
    try {
      if (missing > 0) own.grow(missing / PAGE);
      new Uint8Array(own.buffer).set(new Uint8Array(memory));
    } catch (cause) {
      throw new InterdictError("out_of_memory", "there is no memory for another instance", { cause });
    }
    this.#input = input;
    this.#output = output;
  }
}

/** An instance, if the module is one of docs/abi.md: it imports nothing, and has the functions that are called. */
function started(module) {
  if (WebAssembly.Module.imports(module).length > 0) throw foreign("it imports something");
  let exports;
  try {
    ({ exports } = new WebAssembly.Instance(module));
  } catch (cause) {
    throw foreign("it does not start", cause);
  }
  const missing = [...OPERATIONS, ...OTHERS].find((name) => typeof exports[`interdict_${name}`] !== "function");
  if (missing) throw foreign(`it has no function interdict_${missing}`);
  return exports;
}

function foreign(why, cause) {
  return new InterdictError("foreign_module", `the module is not one of docs/abi.md: ${why}`, { cause });
}
