export type * from "./interdict.js";
export { Interdict } from "./interdict.js";
