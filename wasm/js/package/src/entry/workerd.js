// Workers compile nothing at run time: the module comes compiled, by an import.
import module from "./interdict-edge.wasm";
import { EdgeEngine } from "../edge.js";
import { screenerClass } from "../screener.js";

export { InterdictError } from "../errors.js";
export const Screener = /* @__PURE__ */ screenerClass({
  build: "edge",
  compile: async () => module,
  engine: (module) => new EdgeEngine(module),
});
