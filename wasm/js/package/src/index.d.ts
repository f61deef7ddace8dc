/**
 * Screens the payee of a checkout page against a coalition's public list, inside the page.
 *
 * @packageDocumentation
 */

/** Where in the life of a merchant or payment the question is asked. A page asks at `checkout`. */
export type Flow = "onboarding" | "authorisation" | "payout" | "checkout";

/**
 * What the page does: `proceed` with the payment, `ask_gateway` before it does ({@link Screener.askGateway}), or
 * `refuse` it.
 */
export type Decision = "proceed" | "ask_gateway" | "refuse";

/** What a verdict asks for, from the weakest to the strongest. */
export type Action = "allow" | "monitor" | "review" | "hold_payout" | "block";

/** What the page decides where lists and gateway do not. The enrolment file may hold the same, as `page`. */
export interface PagePolicy {
  /** A fresh public list does not have the name. By default `ask_gateway`: then every payment asks the gateway. */
  readonly freshMiss?: "ask_gateway" | "proceed";
  /** Nothing fresh answers: no list, a stale one, or a doubt. By default `ask_gateway`. */
  readonly degraded?: "ask_gateway" | "refuse";
  /** The gateway was asked and did not answer. By default `refuse`. */
  readonly onNoGateway?: "refuse" | "proceed";
}

/** An enrolment file, read with `JSON.parse` and otherwise as it is. */
export interface Enrolment {
  readonly format: string;
  readonly coalition: string;
  readonly repository: string;
  readonly root: string;
  readonly lists: readonly string[];
  readonly [member: string]: unknown;
}

/** Sentences in one language, such as the default export of `@interdict/checkout/texts/sv`. */
export interface Texts {
  readonly language: string;
  readonly reasons: Readonly<Record<string, string>>;
  readonly notices: Readonly<Record<"proceed" | "ask_gateway" | "refuse" | "no_gateway", string>>;
}

/** Made-up merchants: the default export of `@interdict/checkout/trial`, for {@link Screener.try}. */
export interface Trial {
  begin(state: string): unknown;
}

// Programs without the types of browsers and WebAssembly compile too.
type PageWorker = typeof globalThis extends { Worker: { prototype: infer One } } ? One : never;
type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer One } } } ? One : object;

/** How a {@link Screener} is opened. */
export interface OpenOptions {
  /** The enrolment file: its object, its bytes, or where to fetch it. A text is an address. */
  readonly enrolment: Enrolment | URL | string | ArrayBuffer | Uint8Array;
  /** SHA-256 of the enrolment file, as 64 hexadecimal digits or `sha256-` and base64. Needs the file's bytes or address. */
  readonly digest?: string;
  /** Goes before what the enrolment says. */
  readonly policy?: PagePolicy;
  /** By default English. */
  readonly texts?: Texts;
  /** Fetches in place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Where the list is kept between visits: `indexeddb` (the default in browsers), `memory`, or in Node the path of a state
   * directory. If it cannot be used, `memory` takes its place and {@link Status.storage} says so.
   */
  readonly storage?: "indexeddb" | "memory" | (string & {});
  /** Ends the opening. */
  readonly signal?: AbortSignal;
  /** The clock; by default the machine's. A fixed date is a clock that stopped, for tests. */
  readonly now?: Date | (() => Date);
  /** A worker that has loaded `@interdict/checkout/worker`. It verifies and loads lists, so that no task of the page is long. */
  readonly worker?: PageWorker;
  /** The module's file, or where it is, in place of the one that comes with this package. */
  readonly module?: CompiledModule | ArrayBuffer | Uint8Array | URL | string;
}

/** One question about the name that the page's merchant configured. */
export interface Question {
  /** By default `checkout`. */
  readonly flow?: Flow;
  /**
   * The payee's absolute web address (`http:` or `https:`), or a bare host without port, path and spaces. Its host alone is
   * looked up, with its parent domains.
   */
  readonly url: URL | string;
}

interface Names {
  readonly url: URL | string;
  readonly identifiers: readonly { readonly kind: string; readonly value: string }[];
  readonly iso8583: Readonly<Record<string, string>>;
  readonly iso20022: Readonly<Record<string, string>>;
  readonly facilitator: Readonly<Record<string, string>>;
}
type OneOf<T> = { [Name in keyof T]: Pick<T, Name> }[keyof T];

/** What the full build, in Node and `./full`, may be asked besides: the members of `screen` in the project's docs/abi.md. */
export type FullQuestion = Partial<Names> &
  OneOf<Names> & {
    readonly flow?: Flow;
    readonly signals?: Readonly<Record<string, unknown>>;
    readonly view?: "system" | "analyst";
    readonly reference?: string;
  };

/** Why the action is what it is. For the analyst; never show it to the payer. */
export interface Reason {
  readonly code: string;
  /** A sentence in the language of {@link OpenOptions.texts}. */
  readonly text: string;
  readonly weight: number;
  readonly coalition?: string;
  readonly list?: string;
  readonly [member: string]: unknown;
}

/** A list that answered. */
export interface ListUsed {
  readonly coalition: string;
  readonly list: string;
  readonly edition: "member" | "compact" | "public";
  readonly epoch: number;
  readonly sequence: number;
  readonly freshness: "fresh" | "late" | "stale" | "expired" | "untrusted";
  /** Seconds since it was built. */
  readonly age_s: number;
}

/** The answer to a {@link Question}. It can be cloned and posted. */
export interface Verdict {
  /** What the page does. */
  readonly decision: Decision;
  /** What the payer may read, in the language of {@link OpenOptions.texts}. It says nothing about the cause. */
  readonly notice: string;
  readonly action: Action;
  /** Why the action is above `allow`. */
  readonly because?: string;
  readonly score: number;
  /** Whether a list that must answer could not in full, or time or state is in doubt. */
  readonly degraded: boolean;
  /** For the analyst. */
  readonly reasons: readonly Reason[];
  /** Every list, with its age and freshness. */
  readonly lists: readonly ListUsed[];
  /** Why time or state is in doubt. */
  readonly doubts: readonly string[];
  /** How probably a name that is not listed is hit by chance in this whole question, with its parents; `null` without a public list. */
  readonly chance: number | null;
  /** The module's answer as it was, for a log. */
  readonly answer: Readonly<Record<string, unknown>>;
}

/** What the gateway said, or what the page's policy says without it. */
export interface GatewayAnswer {
  readonly decision: "proceed" | "refuse";
  /** For the payer. */
  readonly notice: string;
  /** Who decided: the gateway, or {@link PagePolicy.onNoGateway} because it did not answer. */
  readonly by: "gateway" | "policy";
  /** Why the gateway did not answer. */
  readonly why?: string;
}

/** How a refresh ended. */
export interface Refreshed {
  readonly outcome: "updated" | "unchanged" | "failed";
  /** Why it failed; the last good list goes on answering. */
  readonly why?: string;
  /** Requests that it took. */
  readonly requests: number;
}

/** What is loaded, where it is kept, and what a person should know. It can be cloned and posted. */
export interface Status {
  /** `edge` in pages, `full` in Node. */
  readonly build: "edge" | "full";
  /** `forbidden` if the page's content security policy lacks `wasm-unsafe-eval`: then every decision is that of {@link PagePolicy.degraded}. */
  readonly wasm: "running" | "forbidden" | "failed";
  readonly storage: {
    readonly kind: "indexeddb" | "directory" | "memory";
    /** Why `memory` took the place of what was asked for. */
    readonly problem?: string;
  };
  readonly coalition: string;
  /**
   * Days until the coalition may first publish under another public key, which needs a newer enrolment file; 0 if it has;
   * `null` before the first refresh.
   */
  readonly enrolmentEndsInDays: number | null;
  readonly policy: Required<PagePolicy> & {
    /** The share of names on no list that ask the gateway: 1, or the chance of a name with one parent. */
    readonly cleanNamesAsked: number | null;
  };
  readonly lists: readonly (ListUsed & { readonly entries: number; readonly [member: string]: unknown })[];
  readonly doubts: readonly string[];
  /** The last refresh since opening. */
  readonly refreshed?: Refreshed & { readonly at: Date };
  readonly warnings: readonly string[];
  /** Whether it was opened by {@link Screener.try}: its merchants are made up. */
  readonly test: boolean;
}

/** Screens payees in the page. Open one for each page, refresh it, ask it, close it. */
export class Screener {
  private constructor();
  /**
   * Opens from what was kept at the last visit. Nothing is fetched except the module, and the enrolment if an address was
   * given.
   *
   * @throws {@link InterdictError}
   */
  static open(options: OpenOptions): Promise<Screener>;
  /**
   * Opens a list of made-up merchants, without coalition and network, whose fresh misses proceed: `hidden-shop.test` asks
   * the gateway, `clean.test` proceeds. With `stale` or `empty` every name asks. Whatever address is asked, a session
   * called `proceed` or `refuse` gets that answer, and any other none.
   */
  static try(options?: {
    /** The default export of `@interdict/checkout/trial`; in Node it need not be given. */
    trial?: Trial;
    state?: "fresh" | "stale" | "empty";
    texts?: Texts;
  }): Promise<Screener>;
  /** Fetches what the coalition has published since, and lets it answer. Tabs of one origin share it. */
  refresh(options?: { signal?: AbortSignal }): Promise<Refreshed>;
  /**
   * Answers from memory.
   *
   * @throws {@link InterdictError} There is no verdict. Never treat that as `proceed`.
   */
  screen(question: Question | FullQuestion): Verdict;
  /**
   * Asks the gateway in the session that the page's own server opened there. Only the session's token is sent. It never
   * throws for want of an answer: {@link PagePolicy.onNoGateway} decides then.
   */
  askGateway(options: {
    /** The gateway's base address; `/v1/checkout/session` is added to it if it is not its end. */
    gateway: URL | string;
    /** The session's token. */
    session: string;
    signal?: AbortSignal;
    /** Milliseconds to wait, from 1 to 600,000; by default 5,000. */
    timeout?: number;
  }): Promise<GatewayAnswer>;
  status(): Status;
  /** Ends what is under way. Every later call fails with `closed`. */
  close(): Promise<void>;
}

/** Why there is no answer. It holds nothing of what was asked. */
export class InterdictError extends Error {
  constructor(code: string, message: string, details?: { number?: number; path?: string; cause?: unknown });
  /** Makes one again of what `postMessage` or `JSON` left of it. */
  static from(value: unknown): InterdictError;
  readonly name: "InterdictError";
  /** The stable word: one of `docs/abi.md` such as `unknown_field`, or one of the README's table such as `closed`. */
  readonly code: string;
  /** The module's number for it; absent for this package's own. */
  readonly number?: number;
  /** Where in the message. */
  readonly path?: string;
  /** A plain object that `postMessage` carries whole. */
  toJSON(): { name: "InterdictError"; code: string; message: string; number?: number; path?: string };
}
