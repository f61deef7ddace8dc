/**
 * Makes a value once and keeps it. If the making fails it is tried again at the next call, and an `AbortSignal` ends only
 * the waiting of the caller who gave it.
 *
 * @template T
 * @param {() => Promise<T>} make
 * @returns {(signal?: AbortSignal) => Promise<T>}
 */
export function kept(make) {
  let pending;
  return async (signal) => {
    signal?.throwIfAborted();
    pending ??= make().catch((error) => {
      pending = undefined;
      throw error;
    });
    return await waited(pending, signal);
  };
}

function waited(pending, signal) {
  if (!signal) return pending;
  return new Promise((done, failed) => {
    const end = () => failed(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    pending.then(done, failed).finally(() => signal.removeEventListener("abort", end));
  });
}
