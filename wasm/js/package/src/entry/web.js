// For pages whose bundler, or nobody, brings the module's file along beside this script.
import { EdgeEngine } from "../edge.js";
import { compiledFile } from "../load/file.js";
import { screenerClass } from "../screener.js";

export { InterdictError } from "../errors.js";
export const Screener = /* @__PURE__ */ screenerClass({
  build: "edge",
  compile: /* @__PURE__ */ compiledFile(new URL("./interdict-edge.wasm", import.meta.url)),
  engine: (module) => new EdgeEngine(module),
});
