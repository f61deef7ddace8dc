/** Default_Ignorable_Code_Point, and marks on the digit before, such as the frame of a keycap. */
const INVISIBLE =
  /[\p{Default_Ignorable_Code_Point}\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gu;
/** Decimal digits of every script, and those that are raised, lowered, circled, in parentheses or with a full stop. */
const DIGIT =
  /[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{1f100}-\u{1f10c}]/gu;
const LETTER = /\p{Alphabetic}/gu;
/** Digits on a track; every other run has more. */
const FEWEST = 12;
/** Unbroken, or in printed groups with the same separator: 4-4-4-4 (also at the front of 4-4-4-4-3), 4-6-4, 4-6-5. */
const RUN = /(?<![DL])(?:D{13,}|D{4}([^DL]+)(?:D{4}\1D{4}\1D{4}|D{6}\1D{4,5}))(?![DL])/;
/** ISO/IEC 7813: track 1, and track 2 as messages carry it. */
const TRACK = /B[0-9]{12,19}\^|(?<![0-9A-Za-z])[0-9]{12,19}D[0-9]{7,}(?![0-9A-Za-z])/;
const [PERCENT] = Buffer.from("%");

/**
 * Whether a text holds a card-shaped run, as it is or with its percent escapes resolved (docs/identifiers.md, "Card-shaped
 * runs"). The module has the same rule for what is screened; this one is for what a host keeps of an event. Digits and
 * letters are those of the Unicode version that this Node has.
 */
export function holdsCardNumber(text) {
  return holds(text) || (text.includes("%") && holds(unescaped(text)));
}

function holds(text) {
  if ((text.match(DIGIT)?.length ?? 0) < FEWEST) return false;
  const form = text.replace(INVISIBLE, "").replace(LETTER, "L").replace(DIGIT, "D");
  return RUN.test(form) || TRACK.test(text);
}

/** Escapes resolved until none is left, in one pass: each byte completes at most one after another. */
function unescaped(text) {
  const bytes = Buffer.from(text);
  let end = 0;
  for (const byte of bytes) {
    bytes[end++] = byte;
    while (end > 2 && bytes[end - 3] === PERCENT) {
      const digits = bytes.toString("latin1", end - 2, end);
      if (!/^[0-9A-Fa-f]{2}$/.test(digits)) break;
      end -= 2;
      bytes[end - 1] = Number.parseInt(digits, 16);
    }
  }
  return bytes.toString("utf8", 0, end);
}
