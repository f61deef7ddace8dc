import { readFile, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { gunzipSync } from "node:zlib";

/** The repositories of the world by the word of the switch. */
const FOLDERS = {
  fresh: "repository",
  tampered: "repository",
  slow: "repository",
  older: "older",
  rotated: "rotated",
  stale: "stale",
  foreign: "other-root",
};

/** A coalition's repositories, as the web server or mirror that a visitor is switched to would serve them. */
export class Lists {
  #world;

  constructor(world) {
    this.#world = world;
  }

  /**
   * A file, as `{ bytes, encoding }`; `undefined` if there is none.
   *
   * @param {string} path Below the repository.
   * @param {{ switches: { lists: string }, file?: string, without: string[] }} visitor
   * @param {boolean} takesGzip
   */
  async file(path, { switches, file, without }, takesGzip) {
    if (without.includes(path)) return undefined;
    const folder = FOLDERS[switches.lists];
    if (folder === undefined) return undefined;
    const base = await realpath(join(this.#world, folder));
    if (switches.lists === "tampered" && (file === undefined || file === path)) {
      const bytes = (await read(base, path)) ?? unpacked(await read(base, `${path}.gz`));
      return bytes && { bytes: tampered(bytes) };
    }
    const packed = takesGzip ? await read(base, `${path}.gz`) : undefined;
    if (packed) return { bytes: packed, encoding: "gzip" };
    const bytes = (await read(base, path)) ?? unpacked(await read(base, `${path}.gz`));
    return bytes && { bytes };
  }
}

async function read(base, path) {
  try {
    const file = await realpath(join(base, path));
    return file.startsWith(base + sep) ? await readFile(file) : undefined;
  } catch {
    return undefined;
  }
}

function unpacked(bytes) {
  return bytes && gunzipSync(bytes);
}

/**
 * One bit is another: in the middle, or of the timestamp in a bundle, whose other parts a page with a list may not need.
 */
function tampered(bytes) {
  const changed = Buffer.from(bytes);
  const timestamp = bytes.toString("latin1").search(/_type\\":\s*\\"timestamp/);
  changed[timestamp < 0 ? changed.length >> 1 : timestamp] ^= 1;
  return changed;
}
