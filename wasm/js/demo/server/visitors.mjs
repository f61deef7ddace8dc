import { randomBytes } from "node:crypto";

/** What a visitor may switch, with the default first. */
export const SWITCHES = Object.freeze({
  /**
   * `offline` cuts every connection; `portal` answers everything with the sign-in page of a network, `portal_midway`
   * everything but the script of the service worker.
   */
  network: ["online", "offline", "portal", "portal_midway"],
  /** Which repository the visitor's lists come from, or what is wrong with them. */
  lists: ["fresh", "older", "rotated", "stale", "tampered", "missing", "portal", "cut", "slow", "foreign"],
  gateway: ["answers", "down", "slow", "garbage", "unauthenticated"],
  /** The page's policy for a name that a fresh list does not have. */
  freshMiss: ["proceed", "ask_gateway"],
  /** Whether the page's content security policy lets WebAssembly run. */
  wasm: ["allowed", "forbidden"],
  /** Where the page loads lists. */
  loads: ["worker", "page"],
});

const KEPT = 60;
const MOST_VISITORS = 1000;
const NAME = /^[0-9a-f]{32}$/;

/** The visitors of the demo: each has switches of its own, and sees what it has sent. */
export class Visitors {
  #visitors = new Map();

  /** The visitor of a request by its cookie, or a new one. */
  of(request) {
    const [, name] = /(?:^|;\s*)visitor=([^;]*)/.exec(request.headers.cookie ?? "") ?? [];
    return this.named(name) ?? this.#add(NAME.test(name ?? "") ? name : randomBytes(16).toString("hex"));
  }

  named(name) {
    return this.#visitors.get(name);
  }

  #add(name) {
    const visitor = new Visitor(name);
    this.#visitors.set(name, visitor);
    if (this.#visitors.size > MOST_VISITORS) this.#visitors.delete(this.#visitors.keys().next().value);
    return visitor;
  }
}

class Visitor {
  /** What of this visitor's requests arrived where, the newest last. */
  sent = [];
  switches = Object.fromEntries(Object.entries(SWITCHES).map(([name, [first]]) => [name, first]));
  /** The one file that `tampered` changes; `undefined` for all. */
  file;
  /** Files that are missing, whatever the lists are. */
  without = [];

  constructor(name) {
    this.name = name;
  }

  /** Takes the switches of a message; whether it is one. */
  turn(message) {
    const { file, without = [], ...switches } = message;
    const isKnown = ([name, value]) => Object.hasOwn(SWITCHES, name) && SWITCHES[name].includes(value);
    if (!Object.entries(switches).every(isKnown)) return false;
    if (![file ?? "", ...[without].flat()].every((path) => typeof path === "string")) return false;
    Object.assign(this.switches, switches);
    if ("lists" in switches) Object.assign(this, { file, without: [without].flat() });
    return true;
  }

  /** Notes a request; `answered` is a status, or a word if there was none. Equal ones are one line. */
  note({ to, method, path, body, answered }) {
    const last = this.sent.at(-1);
    const isAgain =
      last && last.to === to && last.method === method && last.path === path && last.answered === answered;
    if (isAgain && last.body === body) {
      last.count += 1;
      return;
    }
    this.sent.push({ to, method, path, body, answered, count: 1 });
    if (this.sent.length > KEPT) this.sent.shift();
  }
}
