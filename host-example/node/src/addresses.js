// Which machines a repository may be on. A coalition's file must not make a gateway ask its own machine or the
// network behind it.

import { lookup } from "node:dns";
import { isIP, isIPv4 } from "node:net";

/** What is said of a repository that is refused for its address. */
export const REFUSED =
  "the repository is on this machine or in a private network; if that is meant, name the coalition in allowPrivate";

/** Whether a host in a URL is private, as far as its text tells. */
export function isPrivateHost(host) {
  const name = host
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  return isIP(name) ? isPrivateAddress(name) : name === "localhost" || name.endsWith(".localhost");
}

/** Whether an IP address is loopback, private, link-local, multicast, unspecified or otherwise not of the internet. */
export function isPrivateAddress(address) {
  return isIPv4(address) ? isPrivateV4(address.split(".").map(Number)) : isPrivateV6(segmentsOf(address));
}

/** The special ranges of RFC 6890 that are not of the internet. */
function isPrivateV4([first, second, third]) {
  const shared = first === 100 && second >= 64 && second < 128;
  const local =
    (first === 169 && second === 254) ||
    (first === 192 && second === 168) ||
    (first === 172 && second >> 4 === 1);
  const assigned = (first === 192 && second === 0 && third === 0) || (first === 198 && second >> 1 === 9);
  return [0, 10, 127].includes(first) || first >= 224 || shared || local || assigned;
}

/** The same, and addresses that carry one of version 4: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056). */
function isPrivateV6(segments) {
  const [first, second, third, fourth, fifth, sixth, seventh, eighth] = segments;
  const carried = (high, low) => isPrivateV4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
  if (!(first | second | third | fourth | fifth)) return sixth === 0 || carried(seventh, eighth);
  if (first === 0x64 && second === 0xff9b) return third === 1 || carried(seventh, eighth);
  if (first === 0x2002) return carried(second, third);
  const uniqueLocal = (first & 0xfe00) === 0xfc00;
  const linkOrSiteLocal = (first & 0xff80) === 0xfe80;
  return uniqueLocal || linkOrSiteLocal || (first & 0xff00) === 0xff00;
}

/** The eight numbers of an address of version 6, which the URL parser spells in its one short form. */
function segmentsOf(address) {
  const [plain] = address.split("%");
  const [left, right] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split("::");
  const numbers = (text) => (text ? text.split(":").map((part) => Number.parseInt(part, 16)) : []);
  const [before, after] = [numbers(left), numbers(right)];
  return [...before, ...new Array(8 - before.length - after.length).fill(0), ...after];
}

/** For `net.connect`: resolves a name to addresses of the internet and to no other. What is checked is what is used. */
export function lookUpPublic(host, options, done, resolve = lookup) {
  resolve(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error);
    const open = addresses.filter(({ address }) => !isPrivateAddress(address));
    if (open.length === 0) return done(Object.assign(new Error(REFUSED), { code: "EPRIVATE" }));
    if (options.all) return done(null, open);
    return done(null, open[0].address, open[0].family);
  });
}
