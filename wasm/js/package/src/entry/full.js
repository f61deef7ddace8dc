// For pages that need more than the small build offers.
import { full } from "../parts/full.js";
import { screenerClass } from "../screener.js";
import { openStorage } from "../storage/browser.js";

export { InterdictError } from "../errors.js";
export const Screener = screenerClass({ ...full, storage: openStorage });
