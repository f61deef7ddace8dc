// The corpus: one raw instance, as fixtures/README.md, "Protocol of a subject", says.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Instance } from "../../../host-example/node/src/index.js";

/** Answers lines with `op`. `file` is a path below the folder of the fixtures. */
export class Subject {
  #module;
  #fixtures;
  #instance;

  constructor(module, fixtures) {
    this.#module = module;
    this.#fixtures = fixtures;
  }

  answer({ op, now, in: text, in_base64: base64, file, file_base64: fileBase64 }) {
    if (op === "new") {
      this.#instance = new Instance(this.#module);
      return { code: 0, out: "" };
    }
    this.#instance ??= new Instance(this.#module);
    if (file !== undefined) this.#instance.file(readFileSync(join(this.#fixtures, file)));
    if (fileBase64 !== undefined) this.#instance.file(Buffer.from(fileBase64, "base64"));
    const message = base64 === undefined ? text : Buffer.from(base64, "base64");
    try {
      return { code: 0, out: this.#instance.callText(op, message, now) };
    } catch (error) {
      if (error.kind !== "refused") throw error;
      return { code: error.code, out: "", error: error.message };
    }
  }
}
