// Sessions in which a checkout page asks its own server: docs/service.md, "Checkout pages". Whatever is changed here is
// changed there: a page cannot tell the two apart.

import { createHash, randomBytes } from "node:crypto";

import { InterdictError, KINDS } from "./errors.js";
import { Gateway } from "./gateway.js";
import { only } from "./options.js";
import { encoded } from "./text.js";
import { decision } from "./verdict.js";

const PATH = "/v1/checkout/session";
const FLOW = "checkout";
/** Minutes of a session, if the caller does not say. */
const MINUTES = 15;
const LONGEST_MINUTES = 60;
/** Bytes of the question of a session, since many are held at a time. */
const MAX_REQUEST = 4096;
/** With the longest requests they take 40 MB. */
const MAX_SESSIONS = 10_000;
/** How often a page may ask in its session, so that one that asks in a loop costs little. */
const MAX_ASKS = 20;
const TOKEN_BYTES = 32;
/** For how many seconds browsers remember that a page may ask. */
const REMEMBERED = 600;
/** A host in small letters, and a port unless it is that of the scheme. */
const HOST = /^(?!.*:(?:443)?$)[a-z0-9.:-]{1,255}$/;
/** This machine, where a page may come without TLS. */
const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3})(?::[0-9]+)?$/;

/** Status, title and what to do, by the kind of the error. Nothing of it says anything about the merchant. */
const PROBLEMS = Object.freeze({
  no_session: [401, "There is no such session, or it is over", "let the server open another"],
  origin_not_allowed: [
    403,
    "Pages of this origin may not ask",
    "the session is for a page of another origin",
  ],
  method_not_allowed: [405, "Another method is served here", "docs/service.md has what is served"],
});

const NOT_ANSWERED = [500, "The module gave no answer"];

/**
 * Sessions in which pages of a marketplace ask about one merchant each, without a credential of their own. They are of
 * this process: another one knows none of them.
 */
export class CheckoutSessions {
  #gateway;
  #origins;
  #onError;
  /** By the SHA-256 of their tokens. Tokens are random, and so time tells nothing about one that is looked up. */
  #sessions = new Map();

  /**
   * @param {Gateway} gateway
   * @param {{ origins: Iterable<string>, onError?: (error: unknown) => void }} options The origins of the pages that
   *   sessions may be opened for. `onError` gets what a page was told as a failure of the server.
   */
  constructor(gateway, options) {
    if (!(gateway instanceof Gateway)) throw invalid("sessions are over a Gateway");
    only(options, ["origins", "onError"]);
    const { origins, onError } = options;
    if (typeof origins?.[Symbol.iterator] !== "function" || typeof origins === "string") {
      throw invalid("origins are those of the pages that may ask");
    }
    if (onError !== undefined && typeof onError !== "function") throw invalid("onError is a function");
    this.#gateway = gateway;
    this.#origins = new Set(origins);
    if (this.#origins.size === 0 || ![...this.#origins].every(isOrigin)) {
      throw invalid("an origin is https:// and a host in small letters, and a port if it is not 443");
    }
    this.#onError = onError;
  }

  /**
   * Opens a session for a page and the one question that it may ask.
   *
   * @param {{ origin: string, request: string | Uint8Array | object, minutes?: number }} session The page's origin; a
   *   `screen` message with the flow `checkout` and at most 4,096 bytes; 1 to 60 minutes, by default 15.
   * @param {number} [now] Seconds since 1970; by default the gateway's clock.
   * @returns {{ token: string, ends: number }} For this page alone; seconds since 1970.
   * @throws {InterdictError} `refused` as `screen` would, `sessions_exhausted`, `origin_not_allowed`, `invalid`.
   */
  open(session, now = this.#gateway.now) {
    only(session, ["origin", "request", "minutes"]);
    const { origin, minutes = MINUTES } = session;
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > LONGEST_MINUTES) {
      throw invalid("minutes is 1 to 60");
    }
    if (!this.#origins.has(origin)) {
      throw new InterdictError("origin_not_allowed", "origins has none like it");
    }
    const request = question(session.request);
    this.#gateway.check(request, now);
    this.#makeRoom(now);
    const token = randomBytes(TOKEN_BYTES).toString("hex");
    const ends = Math.min(now + minutes * 60, 0xffff_ffff);
    this.#sessions.set(digest(token), { origin, request, ends, asks: 0 });
    return { token, ends };
  }

  /**
   * What a page does that shows this token.
   *
   * @param {{ token: string, origin: string }} page
   * @param {number} [now]
   * @returns {{ decision: "proceed" | "refuse", notice?: string }} `notice` is for the payer, in the language that the
   *   session's request named.
   * @throws {InterdictError} There is no decision. `no_session`: it is over, was asked in twenty times, or never was.
   *   `origin_not_allowed`: the page is of another origin. All others are those of `screen`.
   */
  answer(page, now = this.#gateway.now) {
    only(page, ["token", "origin"]);
    const { action, because, answer } = this.#gateway.screen(this.#asked(page, now), now);
    switch (decision(action, because, FLOW)) {
      case "pass":
        return { decision: "proceed" };
      case "refuse":
        return { decision: "refuse", ...(typeof answer.notice === "string" && { notice: answer.notice }) };
      default:
        throw new InterdictError("not_screened", "a page cannot hold");
    }
  }

  /**
   * Answers a request of `node:http` for `/v1/checkout/session` as the service does, `GET` and the question of browsers
   * before it (`OPTIONS`). A server opens sessions with {@link CheckoutSessions.open}, and none over HTTP.
   *
   * @returns {boolean} Whether it was for this path. If not, nothing was answered.
   */
  handle(request, response) {
    if (request.url?.split("?", 1)[0] !== PATH) return false;
    const { origin } = request.headers;
    const common = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
    const headers = { ...common, vary: "origin" };
    if (this.#origins.has(origin)) headers["access-control-allow-origin"] = origin;
    if (request.method === "OPTIONS") {
      headers["access-control-allow-methods"] = "GET";
      headers["access-control-allow-headers"] = "authorization";
      headers["access-control-max-age"] = REMEMBERED;
      send(response, 200, headers, "");
    } else if (request.method === "GET" || request.method === "HEAD") {
      this.#tell(response, headers, { token: bearer(request.headers.authorization), origin: origin ?? "" });
    } else sendProblem(response, { ...common, allow: "GET,HEAD,OPTIONS" }, named("method_not_allowed"));
    return true;
  }

  #tell(response, headers, page) {
    let answer;
    try {
      answer = this.answer(page);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status >= 500) this.#onError?.(error);
      return sendProblem(response, headers, problem);
    }
    return send(response, 200, { "content-type": "application/json", ...headers }, JSON.stringify(answer));
  }

  /** What a page with this token asks. */
  #asked({ token, origin }, now) {
    const key = digest(token);
    const session = this.#sessions.get(key);
    if (session === undefined) throw over();
    if (now >= session.ends) {
      this.#sessions.delete(key);
      throw over();
    }
    if (session.origin !== origin) {
      throw new InterdictError("origin_not_allowed", "the session is for a page of another origin");
    }
    if (session.asks >= MAX_ASKS) throw over();
    session.asks += 1;
    return session.request;
  }

  /** Sessions that are over make room for others. */
  #makeRoom(now) {
    if (this.#sessions.size < MAX_SESSIONS) return;
    for (const [key, { ends }] of this.#sessions) if (now >= ends) this.#sessions.delete(key);
    if (this.#sessions.size >= MAX_SESSIONS) {
      throw new InterdictError("sessions_exhausted", "they are over after their minutes");
    }
  }
}

/** The bytes of a session's request, which nobody changes afterwards. */
function question(request) {
  const bytes = Buffer.from(encoded(request));
  if (bytes.length > MAX_REQUEST) throw invalid("request has at most 4096 bytes");
  let flow;
  try {
    ({ flow } = JSON.parse(bytes.toString()));
  } catch {
    // The module says itself what is wrong with it.
    return bytes;
  }
  if (flow !== FLOW) throw invalid("request.flow is checkout");
  return bytes;
}

/** Where a page comes from, as browsers write it: `https://shop.example`, or `http` of this machine. */
function isOrigin(text) {
  const [, scheme, host] = /^(https?):\/\/(.*)$/.exec(text) ?? [];
  return scheme !== undefined && HOST.test(host) && (scheme === "https" || LOOPBACK.test(host));
}

/** The token of the header, or one that no session has. */
function bearer(header = "") {
  const at = header.indexOf(" ");
  return header.slice(0, at).toLowerCase() === "bearer" ? header.slice(at + 1) : "";
}

function digest(token) {
  if (typeof token !== "string") throw invalid("a token is text");
  return createHash("sha256").update(token).digest("hex");
}

/** A problem document (RFC 9457). */
function problemOf(error) {
  const { kind, code, codeName = "refused", path, message } = error instanceof InterdictError ? error : {};
  if (kind === undefined) {
    return problem("not_answered", ...NOT_ANSWERED, "a defect of this service; nobody was screened");
  }
  if (Object.hasOwn(PROBLEMS, kind)) return named(kind);
  if (kind === "refused") {
    return problem(codeName, 400, "The request was refused", message, { code, ...(path && { path }) });
  }
  // Messages of other kinds name files of this machine.
  return problem("not_answered", ...NOT_ANSWERED, KINDS[kind]);
}

function named(name) {
  return problem(name, ...PROBLEMS[name]);
}

function problem(name, status, title, detail, more = {}) {
  return { type: `urn:interdict:problem:${name}`, title, status, detail, ...more };
}

function sendProblem(response, headers, document) {
  const all = { "content-type": "application/problem+json", ...headers };
  if (document.status === 401) all["www-authenticate"] = "Bearer";
  send(response, document.status, all, JSON.stringify(document));
}

function send(response, status, headers, body) {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function over() {
  return new InterdictError("no_session", "there is no such session, or it is over");
}

function invalid(why) {
  return new InterdictError("invalid", why);
}
