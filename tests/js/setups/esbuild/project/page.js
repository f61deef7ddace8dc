import { Screener } from "@interdict/checkout";
import trial from "@interdict/checkout/trial";
import { ask, tell } from "./ask.js";

tell(ask(Screener, trial));
