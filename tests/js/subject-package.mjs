// Subject: what wasm-bindgen made of the core, in Node. node subject-package.mjs <generated> <fixtures>

import { generated } from "./generated.mjs";
import { Packaged } from "./packaged.mjs";
import { serve } from "./subject.mjs";

const [folder, fixtures] = process.argv.slice(2);
const { Interdict } = await generated(folder);
await serve(() => new Packaged(Interdict), fixtures);
