import { inflated } from "./inflate.js";

/**
 * Compiles a module that lies in the script itself.
 *
 * @param {string} text The file as base64 of gzip.
 */
export async function unpackedModule(text) {
  return await WebAssembly.compile(await unpacked(decoded(text)));
}

/** The bytes that a text in base64 stands for. */
export function decoded(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The content of a gzip file. Browsers before 2023 lack `DecompressionStream`. */
async function unpacked(bytes) {
  if (typeof DecompressionStream === "undefined") return inflated(bytes);
  const content = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(content).arrayBuffer();
}
