// Files over HTTP: never more bytes than they may have, never longer than they may take, never from elsewhere.

import { InterdictError, told } from "./errors.js";
import { PATIENCE, PAUSE } from "./limits.js";

/**
 * @typedef {{ bytes: Uint8Array } | { isMissing: true } | { failure: string }} Brought
 */

/** Fetches files, and counts the requests. */
export class Fetcher {
  requests = 0;
  #fetch;

  constructor(fetch) {
    // Browsers call it on the window alone.
    this.#fetch = fetch ?? ((...request) => globalThis.fetch(...request));
  }

  /**
   * One file of at most `most` bytes. A request that gets no answer is made once more.
   *
   * @param {URL} address
   * @param {{ most: number, cache?: RequestCache, signal?: AbortSignal }} options
   * @returns {Promise<Brought>}
   */
  async bring(address, options) {
    for (let attempt = 1; ; attempt += 1) {
      const brought = await this.#once(address, options);
      if (!brought.isTransient || attempt === 2 || options.signal?.aborted) return brought;
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  async #once(address, { most, cache = "default", signal }) {
    const stop = new AbortController();
    const end = () => stop.abort();
    const whole = setTimeout(end, PATIENCE.file);
    const answer = setTimeout(end, PATIENCE.answer);
    signal?.addEventListener("abort", end);
    try {
      signal?.throwIfAborted();
      this.requests += 1;
      const response = await this.#fetch(address.href, {
        cache,
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: stop.signal,
      });
      clearTimeout(answer);
      return await received(response, address, most);
    } catch (error) {
      signal?.throwIfAborted();
      if (stop.signal.aborted) return { failure: "the answer took too long" };
      return { failure: `there was no answer (${told(error)})`, isTransient: true };
    } finally {
      clearTimeout(whole);
      clearTimeout(answer);
      signal?.removeEventListener("abort", end);
    }
  }
}

async function received(response, address, most) {
  const { status } = response;
  const abandon = (brought) => {
    response.body?.cancel().catch(() => {});
    return brought;
  };
  // A file that says nothing of where it came from was not redirected.
  if (response.url && new URL(response.url).origin !== address.origin)
    return abandon({ failure: "it was redirected to another server" });
  if (status === 404 || status === 410) return abandon({ isMissing: true });
  if (status !== 200) return abandon({ failure: `the server answered ${status}`, isTransient: status >= 500 });
  if (/^text\/html\b/i.test(response.headers?.get("content-type") ?? ""))
    return abandon({ failure: "a web page came in its place, as from the sign-in page of a network" });
  const bytes = await bounded(response, most);
  return bytes ? { bytes } : abandon({ failure: "the file is larger than it may be" });
}

/** The body; `undefined` if it is longer than `most`. */
async function bounded(response, most) {
  if (Number(response.headers?.get("content-length")) > most && !response.headers.get("content-encoding"))
    return undefined;
  if (!response.body) {
    const bytes = new Uint8Array(await response.arrayBuffer());
    return bytes.length > most ? undefined : bytes;
  }
  const reader = response.body.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Fails unless SHA-256 of the bytes is the digest: 64 hexadecimal digits, or `sha256-` and base64. */
export async function checkDigest(bytes, digest) {
  if (!/^(?:[0-9a-f]{64}|sha256-[A-Za-z0-9+/]{43}=)$/i.test(digest))
    throw new InterdictError("invalid", "it is 64 hexadecimal digits, or sha256- and base64", { path: "digest" });
  if (!globalThis.crypto?.subtle)
    throw new InterdictError("invalid", "a digest can be checked on https: and localhost only");
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = [...found].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const base64 = `sha256-${btoa(String.fromCharCode(...found))}`;
  if (digest !== base64 && String(digest).toLowerCase() !== hex)
    throw new InterdictError("digest_differs", "the enrolment file is not the one that the digest is of");
}
