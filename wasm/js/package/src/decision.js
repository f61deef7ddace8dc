// What a page does with a verdict: the README's table of decisions.

import { InterdictError } from "./errors.js";

const ACTIONS = ["allow", "monitor", "review", "hold_payout", "block"];
/** Flows in which a merchant or money can be held until a person has decided. */
const HOLDING = ["onboarding", "payout"];

/**
 * @param {{ action: string, because?: string, degraded: boolean, lists: object[] }} answer The module's.
 * @param {string} flow
 * @param {boolean} isPublic Whether the page's lists are public editions.
 * @param {object} policy
 * @returns {"proceed" | "ask_gateway" | "refuse"}
 */
export function decisionOf(answer, flow, isPublic, policy) {
  const { action, because, degraded, doubts = [], unused = [] } = answer;
  const strength = ACTIONS.indexOf(action);
  if (strength < 0 || typeof degraded !== "boolean")
    throw new InterdictError("answer", "the module's action is not one of docs/abi.md");
  if (degraded) return policy.degraded;
  // A doubt or a field that was not used never proceeds, whatever the action.
  if (because === "unavailable" || doubts.length > 0 || unused.length > 0) return "ask_gateway";
  if (isPublic) {
    const isFreshMiss = flow === "checkout" && action === "monitor" && because === "public_only";
    return isFreshMiss ? policy.freshMiss : "ask_gateway";
  }
  if (action === "block") return "refuse";
  const isHeld = strength >= ACTIONS.indexOf("review") && HOLDING.includes(flow);
  return isHeld ? "ask_gateway" : "proceed";
}
