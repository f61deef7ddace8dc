/**
 * Screens merchants in process against signed blocklists of coalitions.
 *
 * @module interdict-host
 */

export { CheckoutSessions } from "./checkout.js";
export { InterdictError, KINDS } from "./errors.js";
export { Gateway } from "./gateway.js";
export { Instance, NO_VERDICT } from "./instance.js";
export { ISSUERS, IssuerEvent, readIssuerEvent } from "./issuers.js";
export { Module } from "./module.js";
export { Store } from "./store.js";
export { ACTIONS, decision, FLOWS, Verdict } from "./verdict.js";
