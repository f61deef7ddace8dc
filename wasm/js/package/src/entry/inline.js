// For pages where nothing can be said about files: the module lies in the script.
import bytes from "../bytes/edge.js";
import { EdgeEngine } from "../edge.js";
import { compiledText } from "../load/text.js";
import { screenerClass } from "../screener.js";

export { InterdictError } from "../errors.js";
export const Screener = /* @__PURE__ */ screenerClass({
  build: "edge",
  compile: /* @__PURE__ */ compiledText(bytes),
  engine: (module) => new EdgeEngine(module),
});
