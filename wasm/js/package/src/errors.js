const SHAPE = /^([a-z][a-z0-9_]*)(?: \((-\d+)\))?(?: at (\S+))?: /;

/** Why there is no answer. It holds nothing of what was asked. */
export class InterdictError extends Error {
  /**
   * @param {string} code A stable word.
   * @param {string} sentence
   * @param {{ number?: number, path?: string, cause?: unknown }} [details]
   */
  constructor(code, sentence, { number, path, cause } = {}) {
    const place = path ? ` at ${path}` : "";
    const rest = path && sentence.startsWith(`${path}: `) ? sentence.slice(path.length + 2) : sentence;
    // The message says it all again: it is the one part that `postMessage` keeps of every error.
    const text = `${code}${number === undefined ? "" : ` (${number})`}${place}: ${rest}`;
    super(text, cause === undefined ? undefined : { cause });
    this.name = "InterdictError";
    this.code = code;
    if (number !== undefined) this.number = number;
    if (path) this.path = path;
  }

  /** Makes one again of what `postMessage` or `JSON` left of it. */
  static from(value) {
    if (value instanceof InterdictError) return value;
    const message = String(value?.message ?? value);
    const [head, code, number, path] = SHAPE.exec(message) ?? [];
    if (code === undefined) return new InterdictError("failed", message, { cause: value });
    return new InterdictError(code, message.slice(head.length), {
      number: number === undefined ? undefined : Number(number),
      path,
      cause: value.cause,
    });
  }

  /** A plain object that `postMessage` carries whole. */
  toJSON() {
    const { name, code, message, number, path } = this;
    return { name, code, message, ...(number === undefined ? {} : { number }), ...(path ? { path } : {}) };
  }
}

/** Any failure as an {@link InterdictError}. */
export function asError(error, code, sentence) {
  return error instanceof InterdictError ? error : new InterdictError(code, sentence, { cause: error });
}

/** In a few words, for `why`. */
export function told(error) {
  if (error instanceof InterdictError) return error.message;
  return error?.name === "AbortError" ? "it was stopped" : String(error?.message ?? error);
}
