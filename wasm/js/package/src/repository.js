import { isBelowBase } from "../../../../host-example/node/src/location.js";
import { InterdictError } from "./errors.js";
import { MAX_BUNDLE } from "./limits.js";

const ROOT = /^metadata\/(\d+)\.root\.json$/;

/**
 * A coalition's repository. All metadata come in one request, `metadata/bundle.json` (docs/format.md), if the publisher
 * has one: nothing in it is believed that the module does not verify.
 */
export class Repository {
  #base;
  #fetcher;
  #signal;
  /** Texts by path, and the newest root that the publisher has. */
  #bundle;

  constructor(address, fetcher, signal) {
    try {
      this.#base = new URL(address.endsWith("/") ? address : `${address}/`);
    } catch (cause) {
      throw new InterdictError("invalid", "the enrolment's repository is no web address", { cause });
    }
    this.#fetcher = fetcher;
    this.#signal = signal;
  }

  /** Fetches the bundle. Returns whether the repository may have one: not if the server says that it has none. */
  async fetchBundle() {
    const brought = await this.#file("metadata/bundle.json", MAX_BUNDLE, "no-cache");
    this.#bundle = brought.bytes && bundleOf(brought.bytes);
    return !brought.isMissing;
  }

  forgetBundle() {
    this.#bundle = undefined;
  }

  get hasBundle() {
    return this.#bundle !== undefined;
  }

  /** What the module asks for. */
  async bring({ path, max_size: most }) {
    const text = this.#bundle?.files.get(path);
    if (text !== undefined) {
      const bytes = new TextEncoder().encode(text);
      return bytes.length > most ? { failure: "the file is larger than it may be" } : { bytes };
    }
    const version = Number(ROOT.exec(path)?.[1]);
    if (this.#bundle && version > this.#bundle.root) return { isMissing: true };
    // Other files have their version or digest in their name and never change.
    const changes = path === "metadata/timestamp.json" || !Number.isNaN(version);
    return this.#file(path, most, changes ? "no-cache" : "default");
  }

  #file(path, most, cache) {
    if (!isBelowBase(path)) return { failure: "the path leads out of the repository" };
    return this.#fetcher.bring(new URL(path, this.#base), { most, cache, signal: this.#signal });
  }
}

/** What is no bundle of this format is passed over: every file can be fetched by itself. */
function bundleOf(bytes) {
  try {
    const { format, root, files } = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    if (format !== "interdict-bundle-1" || !Number.isInteger(root)) return undefined;
    return { root, files: new Map(Object.entries(files).filter(([, text]) => typeof text === "string")) };
  } catch {
    return undefined;
  }
}
