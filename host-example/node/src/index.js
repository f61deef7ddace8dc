export { InterdictError, KINDS } from "./errors.js";
export { Instance, NO_VERDICT } from "./instance.js";
export { Module } from "./module.js";
