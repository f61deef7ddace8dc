import { randomBytes } from "node:crypto";

const LANGUAGES = ["en", "sv", "nl"];
const MOST_ORDERS = 1000;

/**
 * What people buy. An order opens the session in which the page may ask the gateway about its payee, and is paid only if
 * the server itself has the answer `proceed` in that session: a page can be changed by whoever uses it.
 */
export class Orders {
  #orders = new Map();
  #sessions;
  #payees;
  #origin;

  constructor(sessions, payees, origin) {
    this.#sessions = sessions;
    this.#payees = new Map(payees.map((payee) => [payee.id, payee]));
    this.#origin = origin;
  }

  /** An order and its session; `undefined` if the message is none. */
  async open({ payee: id, language }, visitor) {
    const payee = this.#payees.get(id);
    if (payee === undefined || !LANGUAGES.includes(language)) return undefined;
    const request = { flow: "checkout", url: payee.url, language };
    const { token } = await this.#sessions.open({ origin: this.#origin, request });
    const order = randomBytes(8).toString("hex");
    this.#orders.set(order, { token, visitor, isPaid: false });
    if (this.#orders.size > MOST_ORDERS) this.#orders.delete(this.#orders.keys().next().value);
    return { order, session: token };
  }

  /** The visitor for whose page a session was opened. */
  visitorOf(token) {
    for (const order of this.#orders.values()) if (order.token === token) return order.visitor;
    return undefined;
  }

  /**
   * Pays, if the gateway says so here and now.
   *
   * @returns {Promise<{ outcome: "continue" | "refused" | "unanswered", notice?: string } | undefined>} `undefined` for
   *   an order that this visitor does not have.
   */
  async pay(id, visitor) {
    const order = this.#orders.get(id);
    if (order?.visitor !== visitor) return undefined;
    if (order.isPaid) return { outcome: "continue" };
    // The gateway that is cut off from this visitor's page is cut off from the server too.
    if (visitor.switches.gateway !== "answers") return { outcome: "unanswered" };
    let answer;
    try {
      answer = await this.#sessions.answer({ token: order.token, origin: this.#origin });
    } catch {
      return { outcome: "unanswered" };
    }
    if (answer.decision !== "proceed") return { outcome: "refused", notice: answer.notice };
    order.isPaid = true;
    return { outcome: "continue" };
  }
}
