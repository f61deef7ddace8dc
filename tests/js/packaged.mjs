// The package's class behind the interface of raw.mjs. The class takes objects, so a text that JSON.parse
// refuses or changes is `unsupported`: not JSON, not UTF-8, a repeated member, a number that JavaScript
// cannot represent. A text beyond the size limit is too, because objects are measured differently, and
// so is a `state` message that is not empty, because that method takes no message.

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An instance of the package's class. */
export class Packaged {
  #interdict;

  constructor(Interdict) {
    this.#interdict = new Interdict();
  }

  /** Carries out one operation; `input` and `file` are bytes. */
  call(operation, input, file, now) {
    // A batch is the caller's loop over `screen`; the package has no operation for it.
    const batch = operation === "screen_batch";
    const messages = (batch ? lines(input) : [input]).map((text) => message(text, operation));
    if (messages.includes(undefined)) return { code: null, unsupported: true };
    return answer(() => {
      if (!batch) return JSON.stringify(this.#run(operation, messages[0], file, now));
      this.#interdict.state(now); // The clock is the batch's, not a line's.
      return messages.map((line, number) => this.#line(line, number, now)).join("");
    });
  }

  #run(operation, message, file, now) {
    switch (operation) {
      case "supply":
        return this.#interdict.supply(message, file, now);
      case "describe":
        return this.#interdict.describe(message);
      case "state":
        return this.#interdict.state(now);
      default:
        return this.#interdict[operation](message, now);
    }
  }

  #line(message, line, now) {
    try {
      return `${JSON.stringify({ ...this.#interdict.screen(message, now), line })}\n`;
    } catch (error) {
      if (error.name !== "InterdictError") throw error;
      const { code, codeName: name, path, message, receipt } = error;
      return `${JSON.stringify({ error: { code, name, path: path || undefined, message, receipt }, line })}\n`;
    }
  }
}

function answer(run) {
  try {
    return { code: 0, out: run() };
  } catch (error) {
    if (error.name !== "InterdictError") throw error;
    return { code: error.code, out: "", error: error.message };
  }
}

function lines(input) {
  const lines = [];
  let start = 0;
  for (let end; (end = input.indexOf(10, start)) !== -1; start = end + 1) {
    lines.push(input.subarray(start, end));
  }
  if (start < input.length || lines.length === 0) lines.push(input.subarray(start));
  return lines;
}

function message(bytes, operation) {
  if (bytes.length > (operation === "configure" ? 4 << 20 : 64 << 10)) return undefined;
  try {
    const text = decoder.decode(bytes);
    const value = JSON.parse(text);
    if (operation === "state" && text !== "{}") return undefined;
    return JSON.stringify(value) === normal(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The JSON text without white space, with every string in one spelling. */
function normal(text) {
  return text.replace(/"(?:[^"\\]|\\.)*"|[ \t\r\n]+/g, (part) =>
    part.startsWith('"') ? JSON.stringify(JSON.parse(part)) : "",
  );
}
