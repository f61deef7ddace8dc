import { Screener } from "@interdict/checkout";
import { ask, tell } from "./ask.js";

tell(ask(Screener));
