import { isFileName } from "../../../../host-example/node/src/location.js";
import { InterdictError } from "./errors.js";
import { MAX_FILES } from "./limits.js";

/** Why the module ended a walk. What was live stays live. */
export class WalkRefused extends Error {
  constructor(path, refusal, failure) {
    super(`${path}: ${failure ?? refusal.message}`, { cause: refusal });
  }
}

/**
 * Brings an engine one file after another until it has what it needs: yields each `fetch`, and takes what was brought
 * for it with `next()`. `keep` is called with the name and bytes of each file that was verified.
 *
 * @returns {Generator<object, { completed: boolean, files: string[] }, Brought>}
 */
export function* walk(engine, coalition, begin, now, keep = () => {}) {
  let progress = engine.poll({ coalition, begin }, now);
  for (let count = 0; count < MAX_FILES; count += 1) {
    const { fetch } = progress;
    if (!fetch) return { completed: progress.completed === true, files: progress.files ?? [] };
    if (!isFileName(fetch.name)) throw new InterdictError("answer", "the module gives a file a name that it must not have");
    const brought = yield fetch;
    const outcome = brought.bytes ? "bytes" : brought.isMissing ? "not_found" : "failed";
    try {
      progress = engine.supply({ coalition, name: fetch.name, outcome }, brought.bytes, now);
    } catch (error) {
      if (engine.isTrapped || !(error instanceof InterdictError)) throw error;
      throw new WalkRefused(fetch.path, error, brought.failure);
    }
    if (progress.keep && brought.bytes) keep(fetch.name, brought.bytes);
  }
  throw new InterdictError("answer", "the module's walk does not end");
}
