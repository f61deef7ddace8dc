// Serves a folder as it is, under a strict content security policy.

import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { listening, POLICY, TYPES } from "../../chromium.mjs";


/**
 * @param {string} folder
 * @param {object} [options]
 * @param {Record<string, string>} [options.types] Content types in place of the right ones.
 * @param {Record<string, number>} [options.failures] How often a file of that extension answers 503 first.
 */
export async function serveFolder(folder, { types = {}, failures = {} } = {}) {
  const left = { ...failures };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = join(folder, normalize(pathname === "/" ? "/index.html" : pathname));
    const extension = extname(path);
    let status = existsSync(path) && statSync(path).isFile() ? 200 : 404;
    if (pathname === "/favicon.ico") status = 204;
    if (left[extension] > 0) {
      left[extension] -= 1;
      status = 503;
    }
    response.writeHead(status, {
      "content-type": types[extension] ?? TYPES[extension] ?? "application/octet-stream",
      "content-security-policy": `${POLICY}; worker-src 'self'`,
      "cache-control": "no-store",
    });
    response.end(status === 200 ? readFileSync(path) : undefined);
  });
  return await listening(server);
}
