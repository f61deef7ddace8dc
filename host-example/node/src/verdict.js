import { InterdictError } from "./errors.js";

/** The words that a verdict's action may be, from the weakest to the strongest. */
export const ACTIONS = Object.freeze(["allow", "monitor", "review", "hold_payout", "block"]);
/** Where in a merchant's life a request is made. */
export const FLOWS = Object.freeze(["onboarding", "authorisation", "payout", "checkout"]);

const HOLDING_FLOWS = ["onboarding", "payout"];
const NAMES_THE_MERCHANT = ["record", "candidate"];

/** The module's answer to one request. Give it to {@link decision}. */
export class Verdict {
  /** @param {string} text The answer as the module wrote it. @param {object} answer The same, parsed. */
  constructor(text, answer) {
    if (!ACTIONS.includes(answer.action) || typeof answer.degraded !== "boolean") {
      throw new InterdictError("answer", "the module's answer is not one this host understands");
    }
    /** One of {@link ACTIONS}. */
    this.action = answer.action;
    /** Why the action is above `allow`. */
    this.because = answer.because;
    this.score = answer.score;
    /** Whether a list that must answer could not in full, or time or state is in doubt. */
    this.degraded = answer.degraded;
    this.reasons = answer.reasons;
    this.lists = answer.lists;
    /** Every member of docs/abi.md, those of later versions too. */
    this.answer = answer;
    /** The answer's text, byte for byte. */
    this.text = text;
  }

  /** Reads the answer to `screen`. */
  static read(text) {
    return new Verdict(text, parsed(text));
  }

  /** Whether a list names the merchant. */
  get isListed() {
    const reasons = Array.isArray(this.reasons) ? this.reasons : [];
    return (
      NAMES_THE_MERCHANT.includes(this.because) ||
      reasons.some(({ code }) => code === "listed" || code === "candidate")
    );
  }
}

/**
 * The table of doors (docs/abi.md): what a caller does with a verdict.
 *
 * @param {string} action The verdict's.
 * @param {string | undefined} because The verdict's.
 * @param {string} flow The request's.
 * @param {boolean} [holds] Whether this door can keep merchant or money until a person has decided.
 * @returns {"pass" | "hold" | "refuse"}
 * @throws {InterdictError} `not_screened` if the table says hold, the door cannot, and nothing names the merchant:
 *   your own rule for failures applies. `invalid` for an unknown word.
 */
export function decision(action, because, flow, holds = true) {
  if (!ACTIONS.includes(action)) throw new InterdictError("invalid", "no verdict has this action");
  if (!FLOWS.includes(flow)) throw new InterdictError("invalid", "no request has this flow");
  if (typeof holds !== "boolean") throw new InterdictError("invalid", "a door holds, or it does not");
  if (action === "block") return "refuse";
  if (action === "allow" || action === "monitor" || !HOLDING_FLOWS.includes(flow)) return "pass";
  if (holds) return "hold";
  if (NAMES_THE_MERCHANT.includes(because)) return "refuse";
  throw new InterdictError("not_screened", "the door cannot hold, and nothing names the merchant");
}

/** The object that an answer of the module is. */
export function parsed(text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new InterdictError("answer", "the module's answer is no JSON", { cause });
  }
  if (answer !== null && typeof answer === "object") return answer;
  throw new InterdictError("answer", "the module's answer is no object");
}
