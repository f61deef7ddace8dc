// From a coalition's repository to the disk, all or nothing. The instance that walked is the new state.

import { InterdictError, told } from "./errors.js";
import { parsed } from "./verdict.js";
import { isMetadata, walk, WalkRefused } from "./walk.js";

/**
 * Walks through a coalition's repository in an instance that nobody else uses, and saves what it brings. The caller has
 * the coalition's locks.
 *
 * @param {Instance} instance A copy of the one that answers.
 * @param {Coalition} coalition As it was loaded into it.
 * @param {AbortSignal} signal Ends it without a result.
 * @returns {Promise<{ outcome: string, why?: string, coalition?: Coalition }>} With the coalition as it lies on the
 *   disk now, if the instance may answer from now on.
 */
export async function update(instance, coalition, repository, now, patience, signal) {
  const kept = new Map();
  const keep = (fetch, bytes) => {
    kept.set(fetch.name, { path: coalition.shelf.keep(fetch.name, bytes), isMetadata: isMetadata(fetch) });
  };
  const stop = new AbortController();
  const end = () => stop.abort();
  const timer = setTimeout(end, patience.refresh);
  signal.addEventListener("abort", end);
  try {
    const steps = walk(instance, coalition.name, "repository", now, keep);
    const walked = await bringAll(steps, repository, stop.signal, signal);
    if (!walked.completed)
      return { outcome: "failed", why: "the repository's files do not make up a release" };
    return complete(instance, coalition, walked.files, kept, now);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WalkRefused)
      return { outcome: "failed", why: error.message, ...remember(instance, coalition, kept, now) };
    // The module may believe that a file is kept which is not.
    return { outcome: "failed", why: told(error) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

async function bringAll(steps, repository, stop, signal) {
  for (let step = steps.next(); ;) {
    if (step.done) return step.value;
    const brought = await repository.bring(step.value, stop);
    signal.throwIfAborted();
    const isLate = stop.aborted && !brought.bytes;
    step = steps.next(isLate ? { failure: "the repository took longer than a refresh may" } : brought);
  }
}

/** Steps 2 to 5 of docs/store.md, "Writing". */
function complete(instance, coalition, files, kept, now) {
  const { shelf } = coalition;
  const sources = new Map(files.map((name) => [name, kept.get(name)?.path ?? coalition.sources.get(name)]));
  if ([...sources.values()].includes(undefined)) {
    throw new InterdictError("answer", "the module names files that it never asked for");
  }
  const history = historyOf(instance, coalition.name, now);
  const isNew = coalition.generation === undefined || !shelf.hasAll(coalition.generation, sources);
  const number = isNew ? shelf.commit(sources, coalition.generation) : coalition.generation;
  if (!isNew) shelf.clearPending();
  shelf.saveHistory(history);
  return { outcome: isNew ? "updated" : "unchanged", coalition: coalition.updated(number, files, history) };
}

/** Saves which versions an update saw that did not complete: should its files be lost, that is noticed. */
function remember(instance, coalition, kept, now) {
  const history = historyOf(instance, coalition.name, now);
  if (history !== coalition.history) coalition.shelf.saveHistory(history);
  const metadata = [...kept].filter(([, file]) => file.isMetadata);
  return {
    coalition: coalition.continued(
      metadata.map(([name, { path }]) => [name, path]),
      history,
    ),
  };
}

function historyOf(instance, name, now) {
  const { coalitions } = parsed(instance.callText("state", "{}", now));
  const history = coalitions?.find((state) => state.name === name)?.history;
  if (typeof history === "string" && history !== "") return history;
  throw new InterdictError("answer", "the module gives no history");
}
