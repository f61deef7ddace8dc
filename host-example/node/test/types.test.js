import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import * as host from "../src/index.js";
import { room } from "./helpers.js";

const PACKAGE = fileURLToPath(new URL("../", import.meta.url));
const COMPILER = join(PACKAGE, "node_modules/typescript/bin/tsc");
const TYPES = readFileSync(join(PACKAGE, "src/index.d.ts"), "utf8");
/** Of Node's own modules, what the README uses. */
const NODE = `
declare module "node:fs" { export function readFileSync(path: string): Uint8Array; }
declare module "node:http" { export const createServer: any; }
declare module "node:worker_threads" {
  export const isMainThread: boolean;
  export const parentPort: any;
  export const Worker: any;
  export const workerData: any;
}`;
const USE = `
import { CheckoutSessions, Gateway, Verdict, InterdictError, type Decision, type ErrorKind, decision, readIssuerEvent } from "interdict-host";
export async function use(): Promise<Decision> {
  const gateway = await Gateway.open("state", { receipts: "findings", allowPrivate: ["se"], patience: { file: 1 } });
  const [first] = gateway.screenBatch([{ flow: "payout" }, "{}"]);
  const kind: ErrorKind | undefined = first instanceof InterdictError ? first.kind : undefined;
  const { action, because }: Verdict = gateway.screen("{}", 0);
  const { outcome, why } = (await gateway.refresh({ signal: new AbortController().signal }))[0]!;
  console.log(kind, outcome, why, gateway.status().refreshed["se"]?.time);
  // @ts-expect-error A misspelt option is found when the program is compiled.
  await Gateway.open("state", { recipts: "never" });
  // @ts-expect-error A verdict is made by the module alone.
  new Verdict();
  const { acquirer, identifiers, incomplete } = readIssuerEvent("stripe-issuing", new Uint8Array());
  console.log(acquirer?.length, identifiers[0]?.value, incomplete.includes("url"));
  // @ts-expect-error An issuer that there is not is found too.
  gateway.screen(readIssuerEvent("stripe", new Uint8Array()).request());
  const sessions = new CheckoutSessions(gateway, { origins: ["https://market.example"] });
  const { token, ends } = sessions.open({ origin: "https://market.example", request: {}, minutes: 5 }, gateway.now);
  const told: "proceed" | "refuse" = sessions.answer({ token, origin: "https://market.example" }, ends - 1).decision;
  // @ts-expect-error Sessions without pages are for nobody.
  new CheckoutSessions(gateway, {});
  console.log(told);
  return decision(action, because, "payout", false);
}`;

test("every name of the package has a type, and every type's name is there", () => {
  const declared = [...TYPES.matchAll(/^export (?:class|const|function) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(declared.sort(), Object.keys(host).sort());
  for (const name of ["Gateway", "Instance", "Module", "Verdict", "IssuerEvent", "CheckoutSessions"]) {
    const [body] = new RegExp(`^export class ${name} [^]*?^}`, "m").exec(TYPES);
    for (const own of Object.getOwnPropertyNames(host[name].prototype))
      assert.match(body, new RegExp(`\\b${own}\\b`), `${name}.${own}`);
  }
});

test(
  "the README's programs and others compile",
  { skip: !existsSync(COMPILER) && "typescript is not installed: npm install" },
  (t) => {
    const folder = room(t);
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(PACKAGE, join(folder, "node_modules/interdict-host"));
    const programs = [
      ...readFileSync(join(PACKAGE, "README.md"), "utf8").matchAll(/^```js (\S+)\n(.*?)^```$/gms),
    ];
    for (const [, name, text] of programs) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, "node.d.ts"), NODE);
    writeFileSync(join(folder, "use.ts"), USE);
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    const strict = { strict: true, noImplicitAny: false, checkJs: true, noEmit: true };
    const compilerOptions = {
      ...strict,
      target: "es2022",
      module: "nodenext",
      lib: ["es2022", "dom"],
      types: [],
    };
    const files = ["node.d.ts", "use.ts", ...programs.map(([, name]) => name)];
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const { status, stdout } = spawnSync(process.execPath, [COMPILER, "-p", "."], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout);
    assert.equal(programs.length, 4);
  },
);
