// DEFLATE (RFC 1951) of a gzip file (RFC 1952) that the build of this package wrote itself: no name, no
// comment. It does not detect every malformed file; the browser refuses to compile what comes out of those.

const HEADER = 10;
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END = 256;
const LONGEST = 15;

/**
 * @param {Uint8Array} file
 * @returns {Uint8Array}
 */
export function inflated(file) {
  const { length } = file;
  const view = new DataView(file.buffer, file.byteOffset, length);
  const bits = new Bits(file, HEADER);
  // The last four bytes say how long the content is.
  const output = new Output(view.getUint32(length - 4, true));
  for (let isLast = 0; !isLast;) {
    isLast = bits.take(1);
    const kind = bits.take(2);
    if (kind === 0) output.bytes(bits.stored());
    else if (kind === 1) block(bits, output, FIXED);
    else block(bits, output, dynamic(bits));
  }
  return output.content;
}

class Bits {
  #bytes;
  #at;
  #held = 0;
  #count = 0;

  constructor(bytes, at) {
    this.#bytes = bytes;
    this.#at = at;
  }

  take(count) {
    while (this.#count < count) {
      if (this.#at >= this.#bytes.length) throw new Error("the module is cut off");
      this.#held |= this.#bytes[this.#at] << this.#count;
      this.#at += 1;
      this.#count += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#count -= count;
    return value;
  }

  /** The bytes of a block that is not compressed: it begins with a whole byte and tells its length twice. */
  stored() {
    this.take(this.#count & 7);
    const length = this.take(16);
    this.take(16);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

class Output {
  content;
  #at = 0;

  constructor(length) {
    this.content = new Uint8Array(length);
  }

  byte(value) {
    this.content[this.#at] = value;
    this.#at += 1;
  }

  bytes(values) {
    this.content.set(values, this.#at);
    this.#at += values.length;
  }

  /** What came `distance` bytes ago, which may reach into what is being written. */
  again(distance, length) {
    for (let left = length; left > 0; left -= 1) this.byte(this.content[this.#at - distance]);
  }
}

/** Symbols in the order of their codes, and how many codes each length has (RFC 1951, 3.2.2). */
function code(lengths) {
  const counts = new Array(LONGEST + 1).fill(0);
  const symbols = [];
  for (let length = 1; length <= LONGEST; length += 1) {
    lengths.forEach((own, symbol) => {
      if (own !== length) return;
      counts[length] += 1;
      symbols.push(symbol);
    });
  }
  return { counts, symbols };
}

function symbol(bits, { counts, symbols }) {
  let [value, first, index] = [0, 0, 0];
  for (let length = 1; length <= LONGEST; length += 1) {
    value |= bits.take(1);
    if (value - first < counts[length]) return symbols[index + value - first];
    index += counts[length];
    first = (first + counts[length]) << 1;
    value <<= 1;
  }
  throw new Error("the module is damaged");
}

const FIXED = {
  literals: code([144, 112, 24, 8].flatMap((count, kind) => new Array(count).fill([8, 9, 7, 8][kind]))),
  distances: code(new Array(30).fill(5)),
};

/** The codes of one block (RFC 1951, 3.2.7). */
function dynamic(bits) {
  const literals = bits.take(5) + 257;
  const total = literals + bits.take(5) + 1;
  const own = new Array(19).fill(0);
  const count = bits.take(4) + 4;
  for (const place of LENGTHS_ORDER.slice(0, count)) own[place] = bits.take(3);
  const lengths = [];
  const ownCode = code(own);
  while (lengths.length < total) {
    const word = symbol(bits, ownCode);
    if (word < 16) lengths.push(word);
    else if (word === 16) lengths.push(...new Array(3 + bits.take(2)).fill(lengths.at(-1)));
    else lengths.push(...new Array(word === 17 ? 3 + bits.take(3) : 11 + bits.take(7)).fill(0));
  }
  return { literals: code(lengths.slice(0, literals)), distances: code(lengths.slice(literals)) };
}

function block(bits, output, { literals, distances }) {
  for (let word; (word = symbol(bits, literals)) !== END;) {
    if (word < END) {
      output.byte(word);
      continue;
    }
    const length = lengthOf(bits, word - 257);
    output.again(distanceOf(bits, symbol(bits, distances)), length);
  }
}

/** RFC 1951, 3.2.5: four lengths for each number of further bits, but for the first eight and the last. */
function lengthOf(bits, step) {
  if (step < 8) return step + 3;
  if (step === 28) return 258;
  const extra = (step >> 2) - 1;
  return ((4 + (step & 3)) << extra) + 3 + bits.take(extra);
}

/** The same with two for each, but for the first four. */
function distanceOf(bits, step) {
  if (step < 4) return step + 1;
  const extra = (step >> 1) - 1;
  return ((2 + (step & 1)) << extra) + 1 + bits.take(extra);
}
