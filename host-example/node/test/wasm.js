// Changes modules, for tests of what a host refuses.

import { COMMITTED } from "./helpers.js";

export const SECTIONS = { imports: 2, functions: 3, memory: 5, globals: 6, exports: 7, code: 10 };

/** The committed module with the content of some sections changed: by number, a function of the old content. */
export function changed(changes) {
  const parts = [COMMITTED.subarray(0, 8)];
  for (const [id, content] of sections(COMMITTED)) {
    const next = changes[id] ? Buffer.from(changes[id](content)) : content;
    parts.push(Buffer.of(id), leb(next.length), next);
  }
  return Buffer.concat(parts);
}

/** The same with its exports changed: a map from names to kind and index. */
export function exporting(change) {
  return changed({
    [SECTIONS.exports]: (content) => {
      const exports = exportsOf(content);
      change(exports);
      const entries = [...exports].map(([name, [kind, index]]) => [
        leb(name.length),
        Buffer.from(name),
        Buffer.of(kind),
        leb(index),
      ]);
      return Buffer.concat([leb(exports.size), ...entries.flat()]);
    },
  });
}

/** The committed module with another `interdict_screen`, which traps on `!…`, and calls itself without end on `?…`. */
export function trapping() {
  const own = exportsOf(section(SECTIONS.exports)).get("interdict_screen")[1];
  const types = section(SECTIONS.functions);
  const [count, first] = number(types, 0);
  let [type, at] = [0, first];
  for (let place = 0; place <= own; place += 1) [type, at] = number(types, at);
  const call = (index) => [...[0, 1, 2, 3, 4].flatMap((local) => [0x20, local]), 0x10, ...leb(index)];
  const begins = (character, then) => [0x20, 0, 0x2d, 0, 0, 0x41, character, 0x46, 0x04, 0x40, ...then, 0x0b];
  const body = Buffer.from([
    0,
    ...begins(0x21, [0x00]),
    ...begins(0x3f, [...call(count), 0x1a]),
    ...call(own),
    0x0b,
  ]);
  const code = section(SECTIONS.code);
  const [bodies, start] = number(code, 0);
  const exports = exportsOf(section(SECTIONS.exports)).set("interdict_screen", [0, count]);
  const entries = [...exports].map(([name, [kind, index]]) => [
    leb(name.length),
    Buffer.from(name),
    Buffer.of(kind),
    leb(index),
  ]);
  return changed({
    [SECTIONS.functions]: () => Buffer.concat([leb(count + 1), types.subarray(first), leb(type)]),
    [SECTIONS.exports]: () => Buffer.concat([leb(exports.size), ...entries.flat()]),
    [SECTIONS.code]: () => Buffer.concat([leb(bodies + 1), code.subarray(start), leb(body.length), body]),
  });
}

function exportsOf(content) {
  const exports = new Map();
  let [left, at] = number(content, 0);
  for (; left > 0; left -= 1) {
    const [length, start] = number(content, at);
    const name = content.subarray(start, start + length).toString();
    const [index, next] = number(content, start + length + 1);
    exports.set(name, [content[start + length], index]);
    at = next;
  }
  return exports;
}

function section(wanted) {
  return [...sections(COMMITTED)].find(([id]) => id === wanted)[1];
}

function* sections(module) {
  for (let at = 8; at < module.length;) {
    const [length, start] = number(module, at + 1);
    yield [module[at], module.subarray(start, start + length)];
    at = start + length;
  }
}

function number(bytes, from) {
  let [value, shift, at] = [0, 0, from];
  for (;;) {
    const byte = bytes[at];
    value |= (byte & 0x7f) << shift;
    at += 1;
    if (byte < 0x80) return [value, at];
    shift += 7;
  }
}

function leb(value) {
  const bytes = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...bytes, left]);
    bytes.push((left & 0x7f) | 0x80);
  }
}
