/** A member that may be missing; `null` and `undefined` are missing. */
export type Optional<T> = T | null | undefined;

/** For whom a list is published. */
export type Edition = "member" | "public";

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
  signals?: Optional<Signals>;
  /** `analyst` shows all reasons and the state of every rule: for the person who must decide. */
  view?: Optional<"system" | "analyst">;
  /** Adds sentences in this language. */
  language?: Optional<Language>;
  /** Handed back with the verdict; a longer one than 128 bytes is dropped. */
  reference?: Optional<string>;
}

/** The answer to a question. */
export interface Verdict {
  action: Action;
  /** Why the action is above `allow`; absent if it is not. */
  because?: Because;
  /** What should happen but for the gateway's own overrides and clearances, where that differs. */
  natural?: Action;
  /** 0 to 1000: 600 is even odds that the merchant is bad, 30 for each doubling. */
  score: number;
  /** At most four, strongest first; in the analyst's view all. */
  reasons: Reason[];
  /** Every list of every coalition, in the order they were configured. */
  lists: ListUsed[];
  /** Fields that yield no identifier, and signals that cannot be used. */
  unused?: UnusedField[];
  /** Kinds in the request that no list checked. */
  unchecked?: Kind[];
  /** Why time or state is in doubt. */
  doubts?: Doubt[];
  /** Whether a list that should have answered could not: no verdict with this set is a clean one. */
  degraded: boolean;
  /** Digest of the policy that decided. */
  policy: string;
  /** What the second policy would have done, where that differs. */
  shadow?: { policy: string; action: Action; score: number };
  /** In the analyst's view: every typology in place and whether it holds; `null` is unknown. */
  rules?: { coalition: string; list: string; rule: string; holds: boolean | null; weight: number }[];
  /** What merchant or payer may be told, in the language asked for. */
  notice?: string;
  /** There when a receipt key is; `JSON.stringify` gives its canonical bytes. */
  receipt?: Receipt;
  /** The request's own. */
  reference?: string;
  /** The request's reference was dropped: it may have held a card number, or was too long. */
  reference_dropped?: true;
}

export interface Reason {
  code: ReasonCode;
  /** Which of the things the request names, from 0, in the order of `docs/abi.md`. */
  identifier?: number;
  coalition?: string;
  list?: string;
  /** Who had it listed. */
  /** The id under which the list names the party that had the merchant listed. */
  source?: string;
  /** The party's one name in every coalition. */
  origin?: string;
  category?: Category;
  /** Who may be told of the listing. */
  handling?: Handling;
  relation?: Relation;
  /** Which typology. */
  rule?: string;
  /** In the analyst's view: the digest by which a clearance names the record or rule. */
  digest?: string;
  /** Millibits it speaks for the merchant being bad; below 0 for its being good. */
  weight: number;
  /** A sentence for the analyst, in the language asked for. */
  text?: string;
}

/** Proof of all that led to a verdict; see `docs/scoring.md`. */
export interface Receipt {
  format: number;
  module: ModuleUsed;
  policy: string;
  time: number;
  flow: Flow;
  request: string;
  asked: ({ kind: Kind; digest: string } | { unused: string })[];
  coalitions: {
    name: string;
    metadata: string;
    newest_time?: number;
    polled?: number;
    doubts: Doubt[];
    lists: {
      list: string;
      edition: Edition;
      epoch: number;
      sequence: number;
      issued: number;
      freshness: Freshness;
      key: boolean;
    }[];
    typologies: { list: string; version: number; counted: boolean }[];
  }[];
  overrides: string[];
  clearances: string[];
  doubts: Doubt[];
  action: Action;
  because?: Because;
  natural: Action;
  score: number;
  degraded: boolean;
  odds: {
    prior: number;
    typologies: number;
    listed?: number;
    agreement: number;
    total: number;
  };
  reasons: Reason[];
  unchecked: Kind[];
  /** 128 hexadecimal digits for the holder of the SilentKey; zeros without one. */
  sealed: string;
  mac: string;
}

/** Proof that a request was refused; see `docs/scoring.md`. */
export interface RefusalReceipt {
  format: number;
  module: ModuleUsed;
  time: number;
  flow?: Flow;
  code: number;
  path: string;
  mac: string;
}

/** The module that answered. */
export interface ModuleUsed {
  version: string;
  /** Which build it is, such as `full`. */
  build: string;
  sha256?: string;
}

export interface UnusedField {
  /** Its position, as in a reason. */
  identifier: number;
  /** Where it stands in the request. */
  path: string;
  /** The rule of `docs/identifiers.md` that it breaks. */
  rule: string;
}

export interface ListUsed {
  coalition: string;
  list: string;
  edition: Edition;
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
  /** Keys besides those of the enrolments; they decide which epoch of a list is loaded. */
  keys?: Optional<readonly { coalition: string; /** 64 hexadecimal digits. */ key: string }[]>;
  /** Drops the overrides and clearances that are not given with it. */
  policy?: Optional<Policy>;
  /** A second policy that decides nothing; `null` ends it. */
  shadow?: Optional<Policy>;
  /** Policies that requests choose by name, at most 16; replaces all. */
  policies?: Optional<readonly { name: string; policy: Policy }[]>;
  /** Signed documents, base64; replaces all. */
  overrides?: Optional<readonly string[]>;
  /** Signed documents, base64; replaces all. */
  clearances?: Optional<readonly string[]>;
  /** 64 hexadecimal digits, the gateway's own secret. */
  receipt_key?: Optional<string>;
  /** 64 hexadecimal digits: what receipts seal silent findings under. */
  silent_key?: Optional<string>;
  /** Which answers have a receipt; all by default, and always with a silent_key. */
  receipts?: Optional<"always" | "findings" | "never">;
  /** 64 hexadecimal digits: SHA-256 of the module's file, for receipts. */
  module?: Optional<string>;
  /** Forgets the newest verified time and the last poll, after a clock that ran ahead. */
  reset_clock?: Optional<boolean>;
  /** For a replay: whether the receipt names a stopped clock. */
  clock_stopped?: Optional<boolean>;
  /** Whether the host's saved state lacks a coalition or a secret that it had. */
  state_lost?: Optional<boolean>;
}

export interface CoalitionConfiguration {
  /** The enrolment file, read with JSON.parse and otherwise as it is. */
  enrolment: Enrolment;
  /** What `state` gave as `history` when it was saved, or `"none"`. */
  history: string;
  /** The coalition's name in this gateway, if not the enrolment's. */
  name?: Optional<string>;
  /** `false` if the host keeps no history between its starts. */
  history_kept?: Optional<boolean>;
  /** Lists to load instead of those of the enrolment. */
  lists?: Optional<readonly string[]>;
  /** What the files must reach, kept apart from them. */
  at_least?: Optional<AtLeast>;
}

/** An enrolment file of a member, or the public one for browsers. */
export interface Enrolment {
  format: string;
  coalition: string;
  [member: string]: unknown;
}

/** Versions of metadata, and the sequence of each list by its id. */
export interface AtLeast {
  root?: Optional<number>;
  timestamp?: Optional<number>;
  snapshot?: Optional<number>;
  targets?: Optional<number>;
  lists?: Optional<Record<string, number>>;
}

/** The gateway's choices; members not given have their defaults. One of the first two is required. See
 * `docs/scoring.md`. */
export interface Policy {
  /** The lists that must answer, by the coalition's name. */
  required?: Optional<Record<string, readonly string[]>>;
  /** No list need answer, and no verdict is clean. */
  without_lists?: Optional<boolean>;
  /** The coalitions that are asked; all of them if none is named. */
  coalitions?: Optional<readonly string[]>;
  prevalence_per_million?: Optional<number>;
  agreement_per_mille?: Optional<number>;
  /** Millibits. */
  typology_cap?: Optional<number>;
  typologies_off?: Optional<readonly string[]>;
  /** Millibits. */
  typology_weights?: Optional<
    readonly { rule: string; weight: number; otherwise?: Optional<number> }[]
  >;
  /** How many coalitions must ask for at least this. */
  required_coalitions?: Optional<{
    hold_payout?: Optional<number>;
    block?: Optional<number>;
  }>;
  list_max_age_days?: Optional<number>;
  expired_grace_days?: Optional<number>;
  poll_max_age_hours?: Optional<number>;
  /** Schemes of `other` and `handle` whose ids are numbers. */
  numeric_schemes?: Optional<readonly string[]>;
  /** Facilitators whose ids may be as long as a card number; `any` stands for all. */
  numeric_sub_merchants?: Optional<readonly string[]>;
  flows?: Optional<{ [flow in Flow]?: Optional<FlowPolicy> }>;
  /** Keys of which two must sign an override. */
  override_keys?: Optional<readonly PublicKey[]>;
  /** Keys that may sign clearances. */
  clearance_keys?: Optional<readonly PublicKey[]>;
  /** Where merchants and payers can turn to. */
  help_line?: Optional<string>;
  country?: Optional<string>;
  /** The clause of the gateway's terms that a refusal rests on. */
  terms_clause?: Optional<string>;
}

/** A public key, as in TUF metadata. */
export interface PublicKey {
  name: string;
  keytype: string;
  scheme: string;
  public: string;
}

/** What one flow does. */
export interface FlowPolicy {
  /** What it starts from; its own if not said. */
  preset?: Optional<Flow>;
  monitor_score?: Optional<number>;
  review_score?: Optional<number>;
  /** What happens when no fresh list answers. */
  unavailable?: Optional<"monitor" | "review">;
}

/** What is in force now. */
export interface Configured {
  coalitions: string[];
  /** Keys in all. */
  keys: number;
  /** Digest of the policy, hexadecimal. */
  policy: string;
  /** That of the shadow policy, if there is one. */
  shadow?: string;
  /** That of each policy that requests choose, by its name. */
  policies?: Record<string, string>;
  /** Overrides in force. */
  overrides: number;
  /** Clearances in force. */
  clearances: number;
  /** What is odd about the policies; absent if nothing is. */
  warnings?: PolicyWarning[];
}

/** A field of a policy that has no effect. Words of `code` may grow in number. */
export interface PolicyWarning {
  code: "unknown_rule" | "unknown_coalition" | "no_hotline" | (string & {});
  /** Which field, such as `policy.typologies_off[0]`. */
  path: string;
  message: string;
}

export interface PollMessage {
  coalition: string;
  /** `store` replays the files that were saved, `repository` updates; without it, what is needed now. */
  begin?: Optional<"store" | "repository">;
  /** With `begin`: asks for this one signed file instead, by its target path. */
  target?: Optional<string>;
}

export interface SupplyMessage {
  coalition: string;
  /** The `name` of the file that was asked for. */
  name: string;
  /**
   * `bytes` with the file beside this message, `not_found` when the source has no such file, `saved` for a part of a
   * release that was saved before: its list does not go live.
   */
  outcome: "bytes" | "saved" | "not_found" | "failed";
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
}

/** What is in place. */
export interface State {
  coalitions: CoalitionState[];
}

/** Times are seconds since 1970. */
export interface CoalitionState {
  name: string;
  /** Save it beside the files, and give it back to `configure`. */
  history: string;
  /** Why the files may not be the newest there were: `no_history`, `rolled_back`. */
  doubts: Doubt[];
  /** The newest verified time: the clock does not go below it. */
  newest_time: number | null;
  /** When the last completed poll of the repository began. */
  polled: number | null;
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
  /** The same as `digest` with timestamp and snapshot: receipts name the state by it. */
  metadata_digest: string;
  lists: ListState[];
  /** Packs of typologies in place. */
  typologies?: {
    list: string;
    name: string;
    version: number;
    rules: number;
    skipped: number;
    counted: boolean;
  }[];
}

export interface ListState {
  list: string;
  edition: Edition;
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
  /** The day from which the list is published in a later format alone, in seconds since 1970, if announced. */
  ends?: number;
  kinds: Kind[];
  freshness: Freshness;
  age_s: number;
  /** Whether its key is at hand. */
  key: boolean;
}

export interface DescribeMessage {
  /** At most 32. */
  identifiers?: Optional<readonly Identifier[]>;
  /** A web address, understood as its host. */
  url?: Optional<string>;
  /** Whether the typologies in place are told. */
  typologies?: Optional<boolean>;
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
  /** There when they were asked for. */
  typologies?: {
    coalition: string;
    list: string;
    name: string;
    version: number;
    /** Weights as the policy has them, in millibits. */
    rules: {
      id: string;
      title: string;
      /** The title in other languages, by ISO 639-1 code. */
      texts?: { [language: string]: string };
      /** The group whose rules are not independent. */
      group?: string;
      direction: "riskier" | "safer";
      weight: number;
      otherwise: number;
      calibrated: boolean;
      when: string;
      source: string;
      state: "counted" | "off";
    }[];
    skipped: { id: string; requires: string[] }[];
  }[];
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
  codeName: CodeName;
  /** Where in the message, such as `identifiers[2].value`; empty if it is not in the message. */
  path: string;
  /** Of a refused question, where a receipt key is. */
  receipt?: RefusalReceipt;
}
