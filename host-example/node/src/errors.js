/**
 * What each `kind` of {@link InterdictError} says; other hosts of this project use the same words.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const KINDS = /* @__PURE__ */ Object.freeze({
  refused: "the module refused the message; `code`, `codeName` and `path` say why",
  trapped: "the module trapped, and the instance was thrown away",
  foreign_module: "the bytes are no module of docs/abi.md",
  answer: "the module's answer was not understood",
  store_missing: "there is no state directory",
  store_damaged: "a file of the state directory is damaged",
  store_busy: "another process is changing the state directory",
  enrolment_differs: "the coalition is enrolled with another root or other keys",
  not_screened: "the door cannot hold, and nothing names the merchant",
  selftest: "a test merchant was not answered as it must be",
  closed: "the gateway was closed",
  invalid: "an argument is wrong; the module was not asked",
  malformed: "an issuer's event is not one JSON object that has each member once",
  no_merchant: "an issuer's event is of another type, or names no merchant",
  no_session: "there is no such checkout session, or it is over",
  origin_not_allowed: "pages of this origin may not ask",
  sessions_exhausted: "as many checkout sessions are open as may be",
});

/** Why there is no answer. Never treat it as a pass. No message holds a secret or the request. */
export class InterdictError extends Error {
  /**
   * @param {string} kind One of {@link KINDS}.
   * @param {string} message
   * @param {{ cause?: unknown, code?: number, name?: string, path?: string, receipt?: object, text?: string }} [details]
   */
  constructor(kind, message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "InterdictError";
    this.kind = kind;
    /** Of a refusal: its number in docs/abi.md. */
    this.code = details.code;
    /** Of a refusal: the code's name. */
    this.codeName = details.name;
    /** Of a refusal: the place in the message. */
    this.path = details.path;
    /** Of a refused request, if the gateway has a receipt key. */
    this.receipt = details.receipt;
    /** Of a refused request in a batch: the module's answer. */
    this.text = details.text;
  }
}

/**
 * An error that a program may keep. Until a stack is read, V8 keeps what each of its frames ran on, an instance and its
 * lists too. The stack begins anew at the caller; the cause's stays, as text.
 */
export function released(error) {
  if (!(error instanceof InterdictError)) return error;
  void error.cause?.stack;
  Error.captureStackTrace(error, released);
  return error;
}

/** A file error without the system's own text, which repeats the path. */
export function damaged(path, why, cause) {
  return new InterdictError("store_damaged", `${path}: ${why}`, { cause });
}

/** Errors of the system in a few words. */
export function told(error) {
  return error instanceof InterdictError ? error.message : String(error?.code ?? error?.message ?? error);
}
