// The module of docs/abi.md behind a plain WebAssembly API, in Node and in browsers alike.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const INITIAL = 64 << 10;

/** An instance of the module; after a trap it is of no more use. */
export class RawModule {
  #exports;
  #input = { pointer: 0, length: 0 };
  #output = { pointer: 0, length: 0 };

  /** `module` is a compiled WebAssembly.Module. */
  constructor(module) {
    this.#exports = new WebAssembly.Instance(module, {}).exports;
    if (this.#exports.interdict_abi_version() >> 16 !== 1) throw new Error("another ABI");
    this.#input = this.#allocated(this.#input, INITIAL);
    this.#output = this.#allocated(this.#output, INITIAL);
  }

  /** Carries out one operation; `input` and `file` are bytes. */
  call(operation, input, file, now) {
    if (file) {
      const pointer = this.#exports.interdict_file_begin(file.length);
      if (pointer === 0) throw new Error("the module refused the file");
      this.#bytes(pointer, file.length).set(file);
    }
    this.#input = this.#allocated(this.#input, input.length);
    this.#bytes(this.#input.pointer, input.length).set(input);
    const run = this.#exports[`interdict_${operation}`];
    const out = this.#output;
    const code = run(this.#input.pointer, input.length, now, out.pointer, out.length);
    if (code < 0) return { code, out: "", error: this.#text(this.#exports.interdict_last_error) };
    if (code <= out.length) return { code: 0, out: this.#read(code) };
    this.#output = this.#allocated(out, code);
    return { code: 0, out: this.#text(this.#exports.interdict_result) };
  }

  #text(fill) {
    const length = fill(this.#output.pointer, this.#output.length);
    if (length < 0 || length > this.#output.length) throw new Error("the answer does not fit");
    return this.#read(length);
  }

  #read(length) {
    return decoder.decode(this.#bytes(this.#output.pointer, length));
  }

  #bytes(pointer, length) {
    return new Uint8Array(this.#exports.memory.buffer, pointer, length);
  }

  #allocated(buffer, length) {
    if (length <= buffer.length) return buffer;
    if (buffer.pointer !== 0) this.#exports.interdict_free(buffer.pointer, buffer.length);
    const pointer = this.#exports.interdict_alloc(length);
    if (pointer === 0) throw new Error("the module refused a buffer");
    return { pointer, length };
  }
}

/** Encodes text for `call`, which takes bytes only. */
export const encode = (text) => encoder.encode(text);
