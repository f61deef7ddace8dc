// Makes the package, and a new program from it and its README alone, outside the repository. node fresh.mjs [PACKAGES]
//
// With PACKAGES, the package is the one in that folder.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import assert from "node:assert/strict";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const source = join(root, "host-example/node");
const [packages] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "interdict-fresh-"));
/** The lists of the fixtures are fresh at this time. */
const CLOCK =
  "const begun = Date.now(); const now = Date.now; Date.now = () => 1793599200000 + now() - begun;";

try {
  const run = (command, environment = {}) =>
    execFileSync("sh", ["-c", command], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, ...environment },
    });
  if (packages) {
    for (const name of readdirSync(packages).filter((name) => name.startsWith("interdict-host-")))
      cpSync(join(packages, name), join(folder, name));
  } else {
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: source });
    assert.ok(!readdirSync(source).includes("interdict.wasm"), "what was copied for the package is gone");
  }
  writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}');
  writeFileSync(join(folder, "clock.mjs"), CLOCK);
  const enrolment = JSON.parse(readFileSync(join(root, "fixtures/generation/enrolment.json"), "utf8"));
  cpSync(join(root, "fixtures/repositories/sample"), join(folder, "lists"), { recursive: true });
  writeFileSync(join(folder, "se.enrolment.json"), JSON.stringify({ ...enrolment, repository: "lists" }));

  const readme = readFileSync(join(source, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)].map(([, language, name, text]) => ({
    language,
    name,
    text,
  }));
  const told = [];
  for (const { language, name, text } of blocks) {
    if (language === "sh")
      told.push(
        run(`${text} 2>&1`, { NODE_OPTIONS: `--import ${pathToFileURL(join(folder, "clock.mjs"))}` }),
      );
    else writeFileSync(join(folder, name), text);
  }
  told.push(run("node --import ./clock.mjs door.mjs 2>&1"));
  const [installed, screened, threads, door] = told;
  assert.match(installed, /added 1 package/);
  assert.match(screened, /outcome: 'updated'/);
  assert.match(screened, /block refuse/);
  assert.equal(threads, "block\n");
  assert.match(door, /pass hold/);
  assert.match(door, /refused: /);

  const packed = readdirSync(join(folder, "node_modules/interdict-host")).sort();
  assert.deepEqual(packed, [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "interdict.wasm",
    "package.json",
    "src",
  ]);
  assert.deepEqual(
    readFileSync(join(folder, "node_modules/interdict-host/interdict.wasm")),
    readFileSync(join(root, "wasm/dist/interdict.wasm")),
  );
  console.log("a fresh program from the package and its README screens merchants");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
