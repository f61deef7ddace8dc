import { decoded } from "./text.js";

/**
 * Compiles the file at an address while it arrives.
 *
 * @param {string} address
 */
export async function fetchedModule(address) {
  // Vite's library mode puts files into the script, and a page's policy may forbid fetching `data:`.
  if (address.startsWith("data:"))
    return await WebAssembly.compile(decoded(address.slice(address.indexOf(",") + 1)));
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the module's file answers ${response.status}`);
  // Some servers send .wasm without a type or with a wrong one, and streaming refuses that.
  const type = response.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  if (type === "application/wasm" && WebAssembly.compileStreaming)
    return await WebAssembly.compileStreaming(response);
  return await WebAssembly.compile(await response.arrayBuffer());
}
