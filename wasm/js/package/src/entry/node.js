// For Node and what is like it. The package reads none of its files by their path: a server's bundler moves this script.
import { full } from "../parts/full.js";
import { screenerClass } from "../screener.js";
import { openStorage } from "../storage/node.js";
import trial from "../trial.js";

export { InterdictError } from "../errors.js";
export const Screener = screenerClass({ ...full, storage: openStorage, trial });
