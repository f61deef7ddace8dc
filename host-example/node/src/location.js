// Names and paths that the module gives.

/** Whether a name that the module gave stays in its directory. */
export function isFileName(name) {
  return typeof name === "string" && /^(?!\.)[a-z0-9.\-_%]{1,200}$/.test(name) && !name.includes("..");
}

/** Whether a path of the module stays below a repository's base, however a server decodes it. */
export function isBelowBase(path) {
  if (path.length > 1000) return false;
  return path.split("/").every((segment) => segment !== "" && !segment.startsWith(".") && isUsual(segment));
}

/** Plain characters, and the others percent-encoded in the one usual way (RFC 3986 §2.3). */
function isUsual(segment) {
  if (!/^(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})*$/.test(segment)) return false;
  const encoded = segment.match(/%[0-9A-F]{2}/g) ?? [];
  return encoded.every(
    (text) => !/[A-Za-z0-9\-._~]/.test(String.fromCharCode(Number.parseInt(text.slice(1), 16))),
  );
}
