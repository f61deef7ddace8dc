import { initSync, Interdict } from "../../generated/interdict.js";
import bytes from "../bytes/full.js";
import { fullEngine } from "../full.js";
import { compiledText } from "../load/text.js";

/** The build that can everything, in any place: it lies in the script. */
export const full = {
  build: "full",
  compile: /* @__PURE__ */ compiledText(bytes),
  engine: (module) => {
    initSync({ module });
    return new (fullEngine(Interdict))();
  },
};
