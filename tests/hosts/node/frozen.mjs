// The Node host reads what an earlier version made (docs/compatibility.md). node frozen.mjs

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Gateway, Module } from "../../../host-example/node/src/index.js";

const frozen = fileURLToPath(new URL("../../../fixtures/compat/1/", import.meta.url));
const expected = JSON.parse(readFileSync(join(frozen, "expected.json"), "utf8"));
const { now } = expected;
const folder = mkdtempSync(join(tmpdir(), "interdict-frozen-"));
const archive = join(frozen, "gateway/archive");
const [archived] = readdirSync(join(archive, "modules")).map(
  (name) => new Module(readFileSync(join(archive, "modules", name))),
);
const policies = readdirSync(join(archive, "policies")).map((name) =>
  readFileSync(join(archive, "policies", name), "utf8"),
);

function check(gateway, { flow, verdicts }) {
  for (const [name, [action, code]] of Object.entries(verdicts)) {
    const [kind, value] = name.split(" ");
    const verdict = gateway.screen({ flow, identifiers: [{ kind, value }] });
    assert.deepEqual([verdict.action, verdict.degraded], [action, false], name);
    assert.ok(
      verdict.reasons.some((reason) => reason.code === code),
      name,
    );
  }
}

const tests = {
  async "every edition is fetched, and answers as it did"(module, room) {
    for (const [name, edition] of [
      ["by-hand", "member"],
      ["compact", "compact"],
      ["public", "public"],
    ]) {
      const enrolment = {
        ...JSON.parse(readFileSync(join(frozen, `enrolments/${name}.json`), "utf8")),
        repository: join(frozen, "repository"),
      };
      const policy = { required: { se: ["se/merchants"] } };
      const gateway = await Gateway.open(join(room, name), {
        module,
        clock: () => now,
        policy,
        enrolments: [enrolment],
      });
      assert.deepEqual(await gateway.refresh(), [{ coalition: "se", outcome: "updated" }]);
      check(gateway, expected.editions[edition]);
      if (edition !== "public") gateway.selftest();
    }
  },
  async "a store is loaded, and receipts are as they were"(module, room) {
    const state = join(room, "state");
    cpSync(join(frozen, "gateway/state"), state, { recursive: true });
    const receipts = [];
    const options = {
      module,
      clock: () => now,
      policy: policies[0],
      onReceipt: (text) => receipts.push(text),
    };
    const gateway = await Gateway.open(state, options);
    assert.deepEqual(gateway.status().coalitions[0].doubts, []);
    gateway.screenBatch(readFileSync(join(frozen, "gateway/requests.ndjson")));
    assert.equal(receipts.length, expected.receipts.length);
    if (module === archived)
      assert.equal(`${receipts.join("\n")}\n`, readFileSync(join(frozen, "gateway/receipts.ndjson"), "utf8"));
    assert.deepEqual(
      receipts.map((text) => JSON.parse(text).action ?? "refused"),
      expected.receipts,
    );
  },
};

try {
  for (const [version, module] of [
    ["present", Module.builtIn()],
    ["archived", archived],
  ]) {
    for (const [name, test] of Object.entries(tests)) {
      await test(module, join(folder, version, name.slice(0, 5)));
      console.log(`ok - ${name} (the ${version} module)`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
