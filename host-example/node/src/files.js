// Files that are whole or absent: each is written under another name, forced to the disk and renamed.

import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { damaged, InterdictError } from "./errors.js";

const { O_CREAT, O_EXCL, O_NOCTTY, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const CHUNK = 1 << 20;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A file of at most this many bytes; `undefined` if there is none. Opening waits for nobody: what is no regular file
 * counts as damaged.
 *
 * @returns {Buffer | undefined}
 */
export function read(path, most) {
  const file = opened(path);
  if (file === undefined) return undefined;
  try {
    if (!fstatSync(file).isFile()) throw damaged(path, "not a regular file");
    const bytes = readAll(file, most + 1);
    if (bytes.length > most) throw damaged(path, "larger than it can be");
    return bytes;
  } catch (error) {
    throw error instanceof InterdictError ? error : damaged(path, "it cannot be read", error);
  } finally {
    closeSync(file);
  }
}

function opened(path) {
  try {
    return openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw damaged(path, `it cannot be opened (${error.code})`, error);
  }
}

function readAll(file, most) {
  const size = Math.min(fstatSync(file).size + 1, most);
  let bytes = Buffer.alloc(size);
  let length = 0;
  for (;;) {
    const count = readSync(file, bytes, length, bytes.length - length, null);
    length += count;
    if (count === 0 || length === most) return bytes.subarray(0, length);
    if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(Math.min(CHUNK, most - length))]);
  }
}

/** The text of a small file; `undefined` if there is none. */
export function readText(path, most) {
  const bytes = read(path, most);
  try {
    return bytes && decoder.decode(bytes);
  } catch (cause) {
    throw damaged(path, "it is no text", cause);
  }
}

/** Writes a file in one step, in place of whatever has its name. It is on the disk when this returns. */
export function write(directory, name, bytes) {
  const staged = join(directory, `.staged-${name}`);
  const path = join(directory, name);
  writing(path, () => {
    rmSync(staged, { recursive: true, force: true });
    create(staged, bytes);
    if (isDirectory(path)) rmSync(path, { recursive: true });
    renameSync(staged, path);
    sync(directory);
  });
}

function create(path, bytes) {
  const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOCTTY, FILE_MODE);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A second name for a file that never changes, or a copy where the file system has no such names. */
export function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch {
    writing(to, () => {
      copyFileSync(from, to, constants.COPYFILE_EXCL);
      sync(to);
    });
  }
}

/** Makes a directory for its owner alone, in place of anything else of that name. */
export function makeDirectory(path) {
  if (!isDirectory(path)) clear(path);
  writing(path, () => makeMissing(path));
}

/** Makes what is missing of a path. Node's `recursive` never ends in /proc, which says that an existing parent is missing. */
function makeMissing(path) {
  if (isDirectory(path)) return;
  const parent = dirname(path);
  if (!exists(parent)) makeMissing(parent);
  try {
    mkdirSync(path, { mode: DIRECTORY_MODE });
  } catch (error) {
    if (error.code !== "EEXIST" || !isDirectory(path)) throw error;
  }
}

/** Removes whatever has this name. */
export function clear(path) {
  writing(path, () => rmSync(path, { recursive: true, force: true }));
}

/** A rename or a new file is on the disk only when its directory is. */
export function syncDirectory(path) {
  writing(path, () => sync(path));
}

function sync(path) {
  const file = openSync(path, O_RDONLY);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** What the system refuses, as an error of this host. */
function writing(path, run) {
  try {
    run();
  } catch (error) {
    throw damaged(path, `it cannot be written (${error.code})`, error);
  }
}

/** Whether there is a directory. */
export function isDirectory(path) {
  return found(path)?.isDirectory() ?? false;
}

/** Whether anything has this name. */
export function exists(path) {
  return found(path) !== undefined;
}

/** Whether a file changed: when it was written, how long it is, and which it is. */
export function stampOf(path) {
  const file = found(path, { bigint: true });
  return file && `${file.mtimeNs} ${file.size} ${file.ino}`;
}

function found(path, options) {
  try {
    return statSync(path, { throwIfNoEntry: false, ...options });
  } catch {
    return undefined;
  }
}

/** Whether others than its owner may read or change a file. */
export function isOpenToOthers(path) {
  const file = found(path);
  return process.platform !== "win32" && file !== undefined && (file.mode & 0o077) !== 0;
}
