/** A member that may be missing; `null` and `undefined` are missing. */
export type Optional<T> = T | null | undefined;

/** Where in the life of a merchant or payment the question is asked. */
export type Flow = "onboarding" | "authorisation" | "payout" | "checkout";

/** What should happen, weakest first. */
export type Action = "allow" | "monitor" | "review" | "hold_payout" | "block";

/** How far a list can be relied on. */
export type Freshness = "fresh" | "stale" | "expired" | "untrusted";

/** Why a merchant is listed. */
export type Category = "csae" | "trafficking" | "other" | "unspecified";

/** Whether what was asked about is listed, or what it lies in, or the brand part of its name. */
export type Relation = "itself" | "parent" | "label";

/** What a reason says; see `docs/scoring.md`. */
export type ReasonCode =
  | "listed"
  | "candidate"
  | "ask_gateway"
  | "list_untrusted"
  | "list_expired"
  | "list_stale"
  | "no_key"
  | "no_list"
  | "clock_behind"
  | "degraded"
  | "lowered_to_review"
  | "listing_lapsed"
  | "key_outdated"
  | "not_usable"
  | "not_covered"
  | "no_finding";

/** A merchant identifier in the text form of its kind. Never a card number. */
export interface Identifier {
  kind: Kind;
  value: string;
}

/** A question about one merchant. At least one identifier must come of it. */
export interface ScreenMessage {
  flow: Flow;
  /** At most 32. */
  identifiers?: Optional<readonly Identifier[]>;
  /** A web address of the merchant; its host is screened as a domain. */
  url?: Optional<string>;
  /** Data elements of an ISO 8583 message: acquirer and card acceptor. */
  iso8583?: Optional<{ de32?: Optional<string>; de42?: Optional<string> }>;
  /** Elements of ISO 20022 messages: creditor and its account, acquirer and merchant. */
  iso20022?: Optional<{
    cdtr_acct_iban?: Optional<string>;
    cdtr_lei?: Optional<string>;
    ultmt_cdtr_lei?: Optional<string>;
    acqrr_id?: Optional<string>;
    mrchnt_id?: Optional<string>;
  }>;
  /** What a payment facilitator says of a merchant it stands for. */
  facilitator?: Optional<{
    facilitator_id?: Optional<string>;
    sub_merchant_id?: Optional<string>;
    lei?: Optional<string>;
    url?: Optional<string>;
    phone?: Optional<string>;
    country?: Optional<string>;
    registration?: Optional<string>;
  }>;
  signals?: Optional<{ merchant_age_days?: Optional<number> }>;
  /** At most 128 bytes, handed back with the verdict. */
  reference?: Optional<string>;
}

/** The answer to a question. */
export interface Verdict {
  action: Action;
  /** 0 to 1000: 500 is even odds that the merchant is bad, 50 for each doubling. */
  score: number;
  /** At most four, by weight. */
  reasons: Reason[];
  /** Every list of every coalition, in the order they were configured. */
  lists: ListUsed[];
  /** Pages of records without which the answer is not final: load them and ask again. */
  pages?: PageNeeded[];
  /** Fields of the request's blocks of which no identifier came. */
  unused?: UnusedField[];
  /** Whether a list that should have answered could not: no verdict with this set is a clean one. */
  degraded: boolean;
  /** There when a receipt key is. */
  receipt?: string;
  /** The request's own. */
  reference?: string;
}

export interface Reason {
  code: ReasonCode;
  /** Which of the things the request names, from 0, in the order of `docs/abi.md`. */
  identifier?: number;
  coalition?: string;
  list?: string;
  /** Who had it listed. */
  source?: string;
  category?: Category;
  relation?: Relation;
  /** Millibits it speaks for the merchant being bad. */
  weight: number;
}

export interface UnusedField {
  /** Its position, as in a reason. */
  identifier: number;
  /** Where it stands in the request. */
  path: string;
  /** The rule of `docs/identifiers.md` that it breaks. */
  rule: string;
}

export interface PageNeeded {
  coalition: string;
  list: string;
  epoch: number;
  page: number;
}

export interface ListUsed {
  coalition: string;
  list: string;
  /** The key period of the release that answers. */
  epoch: number;
  /** Which release. */
  sequence: number;
  freshness: Freshness;
  /** Seconds since it was built. */
  age_s: number;
}

/** Every member given replaces what was there. */
export interface Configuration {
  /** At most 64. Replaces all coalitions with their lists and keys. */
  coalitions?: Optional<readonly CoalitionConfiguration[]>;
  /** Give them after the lists are loaded. */
  keys?: Optional<readonly { coalition: string; /** 64 hexadecimal digits. */ key: string }[]>;
  policy?: Optional<Policy>;
  /** 64 hexadecimal digits, the gateway's own secret. */
  receipt_key?: Optional<string>;
  /** Forgets the newest verified time, after a clock that ran ahead. */
  reset_clock?: Optional<boolean>;
}

export interface CoalitionConfiguration {
  name: string;
  /** The pinned `root.json`, base64. */
  root: string;
  /** Lists that must be there; without it, all the coalition publishes. */
  lists?: Optional<readonly string[]>;
  /** Which edition is taken; `member` if not said. */
  edition?: Optional<"member" | "public">;
  /** `paged` loads pages of records one at a time, when a question needs them. */
  records?: Optional<"whole" | "paged">;
  /** 16 hexadecimal digits each: of each list the newest epoch with one of these keys is taken alone. */
  key_ids?: Optional<readonly string[]>;
  /** What `state` said when it was saved. */
  newest_time?: Optional<number>;
}

/** The gateway's choices; members not given have their defaults. See `docs/scoring.md`. */
export interface Policy {
  prevalence_per_million?: Optional<number>;
  agreement_per_mille?: Optional<number>;
  monitor_score?: Optional<number>;
  review_score?: Optional<number>;
  /** What a filter hit without a record leads to. */
  candidate?: Optional<"monitor" | "review">;
  list_max_age_days?: Optional<number>;
  expired_grace_days?: Optional<number>;
  /** What happens when no fresh list answers, by flow. */
  unavailable?: Optional<{ [flow in Flow]?: Optional<"allow" | "review"> }>;
}

/** What is in force now. */
export interface Configured {
  coalitions: string[];
  /** Keys in all. */
  keys: number;
  /** Digest of the policy, hexadecimal. */
  policy: string;
}

export interface PollMessage {
  coalition: string;
  /** `store` replays the files that were saved, `repository` updates; without it, what is needed now. */
  begin?: Optional<"store" | "repository">;
  /** With `begin`: asks for this one signed file instead, by its target path. */
  target?: Optional<string>;
  /** Asks for one page of a list's records instead. */
  page?: Optional<{ list: string; epoch: number; page: number }>;
}

export interface SupplyMessage {
  coalition: string;
  /** The `name` of the file that was asked for. */
  name: string;
  /** `bytes` with the file beside this message, `not_found` when the source has no such file. */
  outcome: "bytes" | "not_found" | "failed";
}

/** How loading or updating stands. */
export interface Progress {
  coalition: string;
  /** Whether the file just supplied must be saved under its name. */
  keep?: boolean;
  /** What to bring next; `null` when it has ended. */
  fetch: Fetch | null;
  /** Whether it ended with everything verified and in place. */
  completed: boolean;
  /** Then the names of all files that make up the state. */
  files?: string[];
}

export interface Fetch {
  /** Its name in your own store. */
  name: string;
  /** Its path below the repository's base. */
  path: string;
  /** Bytes after which to stop reading. */
  max_size: number;
  /** The bytes wanted of the file at `path`, if not all. */
  range?: { offset: number; length: number };
}

/** What is in place. */
export interface State {
  coalitions: CoalitionState[];
}

/** Times are seconds since 1970. */
export interface CoalitionState {
  name: string;
  /** Save it, and give it back to `configure`. */
  newest_time: number | null;
  root: number;
  timestamp: number | null;
  snapshot: number | null;
  targets: number | null;
  /** When the root, the targets or a delegated role in use expires, whichever is first. */
  expires: number | null;
  /** What gateways of one coalition compare to know that they were shown the same lists. */
  digest: string;
  /** The verified metadata in use. */
  metadata: { file: string; version: number; /** Of what was signed. */ sha256: string }[];
  lists: ListState[];
}

export interface ListState {
  list: string;
  edition: "member" | "public";
  epoch: number;
  sequence: number;
  issued: number;
  entries: number;
  /** Of the base; `null` for a filter only. */
  records: number | null;
  /** Since the base. */
  changes: number;
  /** The epoch the list has gone on to, if this is an older one. */
  newest_epoch?: number;
  kinds: Kind[];
  freshness: Freshness;
  age_s: number;
  /** Whether its key is at hand. */
  key: boolean;
}

export interface DescribeMessage {
  /** At most 32. */
  identifiers?: Optional<readonly Identifier[]>;
}

/** What this module is and can do. */
export interface Description {
  module: string;
  format_major: number;
  token_scheme: number;
  kinds: Kind[];
  flows: Flow[];
  actions: Action[];
  max_identifiers: number;
  max_message: number;
  max_batch: number;
  /** There when identifiers were asked about. */
  identifiers?: DescribedIdentifier[];
}

/** How an identifier is understood. Bytes are hexadecimal. */
export interface DescribedIdentifier {
  kind: Kind;
  text: string;
  canonical: string;
  /** What a list is asked for, in order. */
  look_ups: {
    kind: Kind;
    text: string;
    relation: Relation;
    canonical: string;
    /** Under each configured key. */
    tags: { coalition: string; key_id: string; tag: string }[];
  }[];
}

/** What every method throws. It holds nothing of the message and is never an `allow`. */
export interface InterdictError extends Error {
  name: "InterdictError";
  /** The stable number of `docs/abi.md`; always negative. */
  code: number;
  /** The stable word, such as `unknown_field`. */
  codeName: string;
  /** Where in the message, such as `identifiers[2].value`; empty if it is not in the message. */
  path: string;
}
