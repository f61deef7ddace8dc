import { __wbg_reset_state as reset, initSync, Interdict } from "../../generated/interdict.js";
import texts from "../../generated/texts/en.js";
import bytes from "../bytes/full.js";
import { fullEngine } from "../full.js";
import { compileWith } from "../load/module.js";
import { unpackedModule } from "../load/text.js";

const FullEngine = fullEngine(Interdict, reset);

/** The build with everything, except where it stores. The module is inside the script. */
export const full = {
  build: "full",
  texts,
  compile: compileWith(() => unpackedModule(bytes)),
  newEngine: (module) => {
    initSync({ module });
    return new FullEngine();
  },
};
