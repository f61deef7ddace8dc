import { holdsCardNumber } from "./card-number.js";
import { InterdictError } from "./errors.js";
import { readMembers } from "./members.js";

/** Whose authorisation events are read: Stripe Issuing, Adyen, Lithic and Marqeta. */
export const ISSUERS = Object.freeze(["stripe-issuing", "adyen-relayed", "lithic-asa", "marqeta-jit"]);

/** The members that are read (`fixtures/README.md` of the repository, Issuers' events). */
const PLANS = new Map([
  [
    "stripe-issuing",
    plan({
      type: "type",
      data: {
        object: {
          network_data: { acquiring_institution_id: "acquirer" },
          merchant_data: { network_id: "acceptor", name: "name", category_code: "category", url: "url" },
        },
      },
    }),
  ],
  [
    "adyen-relayed",
    plan({
      type: "type",
      merchantData: {
        acquirerId: "acquirer",
        merchantId: "acceptor",
        nameLocation: { name: "name" },
        mcc: "category",
      },
    }),
  ],
  [
    "lithic-asa",
    plan({
      merchant: {
        acquiring_institution_id: "acquirer",
        acceptor_id: "acceptor",
        descriptor: "name",
        mcc: "category",
      },
    }),
  ],
  [
    "marqeta-jit",
    plan({
      acquirer: { institution_id_code: "acquirer" },
      card_acceptor: { mid: "acceptor", name: "name", mcc: "category", url: "url" },
    }),
  ],
]);
const TYPES = new Map([
  ["stripe-issuing", "issuing_authorization.request"],
  ["adyen-relayed", "balancePlatform.authorisation.relayed"],
]);
/** Three times the 11 digits of ISO 8583, for leading zeros. */
const ACQUIRER = /^[0-9]{1,32}$/;
const CATEGORY = /^[0-9]{4}$/;
/** Bytes of a card acceptor's id in ISO 8583. One of no more is often all digits, and is no card number that matters. */
const ACCEPTOR = 15;
/** Bytes: four times that, for padding. */
const LONGEST_ACCEPTOR = 64;
/** Bytes: more than any scheme sends. */
const LONGEST_NAME = 256;
const BLANK = /^ *$/;
/** What stands before the first stop, and what stands behind the slashes there, up to the next. */
const ADDRESS = /^([^/\\?#]*)[/\\]*([^/\\?#]*)/;

/** What an issuer's authorisation event says about the merchant, and nothing about the payer. */
export class IssuerEvent {
  constructor(kept, incomplete) {
    /** The acquiring institution's digits (ISO 8583, DE32). */
    this.acquirer = kept.acquirer;
    /** The card acceptor's id (DE42). */
    this.acceptor = kept.acceptor;
    /** For people to read: it is never screened, and has no place in a log. */
    this.name = kept.name;
    /** The merchant category code, four digits. */
    this.category = kept.category;
    /** The merchant's web address; of one with a card-shaped run, scheme and host. */
    this.url = kept.url;
    /** Which of `acquirer`, `acceptor` and `url` could not be asked about; `url` only if it was dropped. */
    this.incomplete = Object.freeze(incomplete);
    const { acquirer, acceptor } = kept;
    const isWhole = acquirer !== undefined && acceptor !== undefined;
    const whole = isWhole ? [Object.freeze({ kind: "card_acceptor", value: `${acquirer}/${acceptor}` })] : [];
    /** The card acceptor, if both halves of it were sent. */
    this.identifiers = Object.freeze(whole);
    Object.freeze(this);
  }

  /**
   * What to give to `Gateway.screen`. Half of a card acceptor is in it too, and an empty address for one that was dropped:
   * the verdict of either is never clean.
   */
  request() {
    const { acquirer, acceptor, category, identifiers, incomplete, url } = this;
    const half = { ...(acquirer && { de32: acquirer }), ...(acceptor && { de42: acceptor }) };
    return {
      flow: "authorisation",
      ...(identifiers.length > 0 ? { identifiers } : (acquirer || acceptor) && { iso8583: half }),
      ...((url || incomplete.includes("url")) && { url: url ?? "" }),
      ...(category && { signals: { mcc: category } }),
    };
  }
}

/**
 * What an authorisation event says about the merchant.
 *
 * @param {string} issuer One of {@link ISSUERS}.
 * @param {Uint8Array} event The body as it was received, after its signature was verified over these bytes.
 * @returns {IssuerEvent}
 * @throws {InterdictError} `malformed` for what is no event, `no_merchant` for one of another type or that names nobody.
 */
export function readIssuerEvent(issuer, event) {
  const members = PLANS.get(issuer);
  if (members === undefined || !(event instanceof Uint8Array)) {
    throw new InterdictError("invalid", "an event is the word of an issuer and the bytes that were received");
  }
  const sent = readMembers(event, members);
  if (!isRequest(issuer, sent)) throw new InterdictError("no_merchant", "the event is of another type");
  const address = webAddress(sent.get("url"));
  const kept = {
    acquirer: keptIf(isAcquirer, sent.get("acquirer")),
    acceptor: keptIf(isAcceptor, sent.get("acceptor")),
    name: keptIf(isName, sent.get("name")),
    category: keptIf(isCategory, sent.get("category")),
    url: address.url,
  };
  const { acquirer, acceptor, url } = kept;
  if (acquirer === undefined && acceptor === undefined && url === undefined) {
    throw new InterdictError("no_merchant", "the event names no merchant");
  }
  const missing = ["acquirer", "acceptor"].filter((name) => kept[name] === undefined);
  return new IssuerEvent(kept, address.isDropped ? [...missing, "url"] : missing);
}

function plan(members) {
  const read = (member) => (typeof member === "string" ? member : plan(member));
  return new Map(Object.entries(members).map(([name, member]) => [name, read(member)]));
}

function isRequest(issuer, sent) {
  const wanted = TYPES.get(issuer);
  // Older versions of Adyen's webhook name no type.
  const isLeftOut = issuer === "adyen-relayed" && !sent.has("type");
  return wanted === undefined || isLeftOut || sent.get("type") === wanted;
}

function keptIf(rule, text) {
  return text !== undefined && rule(text) ? text : undefined;
}

function isAcquirer(text) {
  return ACQUIRER.test(text) && !holdsCardNumber(text);
}

function isAcceptor(text) {
  const size = Buffer.byteLength(text);
  const mayBeCard = size > ACCEPTOR && holdsCardNumber(text);
  return !BLANK.test(text) && size <= LONGEST_ACCEPTOR && !mayBeCard;
}

function isName(text) {
  return !BLANK.test(text) && Buffer.byteLength(text) <= LONGEST_NAME && !holdsCardNumber(text);
}

function isCategory(text) {
  return CATEGORY.test(text);
}

/**
 * The address, and whether one was dropped. The merchant writes it, so a card-shaped run in it cuts it to scheme and host,
 * which alone are screened: nobody is to keep itself from being screened with a number in a path.
 */
function webAddress(text) {
  if (text === undefined || BLANK.test(text)) return { isDropped: false };
  if (!holdsCardNumber(text)) return { url: text, isDropped: false };
  const { scheme, host } = schemeAndHost(text);
  const url = scheme + host;
  return BLANK.test(host) || holdsCardNumber(url) ? { isDropped: true } : { url, isDropped: false };
}

/** The scheme with two slashes, or nothing, and the host, however many slashes stand before it. */
function schemeAndHost(address) {
  const [, first, behind] = ADDRESS.exec(address);
  const isScheme = first.endsWith(":");
  const authority = isScheme || first === "" ? behind : first;
  return { scheme: isScheme ? `${first}//` : "", host: authority.slice(authority.lastIndexOf("@") + 1) };
}
