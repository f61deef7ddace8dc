import { realpathSync } from "node:fs";
import { join, resolve, sep } from "node:path";

import { InterdictError } from "./errors.js";
import { read } from "./files.js";
import { HttpRepository } from "./http.js";
import { isBelowBase } from "./location.js";
import { unpacked } from "./unpack.js";
import { isMetadata } from "./walk.js";

/**
 * Where a coalition's files come from. A repository needs no trust, because the module verifies every byte: what is
 * bounded here is how much it may send and how long it may take.
 */
export class Repository {
  #source;

  /**
   * @param {string} location A path, a `file:` URL, or an HTTP(S) URL.
   * @param {string} directory Where relative paths start.
   */
  constructor(location, directory, patience, mayBePrivate) {
    if (typeof location !== "string")
      throw new InterdictError("invalid", "the enrolment names no repository");
    if (/^file:/.test(location)) this.#source = new Folder(resolve(directory, pathOf(location)));
    else if (!location.includes("://")) this.#source = new Folder(resolve(directory, location));
    else this.#source = new HttpRepository(location, patience, mayBePrivate);
  }

  /**
   * Brings a file that a walk asks for: of a part of a release the gzip copy, and the file itself whatever is wrong
   * with the copy.
   *
   * @param {AbortSignal} signal
   * @returns {Promise<import("./walk.js").Brought>}
   */
  async bring(fetch, signal) {
    if (!isBelowBase(fetch.path)) return { failure: "the module asks for a path outside the repository" };
    if (!isMetadata(fetch)) {
      const copy = await this.#source.bring(`${fetch.path}.gz`, true, fetch.max_size, signal);
      if (copy.bytes) return copy;
    }
    return this.#source.bring(fetch.path, false, fetch.max_size, signal);
  }

  close() {
    this.#source.close();
  }
}

function pathOf(location) {
  const rest = location.slice("file:".length);
  return rest.startsWith("//localhost/") ? rest.slice("//localhost".length) : rest.replace(/^\/\//, "");
}

/** A folder: a USB stick, a mirror. */
class Folder {
  constructor(base) {
    this.base = base;
  }

  async bring(path, isPacked, maxSize) {
    let base;
    try {
      base = realpathSync(this.base);
    } catch (error) {
      // Without its base no file counts as missing: a stick that is not plugged in does not say which root is newest.
      return { failure: `the repository's folder: ${error.code}` };
    }
    try {
      const file = realpathSync(join(base, path));
      if (!file.startsWith(base.endsWith(sep) ? base : base + sep))
        return { failure: "not a file within the repository" };
      const bytes = read(file, isPacked ? maxSize + (maxSize >> 10) + 1024 : maxSize);
      if (bytes === undefined) return { isMissing: true };
      return { bytes: isPacked ? await unpacked(bytes, maxSize) : bytes };
    } catch (error) {
      if (error.code === "ENOENT") return { isMissing: true };
      return {
        failure:
          error instanceof InterdictError
            ? "the file is not a regular one, or larger than it can be"
            : String(error.code),
      };
    }
  }

  close() {}
}
