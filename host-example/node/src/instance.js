import { foreign, LATER, NEEDED, OPERATIONS } from "./contract.js";
import { InterdictError } from "./errors.js";
import { encoded } from "./text.js";

const BUFFER = 16 << 10;
const MAX_BUFFER = 64 << 20;
const PAGE = 64 << 10;
const POISONED = -4;
const MAJOR = 1;
/** {@link Instance.verdict} if the last operation was no `screen` that gave a verdict. */
export const NO_VERDICT = 60;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder();

/**
 * One engine with its two buffers, for one call at a time. After a trap it answers nothing more: throw it away.
 * A {@link Gateway} does all of this.
 */
export class Instance {
  #module;
  #functions = {};
  #memory;
  #input;
  #output;
  #isTrapped = false;
  #minor;

  /**
   * @param {Module} module
   * @param {Instance} [loaded] One of the same module to copy: lists, keys and buffers. No call may be under way in it.
   */
  constructor(module, loaded) {
    this.#module = module;
    const exports = started(module);
    this.#memory = exports.memory;
    for (const [name, parameters] of Object.entries({ ...NEEDED, ...LATER })) {
      const found = exports[`interdict_${name}`];
      if (found === undefined && name in LATER) continue;
      if (typeof found !== "function" || found.length !== parameters)
        throw foreign(`interdict_${name} is another function`);
      this.#functions[name] = found;
    }
    const version = this.#run("abi_version");
    if (version >> 16 !== MAJOR) throw foreign("it speaks another major version of the ABI");
    this.#minor = version & 0xffff;
    if (loaded) return this.#copy(loaded);
    this.#input = this.#allocated(BUFFER);
    this.#output = this.#allocated(BUFFER);
  }

  /** Another instance of the same module with the same lists, keys and choices. It costs a copy of the memory. */
  clone() {
    return new Instance(this.#module, this);
  }

  /**
   * Runs one operation of docs/abi.md.
   *
   * @param {string} operation
   * @param {string | Uint8Array | object} message JSON, or an object to write as JSON.
   * @param {number} now Seconds since 1970.
   * @returns {Uint8Array} The answer, a copy.
   */
  call(operation, message, now) {
    const length = this.#ask(operation, message, now);
    // Only now: a large answer exchanges the buffer.
    return this.#bytes(this.#output, length).slice();
  }

  /** The same, and reads the answer as text. */
  callText(operation, message, now) {
    return this.#text(this.#ask(operation, message, now));
  }

  /** The same, without reading the answer: its length in bytes. */
  callLength(operation, message, now) {
    return this.#ask(operation, message, now);
  }

  /** The number of the last verdict (docs/abi.md). Pass only if it is 10 to 29. */
  verdict() {
    if (this.#isTrapped || !this.#functions.verdict) return NO_VERDICT;
    return this.#run("verdict");
  }

  /** Puts a file into the open region, for the next `supply`. */
  file(bytes) {
    const pointer = this.#run("file_begin", bytes.length);
    if (pointer <= 0) throw new InterdictError("invalid", "the module has no room for the file");
    this.#bytes({ pointer, length: bytes.length }, bytes.length).set(bytes);
  }

  /** Whether it must be thrown away. */
  get isTrapped() {
    return this.#isTrapped;
  }

  /** The minor version of the ABI that it speaks. */
  get minor() {
    return this.#minor;
  }

  /** The size of its memory in bytes. */
  get memorySize() {
    return this.#memory.buffer.byteLength;
  }

  #ask(operation, message, now) {
    if (!OPERATIONS.includes(operation))
      throw new InterdictError("invalid", "docs/abi.md has no such operation");
    if (!Number.isInteger(now) || now < 0 || now > 0xffff_ffff) {
      throw new InterdictError("invalid", "a time is whole seconds since 1970");
    }
    const size = this.#put(message);
    const { pointer, length: room } = this.#output;
    const length = this.#run(operation, this.#input.pointer, size, now, pointer, room);
    if (length < 0) throw this.#refusal(length);
    if (length <= room) return length;
    // The operation has run; only its answer did not fit.
    this.#output = this.#exchanged(this.#output, length);
    if (this.#run("result", this.#output.pointer, this.#output.length) !== length) {
      throw new InterdictError("answer", "the module does not hand out its answer");
    }
    return length;
  }

  /** Writes a message into the buffer. Text is encoded in place if it is sure to fit. */
  #put(message) {
    const source = encoded(message);
    const most = typeof source === "string" ? source.length * 3 : source.length;
    if (typeof source === "string" && most <= this.#input.length) {
      return encoder.encodeInto(source, this.#bytes(this.#input, this.#input.length)).written;
    }
    const bytes = typeof source === "string" ? encoder.encode(source) : source;
    if (bytes.length > this.#input.length) this.#input = this.#exchanged(this.#input, bytes.length);
    this.#bytes(this.#input, bytes.length).set(bytes);
    return bytes.length;
  }

  #refusal(code) {
    if (code === POISONED) {
      this.#isTrapped = true;
      return new InterdictError("trapped", "the module trapped before");
    }
    const told = this.#run("last_error", this.#output.pointer, this.#output.length);
    const sentence = lenient.decode(this.#bytes(this.#output, clamp(told, this.#output.length)));
    const { name, path, receipt } = this.#errorObject(code);
    return new InterdictError("refused", sentence, { code, name, path, receipt });
  }

  /** What the module says about a refusal as JSON. A module that has no such object gives nothing. */
  #errorObject(code) {
    let length = this.#run("result", this.#output.pointer, this.#output.length);
    if (length > this.#output.length) {
      this.#output = this.#exchanged(this.#output, length);
      length = this.#run("result", this.#output.pointer, this.#output.length);
    }
    if (length <= 0) return {};
    try {
      const { error } = JSON.parse(this.#text(length));
      return error.code === code ? error : {};
    } catch {
      return {};
    }
  }

  #run(name, ...numbers) {
    if (this.#isTrapped) throw new InterdictError("trapped", "the module trapped before");
    let result;
    try {
      result = this.#functions[name](...numbers);
    } catch (cause) {
      // A trap, a stack that ran out, or memory that the system does not give.
      this.#isTrapped = true;
      throw new InterdictError("trapped", "the module trapped", { cause });
    }
    if (typeof result !== "bigint") return result;
    throw foreign(`interdict_${name} gives a number of 64 bits`);
  }

  #allocated(length) {
    if (length > MAX_BUFFER) throw new InterdictError("invalid", "the message is larger than any may be");
    const pointer = this.#run("alloc", length);
    if (pointer <= 0) throw new InterdictError("invalid", "the module has no room for the message");
    return { pointer, length };
  }

  #exchanged(old, length) {
    const larger = this.#allocated(Math.min(MAX_BUFFER, Math.max(length, 2 * old.length)));
    this.#run("free", old.pointer, old.length);
    return larger;
  }

  /** A view of a buffer. It is made anew each time: a call that grows memory takes all views away. */
  #bytes({ pointer }, length) {
    const { buffer } = this.#memory;
    if (pointer < 0 || pointer + length > buffer.byteLength) {
      throw new InterdictError("answer", "the module gave a pointer outside its memory");
    }
    return new Uint8Array(buffer, pointer, length);
  }

  #text(length) {
    try {
      return decoder.decode(this.#bytes(this.#output, length));
    } catch (cause) {
      throw new InterdictError("answer", "the module's answer is no text", { cause });
    }
  }

  /** The only global that changes is the stack pointer, and between calls it is the same in both. */
  #copy(loaded) {
    if (loaded.#isTrapped) throw new InterdictError("trapped", "an instance that trapped cannot be copied");
    const missing = loaded.memorySize - this.memorySize;
    try {
      if (missing > 0) this.#memory.grow(missing / PAGE);
      new Uint8Array(this.#memory.buffer).set(new Uint8Array(loaded.#memory.buffer));
    } catch (cause) {
      this.#isTrapped = true;
      throw new InterdictError("trapped", "there is no memory for another instance", { cause });
    }
    this.#input = loaded.#input;
    this.#output = loaded.#output;
  }
}

function started(module) {
  try {
    return new WebAssembly.Instance(module.compiled, {}).exports;
  } catch (cause) {
    throw foreign("it does not start", cause);
  }
}

const clamp = (value, most) => Math.max(0, Math.min(value, most));
