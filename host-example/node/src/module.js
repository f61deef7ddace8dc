import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { checkContract, foreign } from "./contract.js";
import { InterdictError } from "./errors.js";

const PACKED = fileURLToPath(new URL("../interdict.wasm", import.meta.url));
const COMMITTED = fileURLToPath(new URL("../../../wasm/dist/interdict.wasm", import.meta.url));
const IN_REPOSITORY = fileURLToPath(new URL("../../rust/Cargo.toml", import.meta.url));

let builtIn;

/**
 * The module, compiled once and checked before anything of it runs. Threads of one program share the compiled
 * code: post `module.shared()` to a worker and call `Module.received()` there.
 */
export class Module {
  /** @param {Uint8Array} bytes The file's bytes. */
  constructor(bytes) {
    if (!(bytes instanceof Uint8Array)) throw new InterdictError("invalid", "a module is made of bytes");
    if (typeof WebAssembly === "undefined") throw foreign("this Node runs without WebAssembly (--jitless)");
    const own = Uint8Array.from(bytes);
    /** @readonly The compiled code. */
    this.compiled = compile(own);
    checkContract(this.compiled, own);
    /** @readonly SHA-256 of the file, in hexadecimal. */
    this.sha256 = createHash("sha256").update(own).digest("hex");
    Object.freeze(this);
  }

  /** The module of this package. It is compiled at the first call. */
  static builtIn() {
    builtIn ??= new Module(readFileSync(builtInPath()));
    return builtIn;
  }

  /** The module that another thread gave with {@link Module.shared}. */
  static received(shared) {
    const { compiled, sha256 } = shared ?? {};
    if (!(compiled instanceof WebAssembly.Module) || !/^[0-9a-f]{64}$/.test(sha256)) {
      throw new InterdictError("invalid", "this is not what Module.shared() gave");
    }
    return Object.freeze(Object.assign(Object.create(Module.prototype), { compiled, sha256 }));
  }

  /** What `workerData` and `postMessage` can carry: the compiled code and its digest. */
  shared() {
    return { compiled: this.compiled, sha256: this.sha256 };
  }
}

function compile(bytes) {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw foreign("it does not compile", cause);
  }
}

/**
 * Where the packed module is. `npm pack` puts it into the package; within the repository, which has it once, it is
 * the committed one. An installed package never looks outside its own folder.
 */
function builtInPath() {
  if (!existsSync(PACKED) && existsSync(IN_REPOSITORY)) return COMMITTED;
  return PACKED;
}
