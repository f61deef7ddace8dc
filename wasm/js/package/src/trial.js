// Made-up merchants for trying things out: the lists are real and signed, with keys that everybody knows.

import { begins, bytes, enrolment, texts } from "../generated/trial.js";
import { InterdictError } from "./errors.js";

const STATES = ["fresh", "stale", "empty"];
/** After three days the timestamp has expired; after three more, the list is stale for too long. */
const STALE_DAYS = 10;
const DAY = 86_400_000;
const SESSION = "/v1/checkout/session";

/** Give it to `Screener.try`. */
export default {
  /** @param {"fresh" | "stale" | "empty"} state */
  begin(state) {
    if (!STATES.includes(state)) throw new InterdictError("invalid", `state is ${STATES.join(", ")}`);
    const opened = Date.now();
    let later = 0;
    const now = () => new Date(begins + later + Date.now() - opened);
    const options = { enrolment, policy: { freshMiss: "proceed" }, fetch: state === "empty" ? absent : answer, storage: "memory", now };
    return { options, age: () => (later = state === "stale" ? STALE_DAYS * DAY : 0) };
  },
};

/** As from a repository that has no files. */
function absent(address, options) {
  return new URL(address).pathname.endsWith(SESSION) ? answer(address, options) : Promise.resolve(new Response(null, { status: 404 }));
}

/** The repository's files, and a gateway whose sessions are called `proceed` and `refuse`. */
async function answer(address, { headers } = {}) {
  const { pathname } = new URL(address);
  if (pathname.endsWith(SESSION)) {
    const session = headers?.authorization?.replace("Bearer ", "");
    const isOpen = session === "proceed" || session === "refuse";
    return isOpen ? Response.json({ decision: session }) : new Response(null, { status: 401 });
  }
  const file = pathname.replace(/^\/+/, "");
  if (Object.hasOwn(texts, file)) return new Response(texts[file]);
  if (!Object.hasOwn(bytes, file)) return new Response(null, { status: 404 });
  return new Response(Uint8Array.from(atob(bytes[file]), (character) => character.charCodeAt(0)));
}
