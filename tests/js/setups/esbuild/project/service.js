import { Screener } from "@interdict/checkout";
import { ask } from "./ask.js";

addEventListener("message", (event) => {
  const [port] = event.ports;
  const answer = ask(Screener).then(
    (value) => port.postMessage(value),
    (error) => port.postMessage({ error: String(error) }),
  );
  event.waitUntil(answer);
});
