import { spawn } from "node:child_process";
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { damaged, InterdictError } from "./errors.js";

const PATIENCE_MS = 200;
const PAUSE_MS = 20;
const TAKEN = 1;

/**
 * Takes the lock that a file stands for, for everybody or shared, as `flock(2)` does. Node has no such call: the
 * command `flock` takes it on our own open file, so it is ours until we close the file or end.
 *
 * @returns {Promise<() => void>} Gives it back.
 * @throws {InterdictError} `store_busy` if another process has it after 200 ms, or there is no command `flock`.
 */
export async function lock(path, how, patience = PATIENCE_MS) {
  const file = opened(path);
  try {
    for (const until = performance.now() + patience; ; await pause(PAUSE_MS)) {
      if (await taken(file, how)) return () => closeSync(file);
      if (performance.now() >= until)
        throw new InterdictError("store_busy", `${path}: another process has this lock`);
    }
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function opened(path) {
  const { O_CREAT, O_NOCTTY, O_NONBLOCK, O_RDWR } = constants;
  let file;
  try {
    file = openSync(path, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY, 0o600);
  } catch (error) {
    throw damaged(path, `the lock cannot be opened (${error.code})`, error);
  }
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw damaged(path, "not a regular file");
}

function taken(file, how) {
  return new Promise((resolve, reject) => {
    const flag = how === "shared" ? "-s" : "-x";
    const child = spawn("flock", [flag, "-n", "3"], { stdio: ["ignore", "ignore", "ignore", file] });
    child.on("error", (cause) => {
      const why = "the state directory cannot be locked without the command `flock` (util-linux)";
      reject(new InterdictError("store_busy", why, { cause }));
    });
    child.on("close", (code) => {
      if (code === 0 || code === TAKEN) resolve(code === 0);
      else reject(new InterdictError("store_busy", "the command `flock` failed"));
    });
  });
}
