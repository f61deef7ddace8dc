import { tell } from "./ask.js";

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
tell(
  new Promise((done, failed) => {
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = ({ message }) => failed(new Error(message));
  }),
);
