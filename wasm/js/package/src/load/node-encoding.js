// A test runner that imitates a page may lack these (jsdom does); Node has them all the same.
export { TextDecoder, TextEncoder } from "node:util";
