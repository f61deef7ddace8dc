// For pages that are built for production. Vite and Turbopack define `import.meta.env`: they copy the
// module's file and drop the text. Rollup asks for the same conditions, but defines nothing and copies no
// files.
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
