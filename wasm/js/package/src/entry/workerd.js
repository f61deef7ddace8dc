// Cloudflare's Workers compile nothing at run time: the module comes compiled, by an import.
import own from "./interdict-edge.wasm";
import { compileWith } from "../load/module.js";
import { edge } from "../parts/edge.js";
import { screenerClass } from "../screener.js";

export { InterdictError } from "../errors.js";
export const Screener = screenerClass({ ...edge, compile: compileWith(async () => own) });
