// Subject: the committed module in Node. node subject-node.mjs <fixtures> [module]

import { readFileSync } from "node:fs";
import { RawModule } from "./raw.mjs";
import { serve } from "./subject.mjs";

const [fixtures, path = new URL("../../wasm/dist/interdict.wasm", import.meta.url)] =
  process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(path));
if (WebAssembly.Module.imports(module).length !== 0)
  throw new Error("the module imports something");
await serve(() => new RawModule(module), fixtures);
