import { InterdictError } from "./errors.js";

const CHOICES = {
  freshMiss: ["ask_gateway", "proceed"],
  degraded: ["ask_gateway", "refuse"],
  onNoGateway: ["refuse", "proceed"],
};
/** The same in an enrolment file. */
const IN_FILE = { fresh_miss: "freshMiss", on_no_gateway: "onNoGateway" };

/**
 * What the page decides: what was given to `open`, else what the enrolment says, else the first of each. A word that is
 * not known is refused, so that a misspelt one is not silently the default.
 */
export function policyOf(given = {}, page = {}) {
  const policy = Object.fromEntries(Object.entries(CHOICES).map(([name, [first]]) => [name, first]));
  const fromFile = Object.entries(page ?? {}).map(([name, word]) => [IN_FILE[name] ?? name, word]);
  for (const [name, word] of [...fromFile, ...Object.entries(given ?? {})]) {
    if (word === undefined) continue;
    const path = `policy.${name}`;
    if (!Object.hasOwn(CHOICES, name))
      throw new InterdictError("invalid", `a page's policy has ${Object.keys(CHOICES).join(", ")}`, { path });
    if (!CHOICES[name].includes(word)) throw new InterdictError("invalid", `it is ${CHOICES[name].join(" or ")}`, { path });
    policy[name] = word;
  }
  return Object.freeze(policy);
}
