import { kept } from "./kept.js";
import { decoded } from "./text.js";

/**
 * Compiles the module's file while it arrives.
 *
 * @param {URL} url
 */
export function compiledFile(url) {
  return kept(() => (url.protocol === "data:" ? compiledData(url) : fetched(url)));
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the module's file answers ${response.status}`);
  // Many servers give .wasm no type or a wrong one, and streaming refuses that.
  const type = response.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  if (type === "application/wasm" && WebAssembly.compileStreaming) return await WebAssembly.compileStreaming(response);
  return await WebAssembly.compile(await response.arrayBuffer());
}

/** A bundler in library mode puts files into the script. A page's policy may forbid to fetch them from there. */
async function compiledData(url) {
  return await WebAssembly.compile(decoded(url.href.slice(url.href.indexOf(",") + 1)));
}
