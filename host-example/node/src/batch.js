import { InterdictError } from "./errors.js";
import { encoded } from "./text.js";
import { parsed, Verdict } from "./verdict.js";

const MAX_LINES = 32_768;
const MAX_BYTES = 16 << 20;
const ANSWER_TOO_LARGE = '{"error":{"code":-28,';
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The requests of a batch as bytes: an array of requests, or their lines in one text. */
export function requestLines(requests) {
  if (Array.isArray(requests)) return requests.map((request) => line(Buffer.from(encoded(request))));
  const bytes = Buffer.from(encoded(requests));
  const lines = [];
  for (let start = 0; start < bytes.length;) {
    const at = bytes.indexOf(LINE_FEED, start);
    const end = at < 0 ? bytes.length : at;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/** A line feed would make two of it. To JSON a carriage return is the same: space, and not allowed in a string. */
function line(bytes) {
  return bytes.includes(LINE_FEED)
    ? bytes.map((byte) => (byte === LINE_FEED ? CARRIAGE_RETURN : byte))
    : bytes;
}

/**
 * The answers to any number of lines, in order, as texts without the line's number. Lines whose answers had no room
 * beside those of others are asked again.
 */
export function answerLines(instance, lines, now) {
  const answers = new Array(lines.length);
  let open = lines.map((_, number) => number);
  while (open.length > 0) {
    const sent = open.slice(0, fitting(lines, open));
    const told = answerBatch(
      instance,
      sent.map((number) => lines[number]),
      now,
    );
    const late = [];
    sent.forEach((number, place) => {
      if (told[place].startsWith(ANSWER_TOO_LARGE)) late.push(number);
      else answers[number] = told[place];
    });
    // The first line had all the room there is.
    if (late[0] === open[0]) throw new InterdictError("answer", "a line's answer is too large");
    open = late.concat(open.slice(sent.length));
  }
  return answers;
}

/** How many of the lines one batch takes. One that is too large on its own is the module's to refuse. */
function fitting(lines, open) {
  let size = 0;
  const most = Math.min(open.length, MAX_LINES);
  for (let count = 0; count < most; count += 1) {
    size += lines[open[count]].length + 1;
    if (size > MAX_BYTES && count > 0) return count;
  }
  return most;
}

function answerBatch(instance, lines, now) {
  const message = Buffer.concat(lines.flatMap((line) => [line, Buffer.of(LINE_FEED)]));
  const answers = instance.callText("screen_batch", message, now).split("\n");
  if (answers.at(-1) === "") answers.pop();
  // One answer less would shift each later verdict to another merchant.
  if (answers.length !== lines.length)
    throw new InterdictError("answer", "the module did not answer every line");
  return instance.minor === 0 ? answers : answers.map(unnumbered);
}

function unnumbered(answer, number) {
  const member = `,"line":${number}}`;
  if (!answer.endsWith(member)) throw new InterdictError("answer", "the module answered another line");
  return `${answer.slice(0, -member.length)}}`;
}

/** A verdict, or the refusal of one line: an error that is returned and not thrown. */
export function answerOf(text) {
  const answer = parsed(text);
  if (answer.error === undefined) return new Verdict(text, answer);
  const { code, name, path, message, receipt } = answer.error;
  return new InterdictError("refused", String(message), { code, name, path, receipt, text });
}
