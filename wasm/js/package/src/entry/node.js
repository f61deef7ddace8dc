// For Node and what is like it. No file is read by its path: a server's bundler moves this script elsewhere.
import { full } from "../parts/full.js";
import { screenerClass } from "../screener.js";

export { InterdictError } from "../errors.js";
export const Screener = /* @__PURE__ */ screenerClass(full);
