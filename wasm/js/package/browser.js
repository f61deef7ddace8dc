// Browsers and bundlers: interdict.js fetches the module from beside itself.
import init from "./interdict.js";

await init();

export { Interdict } from "./interdict.js";
