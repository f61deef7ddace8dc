// For pages where the module's file is beside this script: without a bundler, or with one that copies files.
import { compileWith } from "../load/module.js";
import { fetchedModule } from "../load/file.js";
import { edge } from "../parts/edge.js";
import { screenerClass } from "../screener.js";

export { InterdictError } from "../errors.js";
export const Screener = screenerClass({
  ...edge,
  compile: compileWith(() => fetchedModule(new URL("./interdict-edge.wasm", import.meta.url).href)),
});
