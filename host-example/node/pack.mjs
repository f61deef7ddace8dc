// Brings into the package what the repository has once: the module and the licences. `--clean` removes them again,
// so that within the repository the committed module is the one that runs.

import { copyFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILES = { "interdict.wasm": "wasm/dist/", "LICENSE-APACHE": "", "LICENSE-MIT": "" };

for (const [name, folder] of Object.entries(FILES)) {
  const here = fileURLToPath(new URL(name, import.meta.url));
  if (process.argv.includes("--clean")) rmSync(here, { force: true });
  else copyFileSync(fileURLToPath(new URL(`../../${folder}${name}`, import.meta.url)), here);
}
