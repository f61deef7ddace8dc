/**
 * Compiles a module that is inside the script.
 *
 * @param {string} text The file as base64 of gzip.
 */
export async function unpackedModule(text) {
  return await WebAssembly.compile(await unpacked(decoded(text)));
}

/** Bytes from base64. */
export function decoded(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * The content of a gzip file. Without `DecompressionStream`, as in browsers before 2023, the module does not
 * load.
 */
async function unpacked(bytes) {
  const content = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(content).arrayBuffer();
}
