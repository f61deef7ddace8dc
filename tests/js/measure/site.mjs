// Serves a page, the package and a coalition's repository, as a server of files does: compressed, and scripts kept
// for a year.

import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { listening, POLICY, TYPES } from "../chromium.mjs";

const YEAR = "public, max-age=31536000, immutable";

/**
 * @param {Record<string, string>} rooms Folders by the first part of an address.
 * @param {Record<string, string | Buffer>} files Contents by address.
 */
export async function servedSite(rooms, files) {
  const packed = new Map();
  const found = (path) => {
    if (Object.hasOwn(files, path)) return Buffer.from(files[path]);
    const [, room, ...rest] = path.split("/");
    if (!Object.hasOwn(rooms, room)) return undefined;
    const file = join(rooms[room], normalize(`/${rest.join("/")}`));
    return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    let body = found(path);
    const type = TYPES[extname(path)] ?? (path.endsWith("/") ? TYPES[".html"] : "application/octet-stream");
    const isText = type !== "application/octet-stream";
    // Metadata and the page itself are asked for anew. Other files have a version in their name.
    const changes = path.endsWith("/") || /\/metadata\/|\/page\/.*\.json$/.test(path);
    if (body && isText) {
      if (!packed.has(path)) packed.set(path, gzipSync(body, { level: 9 }));
      body = packed.get(path);
    }
    response.writeHead(body ? 200 : 404, {
      "content-type": type,
      ...(body && isText ? { "content-encoding": "gzip" } : {}),
      ...(body ? { "content-length": body.length } : {}),
      "content-security-policy": `${POLICY}; worker-src 'self'`,
      "cache-control": changes ? "no-cache" : YEAR,
      // Memory can be measured in an isolated page only, and its clock is finer.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body);
  });
  return await listening(server);
}

/** A page that loads nothing but one script. */
export function pageOf(script) {
  const head = '<!doctype html><html lang="en"><title>Measured</title><link rel="icon" href="data:,">';
  return `${head}<script type="module" src="${script}"></script>`;
}
