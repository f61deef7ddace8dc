import { Screener } from "@interdict/checkout";
import trial from "@interdict/checkout/trial";
import { ask } from "./ask.js";

export default {
  async fetch() {
    return Response.json(await ask(Screener, trial));
  },
};
