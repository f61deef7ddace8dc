import { Screener } from "@interdict/checkout";
import trial from "@interdict/checkout/trial";
import { askThroughWorker, tell } from "../ask.js";

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
tell(askThroughWorker(Screener, trial, worker));
