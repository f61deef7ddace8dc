// For pages that are built for production. Vite and Turbopack bring the module's file along and drop the text; they say
// what `import.meta.env` is. A bundler that asks for the same conditions and knows nothing of files does not: Rollup.
import bytes from "../bytes/edge.js";
import { fetchedModule } from "../load/file.js";
import { compileWith } from "../load/module.js";
import { unpackedModule } from "../load/text.js";
import { edge } from "../parts/edge.js";
import { screenerClass } from "../screener.js";

const compileOwn = import.meta.env?.PROD
  ? () => fetchedModule(new URL("./interdict-edge.wasm", import.meta.url).href)
  : () => unpackedModule(bytes);

export { InterdictError } from "../errors.js";
export const Screener = screenerClass({ ...edge, compile: compileWith(compileOwn) });
