import { fetchedModule } from "./file.js";

/**
 * What a screener compiles with: this package's own module, once, or the one that it is given. If the own one
 * fails, the next call tries again.
 *
 * @param {() => Promise<WebAssembly.Module>} compileOwn
 * @returns {(given?: WebAssembly.Module | ArrayBuffer | Uint8Array | URL | string) =>
 *   Promise<WebAssembly.Module>}
 */
export function compileWith(compileOwn) {
  let own;
  return (given) => {
    if (given !== undefined) return givenModule(given);
    own ??= compileOwn().catch((error) => {
      own = undefined;
      throw error;
    });
    return own;
  };
}

async function givenModule(given) {
  if (given instanceof WebAssembly.Module) return given;
  if (given instanceof URL || typeof given === "string") return await fetchedModule(String(given));
  return await WebAssembly.compile(given);
}
