// Runs in the page of subject-chromium.mjs: `begin` makes the build's engine, `answer` runs one step.

import { EdgeEngine } from "/src/edge.js";
import { Packaged } from "./packaged.mjs";
import { encode, RawModule } from "./raw.mjs";

let renew;
let engine;
/** No page describes anything, so the package's own engine has no method for it. */
let lacksDescribe;

globalThis.begin = async (build) => {
  renew = await RENEWALS[build]();
  lacksDescribe = build === "edge";
  engine = renew();
};

globalThis.answer = ({ op, in: text, in_base64: base64, file_base64: file, now }) => {
  if (op === "new") {
    engine = renew();
    return { code: 0, out: "" };
  }
  if ((text === undefined) === (base64 === undefined)) throw new Error("a step has in or in_base64");
  if (op === "describe" && lacksDescribe) return { code: null, unsupported: true };
  return engine.call(op, text === undefined ? decoded(base64) : encode(text), file && decoded(file), now);
};

/** By build, what makes another engine. */
const RENEWALS = {
  async edge() {
    const module = await compiled();
    return () => new Packaged(edgeClass(module));
  },
  async module() {
    const module = await compiled();
    return () => new RawModule(module);
  },
  async full() {
    const { default: init, Interdict } = await import("/full/interdict.js");
    await init({ module_or_path: "/full/interdict_bg.wasm" });
    return () => new Packaged(Interdict);
  },
};

function compiled() {
  return WebAssembly.compileStreaming(fetch("/edge.wasm"));
}

/** The engine of pages with the errors of the class that wasm-bindgen makes, which packaged.mjs takes. */
function edgeClass(module) {
  return class {
    #engine = new EdgeEngine(module);

    constructor() {
      for (const name of ["configure", "poll", "screen", "state"])
        this[name] = (...given) => translated(() => this.#engine[name](...given));
    }

    supply(message, file, now) {
      return translated(() => this.#engine.supply(message, file, now));
    }
  };
}

function translated(run) {
  try {
    return run();
  } catch (error) {
    if (error?.name !== "InterdictError" || error.number === undefined) throw error;
    const { number: code, code: codeName, message } = error;
    throw Object.assign(new Error(message), { name: "InterdictError", code, codeName });
  }
}

function decoded(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
