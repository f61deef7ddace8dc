import { Screener } from "@interdict/checkout";
import trial from "@interdict/checkout/trial";
import { ask } from "../ask.js";

ask(Screener, trial).then(postMessage, (error) => postMessage({ error: String(error) }));
