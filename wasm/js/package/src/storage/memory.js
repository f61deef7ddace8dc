/** What was kept: nothing, as at a first visit. */
export const NOTHING = Object.freeze({ files: new Map(), pending: new Map(), history: undefined, checked: 0 });

/**
 * Keeps nothing beyond this page. The shape of every storage:
 *
 * - `read()`: `{ files, pending, history, checked, hasNoBundle }`: the files of the last completed update, verified files
 *   of a later one, the history that belongs to the first, and when it completed (seconds since 1970).
 * - `keep(name, bytes)`: a verified file of an update that has not completed.
 * - `commit({ files, history, checked, hasNoBundle })`: a completed update, as a whole; forgets what was kept.
 * - `remember(history)`: another history for the same files.
 * - `exclusively(run, signal)`: runs while no other page or process updates the same coalition.
 * - `enrol()`, optional: saves the enrolment, which the module has accepted.
 */
export class MemoryStorage {
  kind = "memory";
  #saved = NOTHING;

  /** @param {string} [problem] Why another storage could not be used. */
  constructor(problem) {
    this.problem = problem;
  }

  async read() {
    return this.#saved;
  }

  async keep(name, bytes) {
    this.#saved = { ...this.#saved, pending: new Map(this.#saved.pending).set(name, bytes) };
  }

  async commit(saved) {
    this.#saved = { ...saved, pending: new Map() };
  }

  async remember(history) {
    this.#saved = { ...this.#saved, history };
  }

  exclusively(run) {
    return run();
  }

  close() {}
}
