// For pages whose bundler copies no files: the module is inside the script.
import bytes from "../bytes/edge.js";
import { compileWith } from "../load/module.js";
import { unpackedModule } from "../load/text.js";
import { edge } from "../parts/edge.js";
import { screenerClass } from "../screener.js";

export { InterdictError } from "../errors.js";
export const Screener = screenerClass({ ...edge, compile: compileWith(() => unpackedModule(bytes)) });
