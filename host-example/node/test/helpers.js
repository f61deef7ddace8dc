import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const FIXTURES = join(ROOT, "fixtures");
export const COMMITTED = readFileSync(join(ROOT, "wasm/dist/interdict.wasm"));
/** 2026-11-02T06:00:00Z, when the lists of the fixtures are fresh. */
export const NOW = 1_793_599_200;
export const POLICY = { required: { se: ["se/merchants"] } };
export const LISTED = "b\u00fccher.example";
export const ENROLMENT = readFileSync(join(FIXTURES, "generation/enrolment.json"), "utf8");
export const HISTORY = /^interdict-history-1 .*$/m.exec(readFileSync(join(FIXTURES, "README.md"), "utf8"))[0];

/** A folder of a test, which goes with it. */
export function room(t) {
  const folder = mkdtempSync(join(tmpdir(), "interdict-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A state directory as a refresh leaves it. */
export function state(t) {
  const folder = join(room(t), "state");
  const files = join(folder, "se/generation-1");
  mkdirSync(files, { recursive: true, mode: 0o700 });
  const generation = join(FIXTURES, "generation/files");
  for (const name of readdirSync(generation)) copyFileSync(join(generation, name), join(files, name));
  writeFileSync(join(folder, "se/enrolment.json"), ENROLMENT, { mode: 0o600 });
  writeFileSync(join(folder, "se/history"), HISTORY);
  writeFileSync(join(folder, "se/current"), "1\n");
  writeFileSync(join(folder, "receipt.key"), `${"07".repeat(32)}\n`, { mode: 0o600 });
  return folder;
}

/** The enrolment of the fixtures with another repository. */
export function enrolledAt(repository) {
  return { ...JSON.parse(ENROLMENT), repository };
}

/** A copy of a repository of the fixtures that a test may change. */
export function repository(t, name) {
  const folder = join(room(t), "repository");
  cpSync(join(FIXTURES, "repositories", name), folder, { recursive: true });
  return folder;
}

export function request(value, flow = "payout") {
  return { flow, identifiers: [{ kind: "domain", value }] };
}

/** The kind of the error that something ends with. */
export async function kindOf(run) {
  try {
    await run();
  } catch (error) {
    return error.kind ?? String(error);
  }
  return "no error";
}
