// What a page does with a verdict: the README's table of decisions.

import { ACTIONS, decision } from "../../../../host-example/node/src/verdict.js";
import { InterdictError } from "./errors.js";

/** What a page does where lists of members answer, by the table of doors. */
const OF_DOORS = { pass: "proceed", hold: "ask_gateway", refuse: "refuse" };

/**
 * @param {{ action: string, because?: string, degraded: boolean, lists: object[] }} answer The module's.
 * @param {string} flow
 * @param {boolean} isPublic Whether the page's lists are public editions.
 * @param {object} policy
 * @returns {"proceed" | "ask_gateway" | "refuse"}
 */
export function decisionOf(answer, flow, isPublic, policy) {
  const { action, because, degraded, doubts = [], unused = [] } = answer;
  if (!ACTIONS.includes(action) || typeof degraded !== "boolean")
    throw new InterdictError("answer", "the module's action is not one of docs/abi.md");
  if (degraded) return policy.degraded;
  // A doubt or a field that was not used never proceeds, whatever the action.
  if (because === "unavailable" || doubts.length > 0 || unused.length > 0) return "ask_gateway";
  if (isPublic) {
    const isFreshMiss = flow === "checkout" && action === "monitor" && because === "public_only";
    return isFreshMiss ? policy.freshMiss : "ask_gateway";
  }
  return OF_DOORS[decision(action, because, flow)];
}
