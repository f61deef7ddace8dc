// Writes generated/trial.js: the public repository of the fixtures, for `Screener.try`.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../../fixtures/repositories/public", import.meta.url));
const OUT = fileURLToPath(new URL("generated/", import.meta.url));
/** When nothing in that repository has expired. */
const BEGINS = Date.parse("2026-12-02T06:00:00Z");

const read = (path) => readFileSync(join(REPOSITORY, path));
const root = read("metadata/1.root.json");
const { targets } = JSON.parse(read("metadata/3.targets.json")).signed;
const [path, { hashes }] = Object.entries(targets).find(([path]) => /\.public-\d+\.filter$/.test(path));
const [folder, name] = path.split("/");
const filter = `targets/${folder}/${hashes.sha256}.${name}`;

const enrolment = {
  format: "interdict-public-enrolment-1",
  coalition: "se",
  edition: "public",
  repository: "https://lists.test",
  root: root.toString("base64"),
  lists: ["se/merchants"],
  keys: [{ epoch: 1, key: read("TEST-public.key").toString().trim() }],
};

mkdirSync(OUT, { recursive: true });
writeFileSync(
  join(OUT, "trial.js"),
  `export const begins = ${BEGINS};
export const enrolment = ${JSON.stringify(enrolment)};
export const texts = ${JSON.stringify({ "metadata/bundle.json": read("metadata/bundle.json").toString() })};
export const bytes = ${JSON.stringify({ [filter]: read(filter).toString("base64") })};
`,
);
