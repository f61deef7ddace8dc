import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const PYTHON = fileURLToPath(new URL("../../python", import.meta.url));
/** Token scheme 2 as the second implementation has it: digest, token and tag of each name under each key. */
const TOKENS = `
import json, sys
sys.path.insert(0, sys.argv[1])
import tokens
asked = json.load(sys.stdin)
print(json.dumps([value.hex() for key in asked["keys"] for name in asked["names"]
    for value in tokens.steps(bytes.fromhex(key), "domain", name.encode()).values()]))
`;
/** What is shorter stands in other words too, such as `www` in base64. */
const SHORTEST = 6;
const DIGESTS = ["md5", "sha1", "sha256", "sha512", "blake2b512", "blake2s256"];

/**
 * Every way in which a name might stand in a request: as it is, its first label, backwards, percent-encoded, in other
 * widths, in hexadecimal, in base64 at each of its three places, and as the digest of what is commonly hashed.
 *
 * @returns {string[]} In lower case, but for base64.
 */
export function spellings(host) {
  const [label] = host.split(".");
  const own = label.length < SHORTEST ? [host] : [host, label];
  const texts = [
    ...own,
    [...host].reverse().join(""),
    host.replaceAll(".", ""),
    host.split(".").reverse().join("."),
  ];
  const bytes = own.flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")]);
  const percent = [...Buffer.from(host)].map((byte) => `%${byte.toString(16)}`).join("");
  const hashed = [host, `https://${host}/`, `https://${host}`, label].flatMap((text) =>
    DIGESTS.flatMap((name) => {
      const digest = createHash(name).update(text).digest();
      return [digest.toString("hex").slice(0, 24), ...base64s(digest.subarray(0, 18))];
    }),
  );
  return [
    ...texts,
    percent,
    ...bytes.flatMap((raw) => [raw.toString("hex"), ...base64s(raw)]),
    ...hashed,
    gzipSync(host).subarray(10, -8).toString("hex"),
  ].filter(({ length }) => length >= SHORTEST);
}

/** Every way in which digests, tokens and tags of names might stand in a request. */
export function tokenSpellings(names, keys) {
  const { stdout, stderr, status } = spawnSync("python3", ["-c", TOKENS, PYTHON], {
    input: JSON.stringify({ names, keys }),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the second implementation of tokens failed: ${stderr}`);
  return JSON.parse(stdout).flatMap((hex) => {
    const bytes = Buffer.from(hex, "hex").subarray(0, 12);
    return [bytes.toString("hex"), ...base64s(bytes)];
  });
}

/** What base64 of longer data has of these bytes, wherever they begin; of both alphabets. */
function base64s(bytes) {
  return [0, 1, 2]
    .map((before) => {
      const whole = Buffer.concat([Buffer.alloc(before), bytes])
        .toString("base64")
        .replace(/=+$/, "");
      const end = (before + bytes.length) % 3 === 0 ? whole.length : whole.length - 1;
      return whole.slice(Math.ceil((before * 8) / 6), end);
    })
    .flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")]);
}

/** Finds spellings in texts. */
export class Finder {
  /** By their first letters, so that a long text is gone through once. */
  #spellings = new Map();

  constructor(spellings) {
    for (const spelling of new Set(spellings)) {
      const begin = spelling.slice(0, SHORTEST);
      if (begin.length < SHORTEST) throw new Error("so short a spelling stands everywhere");
      this.#spellings.set(begin, [...(this.#spellings.get(begin) ?? []), spelling]);
    }
  }

  /** A spelling that stands in a text, also where that is percent-encoded or in capitals. */
  in(text) {
    const plain = decoded(text);
    for (const form of new Set([text, text.toLowerCase(), plain, plain.toLowerCase()])) {
      for (let at = 0; at + SHORTEST <= form.length; at += 1) {
        const candidates = this.#spellings.get(form.slice(at, at + SHORTEST));
        const found = candidates?.find((spelling) => form.startsWith(spelling, at));
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

function decoded(text) {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** All of a request as one text. */
export function whole({ method, url, headers, body }) {
  return [method, url, ...Object.entries(headers).flat(), body].join("\n");
}
