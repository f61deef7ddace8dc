import { InterdictError } from "./errors.js";
import { isFileName } from "./location.js";
import { parsed } from "./verdict.js";

/** 256 roots, three more of metadata, and the parts of a coalition's lists. A module that asks for more would not end. */
const MAX_FILES = 4096;

/**
 * What a source brought for a file that a walk asks for.
 *
 * @typedef {{ bytes: Uint8Array } | { isMissing: true } | { failure: string }} Brought
 */

/** Why the module ended a walk. What was live stays live. */
export class WalkRefused extends Error {
  constructor(fetch, refusal, failure) {
    super(`${fetch.path}: ${failure ?? refusal.message}`, { cause: refusal });
    /** Why the file could not be brought, if that was the cause. */
    this.failure = failure;
  }
}

/**
 * Brings an instance one file after another until it has what it needs: yields each `fetch`, and takes what was
 * brought for it with `next()`. `keep` is called with each file that was verified, before the next is asked for.
 *
 * @returns {Generator<object, { completed: boolean, files: string[] }, Brought>}
 * @throws {WalkRefused} The module refused a file.
 */
export function* walk(instance, coalition, begin, now, keep) {
  let progress = parsed(instance.callText("poll", { coalition, begin }, now));
  for (let count = 0; count < MAX_FILES; count += 1) {
    const { fetch } = progress;
    if (fetch === null || fetch === undefined)
      return { completed: progress.completed === true, files: progress.files ?? [] };
    if (!isFileName(fetch.name) || typeof fetch.path !== "string" || !Number.isInteger(fetch.max_size)) {
      throw new InterdictError("answer", "the module asks for a file that no store may hold");
    }
    const brought = yield fetch;
    progress = supply(instance, coalition, fetch, brought, now);
    if (progress.keep === true && brought.bytes) keep(fetch, brought.bytes);
  }
  throw new InterdictError("answer", "the module's walk does not end");
}

function supply(instance, coalition, fetch, brought, now) {
  if (brought.bytes) instance.file(brought.bytes);
  const outcome = brought.bytes ? "bytes" : brought.isMissing ? "not_found" : "failed";
  try {
    return parsed(instance.callText("supply", { coalition, name: fetch.name, outcome }, now));
  } catch (error) {
    throw error.kind === "refused" ? new WalkRefused(fetch, error, brought.failure) : error;
  }
}

/** Metadata stays verified when a walk ends early; the parts of a release do not. */
export function isMetadata(fetch) {
  return fetch.path.startsWith("metadata/");
}
