import http from "node:http";
import https from "node:https";
import { readFileSync } from "node:fs";

import { isPrivateHost, lookUpPublic, REFUSED } from "./addresses.js";
import { InterdictError } from "./errors.js";
import { unpacked } from "./unpack.js";

/** Redirects that are followed for one file, all within the repository's own server. */
const MAX_REDIRECTS = 3;
const SHORT = 64 << 10;
const REDIRECTS = [301, 302, 303, 307, 308];
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const HEADERS = { "user-agent": `interdict-node/${version}`, "accept-encoding": "identity", accept: "*/*" };

/** What is said instead of the system's words, which may repeat an address with a password. */
const CAUSES = {
  ENOTFOUND: "no such host",
  EAI_AGAIN: "no such host",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection ended early",
  ETIMEDOUT: "the server was too slow",
  EPRIVATE: REFUSED,
  ETOOLARGE: "the file is larger than it can be",
  ESTOPPED: "the refresh was stopped",
};

/** A web server, by the URL of its base. */
export class HttpRepository {
  #base;
  #auth;
  #patience;
  #agent;
  #client;
  #lookup;

  /**
   * @param {string} location An http: or https: URL without a query.
   * @param {{ connect: number, response: number, file: number }} patience Milliseconds.
   * @param {boolean} mayBePrivate Whether it may be on this machine or in a private network.
   */
  constructor(location, patience, mayBePrivate) {
    const url = parsedUrl(location);
    if (!mayBePrivate && isPrivateHost(url.hostname)) throw new InterdictError("invalid", REFUSED);
    this.#auth = authOf(url);
    this.#base = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
    this.#patience = patience;
    this.#client = url.protocol === "https:" ? https : http;
    this.#agent = new this.#client.Agent({ keepAlive: true });
    this.#lookup = mayBePrivate ? undefined : lookUpPublic;
  }

  /**
   * One file, at most `maxSize` bytes of it.
   *
   * @param {AbortSignal} signal Stops it.
   * @returns {Promise<import("./walk.js").Brought>}
   */
  async bring(path, isPacked, maxSize, signal) {
    const stop = new AbortController();
    const end = (code) => () => stop.abort(failure(code));
    const stopped = end("ESTOPPED");
    const timer = setTimeout(end("ETIMEDOUT"), this.#patience.file);
    signal.addEventListener("abort", stopped, { once: true });
    try {
      if (signal.aborted) stopped();
      return await this.#follow(path, isPacked, maxSize, stop.signal);
    } catch (error) {
      const { code } = stop.signal.reason ?? error;
      return { failure: CAUSES[code] ?? otherCause(String(code)) };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stopped);
    }
  }

  /** Closes the connections. */
  close() {
    this.#agent.destroy();
  }

  async #follow(path, isPacked, maxSize, signal) {
    let address = new URL(`${this.#base}/${path}`);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const response = await this.#requestAgain(address, signal);
      const { statusCode: status } = response;
      if (status === 200) return { bytes: await whole(response, isPacked, maxSize) };
      discard(response);
      if (status === 404 || status === 410) return { isMissing: true };
      if (!REDIRECTS.includes(status)) return { failure: ofStatus(status) };
      const next = within(address, response.headers.location);
      if (next === undefined) return { failure: `${status}: redirected elsewhere` };
      address = next;
    }
    return { failure: "too many redirects" };
  }

  /** A connection that was kept may have been closed by the server just now: that is no answer. */
  async #requestAgain(address, signal) {
    try {
      return await this.#request(address, signal);
    } catch (error) {
      if (!error.wasReused || signal.aborted) throw error;
      return this.#request(address, signal);
    }
  }

  #request(address, signal) {
    return new Promise((resolve, reject) => {
      const options = {
        agent: this.#agent,
        auth: this.#auth,
        headers: HEADERS,
        lookup: this.#lookup,
        rejectUnauthorized: true,
        signal,
      };
      const request = this.#client.request(address, options);
      const tooSlow = () => request.destroy(failure("ETIMEDOUT"));
      let timer = setTimeout(tooSlow, this.#patience.connect);
      const connected = () => {
        clearTimeout(timer);
        timer = setTimeout(tooSlow, this.#patience.response);
      };
      request.on("socket", (socket) => {
        if (request.reusedSocket) connected();
        else socket.once(this.#client === https ? "secureConnect" : "connect", connected);
      });
      request.on("response", (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      request.on("error", (error) => {
        clearTimeout(timer);
        error.wasReused = request.reusedSocket && error.code === "ECONNRESET";
        reject(error);
      });
      request.end();
    });
  }
}

function parsedUrl(location) {
  let url;
  try {
    url = new URL(location);
  } catch {
    url = undefined;
  }
  if (url && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "") return url;
  throw new InterdictError(
    "invalid",
    "a repository is a path, or a URL that starts with https:, http: or file:",
  );
}

function authOf({ username, password }) {
  if (username === "" && password === "") return undefined;
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    throw new InterdictError("invalid", "name and password of the repository are not percent-encoded");
  }
}

/** Where a redirect leads on the same server; `undefined` for any other. */
function within(from, location) {
  try {
    const target = new URL(location, from);
    return target.origin === from.origin ? target : undefined;
  } catch {
    return undefined;
  }
}

/** The body, unpacked if it is a gzip copy; never more than a file of `maxSize` can take. */
async function whole(response, isPacked, maxSize) {
  const most = isPacked ? maxSize + (maxSize >> 10) + 1024 : maxSize;
  if (Number(response.headers["content-length"]) > most) {
    response.destroy();
    throw failure("ETOOLARGE");
  }
  const chunks = [];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    if (length > most) throw failure("ETOOLARGE");
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, length);
  return isPacked ? unpacked(bytes, maxSize) : bytes;
}

/** A short body is read to its end, so that the connection serves the next file too. */
function discard(response) {
  response.on("error", () => {});
  if (Number(response.headers["content-length"]) <= SHORT) response.resume();
  else response.destroy();
}

function ofStatus(status) {
  if (status === 403) return "the server answered 403; for a file it does not have it must answer 404";
  return `the server answered ${status}`;
}

function otherCause(code) {
  if (/CERT|SIGNATURE|TLS|SSL|ALTNAME/.test(code)) return "the server's certificate was not accepted";
  return code.startsWith("HPE_") ? "the server's answer was not understood" : "the connection failed";
}

function failure(code) {
  return Object.assign(new Error(CAUSES[code]), { code });
}
