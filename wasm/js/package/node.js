// Node: the module lies beside this file.
import { readFileSync } from "node:fs";
import { initSync } from "./interdict.js";

initSync({ module: readFileSync(new URL("./interdict_bg.wasm", import.meta.url)) });

export { Interdict } from "./interdict.js";
