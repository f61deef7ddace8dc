// For pages whose bundler, or nobody, brings the module's file along beside this script.
import { compileWith } from "../load/module.js";
import { fetchedModule } from "../load/file.js";
import { edge } from "../parts/edge.js";
import { screenerClass } from "../screener.js";

export { InterdictError } from "../errors.js";
export const Screener = screenerClass({
  ...edge,
  compile: compileWith(() => fetchedModule(new URL("./interdict-edge.wasm", import.meta.url).href)),
});
