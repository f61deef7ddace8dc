// Subject: the generated package in Node. node subject-package.mjs <package> <fixtures>

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Packaged } from "./packaged.mjs";
import { serve } from "./subject.mjs";

const [folder, fixtures] = process.argv.slice(2);
const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const { Interdict } = await import(pathToFileURL(resolve(folder, exports["."].node)));
await serve(() => new Packaged(Interdict), fixtures);
