import { tell } from "./ask.js";

async function answered() {
  await navigator.serviceWorker.register("./service.js");
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((done) => {
    port1.onmessage = ({ data }) => done(data);
  });
  active.postMessage("ask", [port2]);
  return await answer;
}

tell(answered());
