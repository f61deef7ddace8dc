// The Chromium of the tests, and how a page of theirs is served.

import { extname } from "node:path";

/** CHROMIUM names another browser. */
export const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** What a page of the package needs, and nothing more. */
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
export const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** The content type of a path; a page's own for one without a file's ending. */
export function typeOf(path) {
  return TYPES[extname(path)] ?? TYPES[".html"];
}

/** Lets a server listen on this machine: its address, and what ends it at once. */
export async function listening(server) {
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
