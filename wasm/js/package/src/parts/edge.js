import texts from "../../generated/texts/en.js";
import { EdgeEngine } from "../edge.js";
import { openStorage } from "../storage/browser.js";

/** What every entry of the small build has in common. */
export const edge = {
  build: "edge",
  texts,
  newEngine: (module, snapshot) => new EdgeEngine(module, snapshot),
  storage: openStorage,
};
