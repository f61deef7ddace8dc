// Subject: the generated package in Node. node subject-package.mjs <fixtures> <package>

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Packaged } from "./packaged.mjs";
import { serve } from "./subject.mjs";

const [fixtures, folder] = process.argv.slice(2);
const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const { Interdict } = await import(pathToFileURL(resolve(folder, exports["."].node)));
await serve(() => new Packaged(Interdict), fixtures);
