import { addressOf } from "./enrolment.js";
import { InterdictError, told } from "./errors.js";

const PATH = "/v1/checkout/session";
const MAX_ANSWER = 16 << 10;
const PATIENCE = 5_000;
const LONGEST = 600_000;
const MEMBERS = ["gateway", "session", "signal", "timeout"];

/**
 * Shows a gateway the session that the page's server opened there (docs/service.md, Checkout pages). Nothing else is
 * sent. `why` in place of an answer if there is none.
 *
 * @returns {Promise<{ decision: "proceed" | "refuse", notice?: string } | { why: string }>}
 */
export async function askInSession(fetch, options) {
  const { address, session, signal, timeout } = checked(options);
  // A gateway is named by its address, with or without the path of its sessions.
  if (!address.pathname.endsWith(PATH)) address.pathname = `${address.pathname.replace(/\/+$/, "")}${PATH}`;
  const stop = new AbortController();
  const end = () => stop.abort();
  const timer = setTimeout(end, timeout);
  signal?.addEventListener("abort", end);
  try {
    if (signal?.aborted) throw stopped();
    const response = await fetch(address.href, {
      headers: { authorization: `Bearer ${session}` },
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      signal: stop.signal,
    });
    if (response.status !== 200) return { why: `the gateway answered ${response.status}` };
    const text = await response.text();
    return text.length > MAX_ANSWER ? { why: "the gateway's answer is too long" } : understood(text);
  } catch (error) {
    if (signal?.aborted) throw stopped(error);
    return { why: stop.signal.aborted ? "the gateway took too long" : `the gateway gave no answer (${told(error)})` };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}

function checked(options) {
  const { gateway, session, signal, timeout = PATIENCE } = options ?? {};
  const unknown = Object.keys(options ?? {}).find((name) => !MEMBERS.includes(name));
  const refuse = (path, why) => {
    throw new InterdictError("invalid", why, { path });
  };
  if (unknown !== undefined) refuse(unknown, `askGateway takes ${MEMBERS.join(", ")}`);
  if (typeof session !== "string" || !/^[\x21-\x7e]{1,512}$/.test(session))
    refuse("session", "it is the token that the page's server was given");
  if (!Number.isFinite(timeout) || timeout < 1 || timeout > LONGEST)
    refuse("timeout", `it is a number of milliseconds from 1 to ${LONGEST}`);
  return { address: addressOf(gateway, "gateway"), session, signal, timeout };
}

function stopped(cause) {
  return new InterdictError("aborted", "asking the gateway was stopped", { cause });
}

function understood(text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  const { decision, notice } = answer ?? {};
  if (decision !== "proceed" && decision !== "refuse") return { why: "the gateway's answer was not understood" };
  return { decision, ...(typeof notice === "string" ? { notice } : {}) };
}
