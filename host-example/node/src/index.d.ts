/** Screens merchants in process against signed blocklists of coalitions. */

/** What a verdict asks for, from the weakest to the strongest. */
export type Action = "allow" | "monitor" | "review" | "hold_payout" | "block";
/** Where in a merchant's life a request is made. */
export type Flow = "onboarding" | "authorisation" | "payout" | "checkout";
/** What a caller does with a verdict. */
export type Decision = "pass" | "hold" | "refuse";
/** JSON text, its bytes, or an object to write as JSON. */
export type Message = string | Uint8Array | object;

export const ACTIONS: readonly Action[];
export const FLOWS: readonly Flow[];
/** What each `kind` of an error says. */
export const KINDS: Readonly<Record<ErrorKind, string>>;
/** `Instance.verdict()` if the last operation was no `screen` that gave a verdict. */
export const NO_VERDICT: 60;

export type ErrorKind =
  | "refused"
  | "trapped"
  | "foreign_module"
  | "answer"
  | "store_missing"
  | "store_damaged"
  | "store_busy"
  | "enrolment_differs"
  | "not_screened"
  | "selftest"
  | "closed"
  | "invalid"
  | "malformed"
  | "no_merchant"
  | "no_session"
  | "origin_not_allowed"
  | "sessions_exhausted";

/** Why there is no answer. Never treat it as a pass. */
export class InterdictError extends Error {
  constructor(kind: ErrorKind, message: string, details?: object);
  readonly name: "InterdictError";
  readonly kind: ErrorKind;
  /** Of a refusal (`kind` is `refused`): its number in docs/abi.md. */
  readonly code?: number;
  /** Of a refusal: the code's name. */
  readonly codeName?: string;
  /** Of a refusal: the place in the message. */
  readonly path?: string;
  /** Of a refused request: its receipt, if the gateway gives any. */
  readonly receipt?: object;
  /** Of a refused request in a batch: the module's answer. */
  readonly text?: string;
}

/** Why the action is what it is; docs/scoring.md has the codes. */
export interface Reason {
  readonly code: string;
  readonly weight: number;
  readonly identifier?: number;
  readonly coalition?: string;
  readonly list?: string;
  readonly [member: string]: unknown;
}

/** A list that answered. */
export interface ListState {
  readonly coalition: string;
  readonly list: string;
  readonly edition: "member" | "compact" | "public";
  readonly epoch: number;
  readonly sequence: number;
  readonly freshness: string;
  readonly age_s: number;
  readonly [member: string]: unknown;
}

/** The module's answer to one request. Give it to `decision`. */
export class Verdict {
  private constructor();
  /** Reads the answer to `screen`; `answer` if it is not understood. */
  static read(text: string): Verdict;
  readonly action: Action;
  /** Why the action is above `allow`; absent if it is not. */
  readonly because?: string;
  readonly score: number;
  /** Whether a list that must answer could not in full, or time or state is in doubt. */
  readonly degraded: boolean;
  readonly reasons: readonly Reason[];
  readonly lists: readonly ListState[];
  /** Every member of docs/abi.md, such as `receipt`, `unused` and `unchecked`. */
  readonly answer: Readonly<Record<string, unknown>>;
  /** The answer's text, byte for byte. */
  readonly text: string;
  /** Whether a list names the merchant. */
  readonly isListed: boolean;
}

/**
 * The table of doors. `holds` says whether this door can keep merchant or money until a person has decided; if it
 * cannot, and nothing names the merchant, the error is `not_screened`.
 */
export function decision(action: Action, because: string | undefined, flow: Flow, holds?: boolean): Decision;

/** Whose authorisation event it is: Stripe Issuing, Adyen, Lithic or Marqeta. */
export type Issuer = "stripe-issuing" | "adyen-relayed" | "lithic-asa" | "marqeta-jit";
export const ISSUERS: readonly Issuer[];

/** What an issuer's authorisation event says about the merchant, each as it was sent, and nothing about the payer. */
export class IssuerEvent {
  private constructor();
  /** The acquiring institution's digits (ISO 8583, DE32). */
  readonly acquirer?: string;
  /** The card acceptor's id (DE42). */
  readonly acceptor?: string;
  /** For people to read: it is never screened, and has no place in a log. */
  readonly name?: string;
  /** The merchant category code, four digits. */
  readonly category?: string;
  /** The merchant's web address; of one with a card-shaped run, scheme and host. */
  readonly url?: string;
  /** The card acceptor, if both halves of it were sent. */
  readonly identifiers: readonly { readonly kind: "card_acceptor"; readonly value: string }[];
  /** What could not be asked about, in this order; `url` only if it was dropped. */
  readonly incomplete: readonly ("acquirer" | "acceptor" | "url")[];
  /**
   * What to give to `Gateway.screen`. Half of a card acceptor is in it too, and an empty address for one that was dropped:
   * the verdict of either is never clean.
   */
  request(): object;
}

/**
 * What an authorisation event says about the merchant. `event` is the body as it was received, after its signature was
 * verified over these bytes. The error is `malformed` for what is no event, and `no_merchant` for one of another type or
 * that names nobody.
 */
export function readIssuerEvent(issuer: Issuer, event: Uint8Array): IssuerEvent;

/** What `Module.shared` gives and `Module.received` takes. */
export interface SharedModule {
  /** A compiled WebAssembly.Module. */
  readonly compiled: object;
  readonly sha256: string;
}

/** The module, compiled once and checked before anything of it runs. */
export class Module {
  constructor(bytes: Uint8Array);
  /** The module of this package. */
  static builtIn(): Module;
  /** The module that another thread gave. */
  static received(shared: SharedModule): Module;
  /** What `workerData` and `postMessage` can carry. */
  shared(): SharedModule;
  readonly compiled: object;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
}

/** An operation of docs/abi.md. */
export type Operation = "configure" | "poll" | "supply" | "screen" | "screen_batch" | "state" | "describe";

/** One engine, for programs that do what `Gateway` does by themselves. */
export class Instance {
  constructor(module: Module);
  clone(): Instance;
  /** Runs one operation; the answer's bytes. `now` is seconds since 1970. */
  call(operation: Operation, message: Message, now: number): Uint8Array;
  callText(operation: Operation, message: Message, now: number): string;
  /** The same without reading the answer: its length in bytes. */
  callLength(operation: Operation, message: Message, now: number): number;
  /** The number of the last verdict. Pass only if it is 10 to 29. */
  verdict(): number;
  /** Puts a file into the open region, for the next `supply`. */
  file(bytes: Uint8Array): void;
  readonly isTrapped: boolean;
  readonly minor: number;
  readonly memorySize: number;
}

/** The state directory (docs/store.md). */
export class Store {
  private constructor();
  readonly path: string;
  /** An existing state directory; `store_missing` if there is none. */
  static open(path: string): Store;
  /** Takes a coalition's enrolment into a state directory, which is made if there is none. */
  static enrol(path: string, enrolment: Message, options: { module: Module; now: number }): Promise<void>;
}

export interface GatewayOptions {
  /** The policy of docs/scoring.md. Without one no verdict is clean. */
  policy?: string | object;
  /** Enrolment files. Each is enrolled if the state directory lacks that coalition. */
  enrolments?: readonly Message[];
  /** Instances; 1 by default. One thread uses one: a second only replaces one that traps without reading the disk. */
  workers?: number;
  /** By default the package's own. */
  module?: Module;
  /** Seconds since 1970, rounded down; by default the system's clock. It is asked at every call, and must move. */
  clock?: () => number;
  /** Which answers have a receipt; `always` by default. */
  receipts?: "always" | "findings" | "never";
  /** Gets the JSON of each receipt with its verdict or refusal. What it throws is thrown at the caller of `screen`. */
  onReceipt?: (receipt: string, answer: Verdict | InterdictError) => void;
  /** Coalitions whose repository may be on this machine or in a private network; `true` for all. */
  allowPrivate?: true | "all" | Iterable<string>;
  /** Milliseconds: 10,000 to connect, 10,000 until an answer begins, 60,000 for a file, 600,000 for a refresh. */
  patience?: { connect?: number; response?: number; file?: number; refresh?: number };
}

export type Outcome = "updated" | "unchanged" | "failed";

export interface Refreshed {
  readonly coalition: string;
  readonly outcome: Outcome;
  /** Why it failed. */
  readonly why?: string;
}

export interface Status {
  /** The module's `state` of each coalition. */
  readonly coalitions: readonly Readonly<Record<string, unknown>>[];
  /** How the last refresh of each coalition ended, and when. */
  readonly refreshed: Readonly<
    Record<string, { readonly outcome: Outcome; readonly why?: string; readonly time: number }>
  >;
  readonly warnings: readonly string[];
  /** Instances that trapped and were thrown away. Any number but 0 is a defect to report. */
  readonly traps: number;
}

/** A gateway's own copy of Interdict. Screening is synchronous; each worker thread opens its own. */
export class Gateway {
  private constructor();
  /** Opens a gateway from what is on the disk; no network is used. */
  static open(directory: string, options?: GatewayOptions): Promise<Gateway>;
  /** The verdict on one request. An error is never a pass. */
  screen(request: Message, now?: number): Verdict;
  /** Fails as `screen` would for a request that the module refuses. No verdict, and no receipt for `onReceipt`. */
  check(request: Message, now?: number): void;
  /** The verdicts on any number of requests, or their lines, in order; for one that was refused, its error. */
  screenBatch(requests: readonly Message[] | string | Uint8Array, now?: number): (Verdict | InterdictError)[];
  /** Fetches what the repositories have, one coalition after the other. If one fails, its `outcome` says so. */
  refresh(options?: { now?: number; signal?: AbortSignal }): Promise<Refreshed[]>;
  /** Refreshes again and again: by default every hour and up to a minute more. What fails is told by `status`. */
  startRefreshing(options?: { intervalMs?: number; jitterMs?: number }): void;
  stopRefreshing(): void;
  /** Loads what another process changed on the disk. Whether there was anything. */
  reloadIfChanged(now?: number): boolean;
  status(now?: number): Status;
  /**
   * Screens the test merchants that every list has; `selftest` if one is not answered as it must be. `onReceipt` gets
   * none of their receipts.
   */
  selftest(now?: number): void;
  /** Seconds since 1970, as the gateway's clock has them. */
  readonly now: number;
  /** A copy of a loaded instance, for operations that a gateway does not have. */
  copyInstance(now?: number): Instance;
  /** Ends a refresh that is under way and waits for it. Every later call fails with `closed`. */
  close(): Promise<void>;
}

/** What a page does. `notice` is for the payer, in the language that the session's request named. */
export interface PageAnswer {
  readonly decision: "proceed" | "refuse";
  readonly notice?: string;
}

/** Sessions in which pages of a marketplace ask about one merchant each (docs/service.md, "Checkout pages"). */
export class CheckoutSessions {
  /** `origins` are those of the pages; `onError` gets what a page was told as a failure of the server. */
  constructor(gateway: Gateway, options: { origins: Iterable<string>; onError?: (error: unknown) => void });
  /**
   * A session for a page of this origin and the one question that it may ask: a `screen` message with the flow `checkout`
   * and at most 4,096 bytes. 1 to 60 minutes, by default 15; `ends` is in seconds since 1970.
   */
  open(
    session: { origin: string; request: Message; minutes?: number },
    now?: number,
  ): { token: string; ends: number };
  /** What a page does that shows this token. Without an answer there is no decision. */
  answer(page: { token: string; origin: string }, now?: number): PageAnswer;
  /** Answers a request of `node:http` for `/v1/checkout/session`. Whether it was for that path. */
  handle(request: object, response: object): boolean;
}
