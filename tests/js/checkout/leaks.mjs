import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const DIGESTS = ["md5", "sha1", "sha256", "sha512", "blake2b512", "blake2s256"];

/**
 * Every way in which a name might stand in a request: as it is, its first label, backwards, percent-encoded, in other
 * widths, in hexadecimal, in base64 at each of its three places, and as the digest of what is commonly hashed.
 *
 * @returns {string[]} In lower case, but for base64.
 */
export function spellings(host) {
  const [label] = host.split(".");
  const texts = [host, label, [...host].reverse().join(""), host.replaceAll(".", ""), host.split(".").reverse().join(".")];
  const bytes = [host, label].flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")]);
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
  ];
}

/** What base64 of longer data has of these bytes, wherever they begin; of both alphabets. */
function base64s(bytes) {
  return [0, 1, 2]
    .map((before) => {
      const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").replace(/=+$/, "");
      const end = (before + bytes.length) % 3 === 0 ? whole.length : whole.length - 1;
      return whole.slice(Math.ceil((before * 8) / 6), end);
    })
    .flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")]);
}

/** The first of the spellings that stands in a text, also where it is percent-encoded or in other cases. */
export function leak(text, all) {
  const forms = [text, text.toLowerCase(), decoded(text), decoded(text).toLowerCase()];
  return all.find((spelling) => forms.some((form) => form.includes(spelling)));
}

function decoded(text) {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** All of a request as one text. */
export function whole({ method, url, headers, body }) {
  return [method, url, ...Object.entries(headers).flat(), body].join("\n");
}
