// For pages that are built for production. Vite and Turbopack bring the module's file along and drop the text; they say
// what `import.meta.env` is. A bundler that asks for the same conditions and knows nothing of files does not: Rollup.
import bytes from "../bytes/edge.js";
import { EdgeEngine } from "../edge.js";
import { compiledFile } from "../load/file.js";
import { compiledText } from "../load/text.js";
import { screenerClass } from "../screener.js";

export { InterdictError } from "../errors.js";
export const Screener = /* @__PURE__ */ screenerClass({
  build: "edge",
  compile: import.meta.env?.PROD
    ? /* @__PURE__ */ compiledFile(new URL("./interdict-edge.wasm", import.meta.url))
    : /* @__PURE__ */ compiledText(bytes),
  engine: (module) => new EdgeEngine(module),
});
