// For `Screener.try` in pages.
export { default } from "../trial.js";
