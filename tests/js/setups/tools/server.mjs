// Serves a folder as it is, under a strict content security policy.

import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'";
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

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
      "content-security-policy": POLICY,
      "cache-control": "no-store",
    });
    response.end(status === 200 ? readFileSync(path) : undefined);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
