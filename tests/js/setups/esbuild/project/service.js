import { Screener } from "@interdict/checkout";
import trial from "@interdict/checkout/trial";
import { ask } from "./ask.js";

addEventListener("message", (event) => {
  const [port] = event.ports;
  const answer = ask(Screener, trial).then(
    (value) => port.postMessage(value),
    (error) => port.postMessage({ error: String(error) }),
  );
  event.waitUntil(answer);
});
