// What wasm-bindgen made of the core, from the package's folder `generated`, ready to use.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** `Interdict`, and `initSync`, which gives the memory of the one instance. */
export async function generated(folder) {
  const { Interdict, initSync } = await import(pathToFileURL(resolve(folder, "interdict.js")));
  initSync({ module: readFileSync(join(folder, "interdict_bg.wasm")) });
  return { Interdict, initSync };
}
