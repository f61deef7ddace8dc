import { Screener } from "@interdict/checkout";
import { ask } from "./ask.js";

ask(Screener).then(postMessage, (error) => postMessage({ error: String(error) }));
