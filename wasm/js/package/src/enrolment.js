import { InterdictError } from "./errors.js";
import { checkDigest } from "./files.js";
import { MAX_ENROLMENT } from "./limits.js";

/**
 * The enrolment's object. The module checks all of it; what this package itself reads is checked here.
 *
 * @returns {Promise<import("./index.js").Enrolment>}
 */
export async function enrolmentOf(given, digest, fetcher, signal) {
  const object = await objectOf(given, digest, fetcher, signal);
  const isText = (value) => typeof value === "string" && value !== "";
  const { coalition, repository, root, lists } = object ?? {};
  if (![coalition, repository, root].every(isText) || !Array.isArray(lists) || !lists.every(isText))
    throw new InterdictError("invalid", "this is no enrolment file", { path: "enrolment" });
  return object;
}

async function objectOf(given, digest, fetcher, signal) {
  const bytes = await bytesOf(given, fetcher, signal);
  if (bytes === undefined) {
    if (digest !== undefined)
      throw new InterdictError("invalid", "a digest is of the enrolment file's bytes: give those, or its address", {
        path: "digest",
      });
    return given;
  }
  if (digest !== undefined) await checkDigest(bytes, digest);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InterdictError("invalid", "the enrolment file is no JSON", { cause });
  }
}

/** The file's bytes; `undefined` for an object. */
async function bytesOf(given, fetcher, signal) {
  if (given instanceof ArrayBuffer) return new Uint8Array(given);
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (typeof given !== "string" && !(given instanceof URL)) return undefined;
  const brought = await fetcher.bring(addressOf(given, "enrolment"), { most: MAX_ENROLMENT, cache: "no-cache", signal });
  if (brought.bytes) return brought.bytes;
  throw new InterdictError("enrolment_not_loaded", brought.failure ?? "the server has no such file");
}

/** An address, in a page also one relative to it. */
export function addressOf(given, path) {
  let address;
  try {
    address = new URL(given, globalThis.location?.href);
  } catch {
    address = undefined;
  }
  if (address && /^https?:$/.test(address.protocol)) return address;
  throw new InterdictError("invalid", "this is no web address; a file is read first, and given as its bytes", { path });
}
