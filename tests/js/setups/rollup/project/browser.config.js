import resolve from "@rollup/plugin-node-resolve";

export default {
  input: "page.js",
  output: { dir: "built", format: "iife" },
  plugins: [resolve({ browser: true })],
};
