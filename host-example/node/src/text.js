import { InterdictError } from "./errors.js";

/** The text or bytes of a message. Half a character pair is no Unicode, and nothing is put in its place. */
export function encoded(message) {
  if (message instanceof Uint8Array) return message;
  if (typeof message === "string") {
    if (message.isWellFormed()) return message;
    throw new InterdictError("invalid", "the text holds half of a surrogate pair");
  }
  if (message === null || typeof message !== "object") {
    throw new InterdictError("invalid", "a message is JSON text, its bytes, or an object");
  }
  return encoded(written(message));
}

function written(object) {
  try {
    return JSON.stringify(object) ?? null;
  } catch (cause) {
    throw new InterdictError("invalid", "the object cannot be written as JSON", { cause });
  }
}
