import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Gateway, Module, Store } from "../src/index.js";
import { load } from "../src/load.js";
import { ENROLMENT, kindOf, LISTED, NOW, POLICY, request, room, state } from "./helpers.js";

const module = Module.builtIn();
const enrol = (folder, enrolment) => Store.enrol(folder, enrolment, { module, now: NOW });
const open = (folder, options) => Gateway.open(folder, { policy: POLICY, clock: () => NOW, ...options });

/** Holds a lock as another process would. */
async function held(t, path, flag) {
  const child = spawn("flock", [flag, "-n", path, "sh", "-c", "echo locked; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return () => new Promise((resolve) => child.on("close", resolve).stdin.end());
}

test("enrolling makes a directory for its owner alone", async (t) => {
  const folder = join(room(t), "new", "state");
  await enrol(folder, ENROLMENT);
  assert.deepEqual(readdirSync(folder).sort(), ["inventory.txt", "lock", "receipt.key", "se"]);
  assert.equal(readFileSync(join(folder, "se/enrolment.json"), "utf8"), ENROLMENT);
  assert.match(readFileSync(join(folder, "receipt.key"), "utf8"), /^[0-9a-f]{64}\n$/);
  assert.equal(
    readFileSync(join(folder, "inventory.txt"), "utf8"),
    "interdict-inventory-1 2\nreceipt.key\nse\n",
  );
  const mode = (name) => statSync(join(folder, name)).mode & 0o777;
  assert.deepEqual(["", "se", "receipt.key", "se/enrolment.json"].map(mode), [0o700, 0o700, 0o600, 0o600]);
});

test("a file in the place of the directory is kept", async (t) => {
  const file = join(room(t), "payees.txt");
  writeFileSync(file, LISTED);
  assert.equal(await kindOf(() => enrol(file, ENROLMENT)), "store_damaged");
  assert.equal(readFileSync(file, "utf8"), LISTED);
});

test("a directory that the system refuses to make is an error, and the program goes on", () => {
  const source = `import { Store, Module } from ${JSON.stringify(new URL("../src/index.js", import.meta.url))};
    import { readFileSync } from "node:fs";
    await Store.enrol("/proc/interdict/state", readFileSync(0), { module: Module.builtIn(), now: ${NOW} })
      .catch(({ kind }) => console.log(kind));`;
  const options = { input: ENROLMENT, encoding: "utf8", timeout: 30_000 };
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", source], options);
  assert.deepEqual([stdout, stderr], ["store_damaged\n", ""]);
});

test("enrolling again changes nothing, and anything else is left to the command", async (t) => {
  const folder = room(t);
  await enrol(folder, ENROLMENT);
  const key = readFileSync(join(folder, "receipt.key"), "utf8");
  await enrol(folder, Buffer.from(ENROLMENT));
  assert.equal(readFileSync(join(folder, "se/enrolment.json"), "utf8"), ENROLMENT);
  assert.equal(readFileSync(join(folder, "receipt.key"), "utf8"), key);
  const { keys } = JSON.parse(ENROLMENT);
  const more = { ...JSON.parse(ENROLMENT), keys: [...keys, { epoch: 9, key: "5e".repeat(32) }] };
  assert.equal(await kindOf(() => enrol(folder, more)), "enrolment_differs");
  await assert.rejects(enrol(folder, more), /interdict enrol FILE/);
  assert.equal(readFileSync(join(folder, "se/enrolment.json"), "utf8"), ENROLMENT);
});

test("an enrolment that the module refuses touches no disk", async (t) => {
  const folder = join(room(t), "state");
  for (const [enrolment, kind] of [
    [{ ...JSON.parse(ENROLMENT), root: "" }, "refused"],
    [`${ENROLMENT.trimEnd().slice(0, -1)},"coalition":"nl"}`, "refused"],
    ["[]", "invalid"],
    ["{", "invalid"],
    [`${ENROLMENT},"history":"none"},{"enrolment":${ENROLMENT}`, "invalid"],
  ]) {
    assert.equal(await kindOf(() => enrol(folder, enrolment)), kind);
  }
  assert.equal(await kindOf(() => open(folder)), "store_missing");
  writeFileSync(join(folder, "..", "file"), "");
  assert.equal(await kindOf(() => enrol(join(folder, "..", "file", "state"), ENROLMENT)), "store_damaged");
  await assert.rejects(open(folder, { enrolments: [ENROLMENT, "{"] }), { kind: "invalid" });
});

test("a gateway enrols what its store lacks", async (t) => {
  const folder = join(room(t), "state");
  for (let count = 0; count < 2; count += 1) {
    const gateway = await open(folder, { enrolments: [ENROLMENT] });
    assert.deepEqual(
      gateway.status().coalitions.map(({ name }) => name),
      ["se"],
    );
    assert.equal(gateway.screen(request(LISTED)).degraded, true);
  }
});

test("a directory that another process changes is busy", async (t) => {
  const folder = room(t);
  await enrol(folder, ENROLMENT);
  const release = await held(t, join(folder, "lock"), "-x");
  const other = { ...JSON.parse(ENROLMENT), coalition: "nl", lists: ["nl/merchants"] };
  const start = performance.now();
  assert.equal(await kindOf(() => enrol(folder, other)), "store_busy");
  assert.ok(performance.now() - start >= 200);
  await release();
  const shared = await held(t, join(folder, "lock"), "-s");
  assert.equal(await kindOf(() => enrol(folder, other)), "store_busy");
  await shared();
  await enrol(folder, other);
});

test("a machine without the command flock is told so", (t) => {
  const program = `
    import { Store, Module } from ${JSON.stringify(new URL("../src/index.js", import.meta.url).href)};
    const enrolment = ${JSON.stringify(ENROLMENT)};
    await Store.enrol(process.argv[1], enrolment, { module: Module.builtIn(), now: ${NOW} }).catch((error) => console.log(error.message));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program, room(t)], {
    env: { PATH: "/nowhere" },
    encoding: "utf8",
  });
  assert.match(stdout, /`flock`/);
});

test("the newest generation that loads whole answers", async (t) => {
  const folder = state(t);
  cpSync(join(folder, "se/generation-1"), join(folder, "se/generation-2"), { recursive: true });
  cpSync(join(folder, "se/generation-1"), join(folder, "se/generation-3"), { recursive: true });
  writeFileSync(join(folder, "se/current"), "2\n");
  const filter = "se/generation-2/se%2fmerchants.member-1.filter";
  for (const damage of [
    () => writeFileSync(join(folder, filter), "short"),
    () => rmSync(join(folder, filter)),
    () => spawnSync("mkfifo", [join(folder, filter)]),
    () => rmSync(join(folder, "se/generation-2"), { recursive: true }),
  ]) {
    damage();
    const gateway = await open(folder);
    const { action, degraded } = gateway.screen(request(LISTED));
    assert.deepEqual([action, degraded], ["block", false]);
    assert.match(gateway.status().warnings.join(), /generation 2 is damaged, generation 1 is used instead/);
  }
  rmSync(join(folder, "se/generation-1"), { recursive: true });
  const gateway = await open(folder);
  assert.equal(gateway.screen(request(LISTED)).degraded, true);
  assert.match(gateway.status().warnings.join(), /generation 2 is damaged, no list is loaded/);
});

test("a generation that is replaced while it is read is no damage", (t) => {
  const folder = state(t);
  const store = Store.open(folder);
  const coalitions = store.coalitions.bind(store);
  let replaced = false;
  store.coalitions = () =>
    coalitions().map((shelf) => {
      const generations = shelf.generations.bind(shelf);
      shelf.generations = () => {
        const found = generations();
        if (!replaced) {
          renameSync(join(folder, "se/generation-1"), join(folder, "se/generation-2"));
          writeFileSync(join(folder, "se/current"), "2\n");
        }
        replaced = true;
        return found;
      };
      return shelf;
    });
  const { coalitions: loaded, warnings } = load(store, { module, receipts: "always" }, NOW);
  assert.deepEqual([loaded[0].generation, loaded[0].warnings, warnings], [2, [], []]);
  store.coalitions = () => coalitions().map((shelf) => Object.assign(shelf, { enrolment: () => undefined }));
  assert.throws(() => load(store, { module, receipts: "always" }, NOW), { kind: "store_busy" });
});

test("what is damaged is named, and never a store without that coalition", async (t) => {
  const cases = [
    ["se/enrolment.json", (path) => rmSync(path), "store_damaged"],
    ["se/enrolment.json", (path) => writeFileSync(path, "{"), "store_damaged"],
    ["se/enrolment.json", (path) => writeFileSync(path, "{}"), "store_damaged"],
    ["receipt.key", (path) => writeFileSync(path, "07"), "store_damaged"],
    ["receipt.key", (path) => (rmSync(path), mkdirSync(path)), "store_damaged"],
    ["member.key", (path) => writeFileSync(path, "AGE-SECRET-KEY-1"), "store_damaged"],
    ["se/pages", (path) => mkdirSync(path), "store_damaged"],
    ["se/current", (path) => writeFileSync(path, "one"), "no error"],
    ["se/opened.keys", (path) => spawnSync("mkfifo", [path]), "no error"],
    ["overrides", (path) => (mkdirSync(path), writeFileSync(join(path, "a.json"), "{}")), "no error"],
    ["inventory.txt", (path) => writeFileSync(path, "interdict-inventory-1 9\n"), "no error"],
    ["inventory.txt", (path) => writeFileSync(path, "interdict-inventory-1 2\nnl\nse\n"), "no error"],
  ];
  for (const [name, damage, kind] of cases) {
    const folder = state(t);
    damage(join(folder, name));
    let gateway;
    assert.equal(await kindOf(async () => (gateway = await open(folder))), kind, name);
    if (kind === "no error") assert.notDeepEqual(gateway.status().warnings, [], name);
  }
});

test("what is lost is a doubt of every verdict", async (t) => {
  const folder = state(t);
  writeFileSync(join(folder, "inventory.txt"), "interdict-inventory-1 2\nnl\nse\n");
  const gateway = await open(folder);
  assert.deepEqual(gateway.screen(request(LISTED)).answer.doubts, ["state_lost"]);
});

test("a secret that others may read is warned of", async (t) => {
  const folder = state(t);
  assert.deepEqual((await open(folder)).status().warnings, []);
  chmodSync(join(folder, "receipt.key"), 0o644);
  assert.match((await open(folder)).status().warnings.join(), /receipt\.key.*chmod 600/);
});

test("no message and no printed object holds a secret", async (t) => {
  const folder = state(t);
  const secret = readFileSync(join(folder, "receipt.key"), "utf8").trim();
  const { keys } = JSON.parse(ENROLMENT);
  const gateway = await open(folder);
  const { inspect } = await import("node:util");
  const told = [
    inspect(gateway, { depth: 9, showHidden: true }),
    JSON.stringify(gateway),
    JSON.stringify(gateway.status()),
  ].join();
  for (const hidden of [secret, ...keys.map(({ key }) => key)]) assert.ok(!told.includes(hidden));
});
