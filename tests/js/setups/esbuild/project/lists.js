import { Screener } from "@interdict/checkout";
import trial from "@interdict/checkout/trial";
import { askThroughWorker, tell } from "./ask.js";

const worker = new Worker("./lists-worker.js");
tell(askThroughWorker(Screener, trial, worker));
