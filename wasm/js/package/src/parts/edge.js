import texts from "../../generated/texts/en.js";
import { EdgeEngine } from "../edge.js";
import { openStorage } from "../storage/browser.js";

/** What is the same of the small build in every place. */
export const edge = {
  build: "edge",
  texts,
  newEngine: (module, snapshot) => new EdgeEngine(module, snapshot),
  storage: openStorage,
};
