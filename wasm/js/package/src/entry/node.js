// For Node, Deno and servers of frameworks. No file is read by its path, because a server's bundler moves
// this script away from the package's files.
import { full } from "../parts/full.js";
import { screenerClass } from "../screener.js";
import { openStorage } from "../storage/node.js";
import trial from "../trial.js";

export { InterdictError } from "../errors.js";
export const Screener = screenerClass({ ...full, storage: openStorage, trial });
