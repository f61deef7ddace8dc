import { InterdictError } from "./errors.js";
import { Module } from "./module.js";
import { encoded } from "./text.js";

const RECEIPTS = ["always", "findings", "never"];
const PATIENCE = Object.freeze({ connect: 10_000, response: 10_000, file: 60_000, refresh: 600_000 });
const KNOWN = [
  "policy",
  "enrolments",
  "workers",
  "module",
  "clock",
  "receipts",
  "onReceipt",
  "allowPrivate",
  "patience",
];
const MAX_WORKERS = 1024;

/** Checks the options of a gateway, so that a misspelt one is not silently the default. */
export function optionsOf(options) {
  only(options, KNOWN);
  const {
    policy,
    enrolments = [],
    workers = 1,
    module,
    receipts = "always",
    onReceipt,
    allowPrivate = [],
  } = options;
  check(Array.isArray(enrolments), "enrolments is an array");
  check(
    Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS,
    "workers is a whole number from 1",
  );
  check(module === undefined || module instanceof Module, "module is a Module");
  check(RECEIPTS.includes(receipts), "receipts is always, findings or never");
  check(onReceipt === undefined || typeof onReceipt === "function", "onReceipt is a function");
  return {
    policy: policyOf(policy),
    enrolments,
    workers,
    module,
    receipts,
    onReceipt,
    clock: clockOf(options.clock),
    allowPrivate: allowed(allowPrivate),
    patience: patienceOf(options.patience),
  };
}

function policyOf(policy) {
  if (policy === undefined || policy === null) return undefined;
  const text = Buffer.from(encoded(policy)).toString("utf8");
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new InterdictError("invalid", "the policy is no JSON", { cause });
  }
  return text;
}

function clockOf(clock = () => Math.floor(Date.now() / 1000)) {
  check(typeof clock === "function", "clock is a function that gives seconds since 1970");
  return () => Math.floor(clock());
}

function allowed(coalitions) {
  if (coalitions === true || coalitions === "all") return true;
  check(
    typeof coalitions?.[Symbol.iterator] === "function" && typeof coalitions !== "string",
    "allowPrivate is true, or names of coalitions",
  );
  return new Set(coalitions);
}

function patienceOf(patience = {}) {
  only(patience, Object.keys(PATIENCE));
  const all = { ...PATIENCE, ...patience };
  check(
    Object.values(all).every((value) => Number.isInteger(value) && value > 0 && value < 2 ** 31),
    "patience is in whole milliseconds",
  );
  return all;
}

/** Fails for a member that is not known. */
export function only(object, known) {
  check(object !== null && typeof object === "object", "options are an object");
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  check(unknown === undefined, `there is no option ${unknown}`);
}

function check(isFine, why) {
  if (!isFine) throw new InterdictError("invalid", why);
}
