import assert from "node:assert/strict";
import { createServer, request as ask } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { CheckoutSessions, Gateway, Module } from "../src/index.js";
import { kindOf, LISTED, NOW, POLICY, request, ROOT, state } from "./helpers.js";
import { trapping } from "./wasm.js";

const PATH = "/v1/checkout/session";
const ORIGIN = "https://market.example";
const OTHER = "http://localhost:8080";
const TOKEN = /^[0-9a-f]{64}$/;
const TOO_LATE = NOW + 400 * 86_400;

const question = (name, more) => ({ ...request(name, "checkout"), language: "en", ...more });
const page = (token, origin = ORIGIN) => ({ token, origin });

async function opened(t, options = {}, more = {}) {
  const gateway = await Gateway.open(state(t), { policy: POLICY, clock: () => NOW, ...options });
  const sessions = new CheckoutSessions(gateway, { origins: [ORIGIN, OTHER], ...more });
  const token = (name, now) => sessions.open({ origin: ORIGIN, request: question(name) }, now).token;
  return { gateway, sessions, token };
}

/** Serves sessions over HTTP, and asks. */
async function served(t, sessions) {
  const server = createServer((asked, answer) => {
    if (!sessions.handle(asked, answer)) answer.writeHead(418).end();
  });
  t.after(() => server.close());
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  return (headers = {}, method = "GET", path = PATH) =>
    new Promise((resolve, reject) => {
      const asked = ask({ port, path, method, headers, agent: false }, async (answer) => {
        const chunks = [];
        for await (const chunk of answer) chunks.push(chunk);
        const { date: _, connection: __, ...told } = answer.headers;
        resolve({ status: answer.statusCode, headers: told, body: Buffer.concat(chunks).toString() });
      });
      asked.on("error", reject).end();
    });
}

const shown = (token, origin = ORIGIN) => ({ authorization: `Bearer ${token}`, origin });

test("a page is told to proceed or to refuse and nothing else", async (t) => {
  const { sessions, token } = await opened(t);
  const { token: listed, ends } = sessions.open({ origin: ORIGIN, request: question(LISTED) });
  assert.match(listed, TOKEN);
  assert.equal(ends, NOW + 900);
  assert.deepEqual(sessions.answer(page(listed)), {
    decision: "refuse",
    notice: "This cannot be completed.",
  });
  const clean = token("flowers.example");
  assert.notEqual(clean, listed);
  assert.deepEqual(sessions.answer(page(clean)), { decision: "proceed" });
  const silent = { origin: ORIGIN, request: JSON.stringify(request(LISTED, "checkout")) };
  assert.deepEqual(sessions.answer(page(sessions.open(silent).token)), { decision: "refuse" });
  const dutch = { origin: ORIGIN, request: question(LISTED, { language: "nl" }) };
  assert.match(sessions.answer(page(sessions.open(dutch).token)).notice, /^Dit kan niet/);
});

test("a page of another origin is told nothing, and takes no ask away", async (t) => {
  const { sessions, token } = await opened(t);
  const listed = token(LISTED);
  for (let count = 0; count < 30; count += 1) {
    for (const origin of [OTHER, "https://evil.example", "null", "", undefined, [ORIGIN]])
      assert.equal(await kindOf(() => sessions.answer({ token: listed, origin })), "origin_not_allowed");
  }
  assert.equal(sessions.answer(page(listed)).decision, "refuse");
});

test("a session answers until it is over, and no token that was not given", async (t) => {
  const { sessions, token } = await opened(t);
  const { token: own, ends } = sessions.open({ origin: ORIGIN, request: question(LISTED), minutes: 1 });
  assert.equal(ends, NOW + 60);
  assert.equal(sessions.answer(page(own), ends - 1).decision, "refuse");
  const forged = [own.toUpperCase(), own.slice(1), `${own} `, "0".repeat(64), "", "__proto__"];
  for (const other of forged) assert.equal(await kindOf(() => sessions.answer(page(other))), "no_session");
  assert.equal(await kindOf(() => sessions.answer(page(own), ends)), "no_session");
  assert.equal(await kindOf(() => sessions.answer(page(own), NOW)), "no_session", "it does not come back");
  for (const other of [undefined, 7, [own], { toString: () => own }])
    assert.equal(await kindOf(() => sessions.answer(page(other))), "invalid");
  assert.equal(await kindOf(() => sessions.answer({ ...page(token(LISTED)), flow: "payout" })), "invalid");
});

test("a session answers twenty times", async (t) => {
  const { sessions, token } = await opened(t);
  const [one, other] = [token(LISTED), token(LISTED)];
  for (let count = 0; count < 20; count += 1)
    assert.equal(sessions.answer(page(one)).decision, "refuse", String(count));
  assert.equal(await kindOf(() => sessions.answer(page(one))), "no_session");
  assert.equal(sessions.answer(page(other)).decision, "refuse");
});

test("a session is opened for checkout, for its own pages, and for a request that the module takes", async (t) => {
  const receipts = [];
  const { sessions } = await opened(t, { onReceipt: (receipt) => receipts.push(receipt) });
  const fine = { origin: ORIGIN, request: question(LISTED) };
  const longest = 4096 - JSON.stringify(question(LISTED, { reference: "" })).length;
  for (const [change, kind] of [
    [{ origin: "https://evil.example" }, "origin_not_allowed"],
    [{ origin: `${ORIGIN}/` }, "origin_not_allowed"],
    [{ origin: undefined }, "origin_not_allowed"],
    [{ request: request(LISTED, "payout") }, "invalid"],
    [{ request: { identifiers: [] } }, "invalid"],
    [{ request: "null" }, "refused"],
    [{ request: "{" }, "refused"],
    [{ request: question(LISTED, { identifiers: [] }) }, "refused"],
    [{ request: JSON.stringify(fine.request).replace("{", '{"flow":"payout",') }, "refused"],
    [{ request: undefined }, "invalid"],
    [{ request: question(LISTED, { reference: "\u00e9".repeat(longest / 2 + 1) }) }, "invalid"],
    [{ minutes: 0 }, "invalid"],
    [{ minutes: 61 }, "invalid"],
    [{ minutes: 1.5 }, "invalid"],
    [{ minutes: "15" }, "invalid"],
    [{ minuts: 15 }, "invalid"],
  ])
    assert.equal(await kindOf(() => sessions.open({ ...fine, ...change })), kind, JSON.stringify(change));
  assert.equal(await kindOf(() => sessions.open(fine, Number.NaN)), "invalid");
  assert.equal(sessions.open({ ...fine, minutes: 60 }).ends, NOW + 3600);
  assert.deepEqual(receipts, [], "nobody was told anything");
  sessions.answer(page(sessions.open(fine).token));
  assert.deepEqual(
    receipts.map((text) => JSON.parse(text).action),
    ["block"],
  );
});

test("what a program changes after it opened a session is not asked", async (t) => {
  const { sessions } = await opened(t);
  const own = question(LISTED);
  const bytes = Buffer.from(JSON.stringify(own));
  const tokens = [own, bytes].map((asked) => sessions.open({ origin: ORIGIN, request: asked }).token);
  own.identifiers[0].value = "flowers.example";
  bytes.fill(32);
  for (const token of tokens) assert.equal(sessions.answer(page(token)).decision, "refuse");
});

test("sessions that are over make room for others", async (t) => {
  const { sessions } = await opened(t);
  const open = (now) => sessions.open({ origin: ORIGIN, request: question(LISTED), minutes: 1 }, now);
  for (let count = 0; count < 10_000; count += 1) open(NOW);
  assert.equal(await kindOf(() => open(NOW + 59)), "sessions_exhausted");
  const { token } = open(NOW + 60);
  assert.equal(sessions.answer(page(token)).decision, "refuse");
});

test("what was not screened is no decision", async (t) => {
  const { gateway, sessions } = await opened(t, { module: new Module(trapping()) });
  const clean = sessions.open({ origin: ORIGIN, request: question("flowers.example") });
  const screen = gateway.screen;
  gateway.screen = (_, now) => screen.call(gateway, "!", now);
  assert.equal(await kindOf(() => sessions.answer(page(clean.token))), "trapped");
  gateway.screen = screen;
  assert.equal(sessions.answer(page(clean.token)).decision, "proceed");
  await gateway.close();
  assert.equal(await kindOf(() => sessions.answer(page(clean.token))), "closed");
  assert.equal(await kindOf(() => sessions.open({ origin: ORIGIN, request: question(LISTED) })), "closed");
});

test("a list too old to answer decides as the table of doors says", async (t) => {
  const { gateway, token, sessions } = await opened(t);
  const verdict = gateway.screen(question(LISTED), TOO_LATE);
  assert.deepEqual([verdict.action, verdict.degraded], ["review", true]);
  // As from the service: the table lets a review pass at checkout.
  assert.deepEqual(sessions.answer(page(token(LISTED, TOO_LATE)), TOO_LATE), { decision: "proceed" });
});

test("each action is the decision that the table of doors has for checkout", async (t) => {
  const { gateway, token, sessions } = await opened(t);
  for (const [name, action, expected] of [
    ["clean.test", "allow", "proceed"],
    ["monitor.listed.test", "monitor", "proceed"],
    ["review.listed.test", "review", "proceed"],
    ["hold-payout.listed.test", "hold_payout", "proceed"],
    ["block.listed.test", "block", "refuse"],
  ]) {
    assert.equal(gateway.screen(question(name)).action, action);
    assert.equal(sessions.answer(page(token(name))).decision, expected, action);
  }
});

test("options are checked", async (t) => {
  const { gateway } = await opened(t);
  for (const origins of [
    undefined,
    [],
    ORIGIN,
    ["*"],
    ["null"],
    ["http://market.example"],
    ["https://Market.example"],
    ["https://market.example/"],
    ["https://market.example:443"],
    ["https://market.example:"],
    ["https://"],
    ["https://user@market.example"],
    ["http://localhost.evil.example"],
    ["http://127.evil.example"],
    [`https://${"a".repeat(256)}`],
    [ORIGIN, `${ORIGIN}\n`],
  ])
    assert.equal(
      await kindOf(() => new CheckoutSessions(gateway, { origins })),
      "invalid",
      JSON.stringify(origins),
    );
  for (const origins of [["https://market.example:8443"], ["http://127.0.0.1:80"], new Set([OTHER])])
    new CheckoutSessions(gateway, { origins });
  assert.equal(await kindOf(() => new CheckoutSessions({}, { origins: [ORIGIN] })), "invalid");
  assert.equal(await kindOf(() => new CheckoutSessions(gateway, { origins: [ORIGIN], onErr: 1 })), "invalid");
  assert.equal(
    await kindOf(() => new CheckoutSessions(gateway, { origins: [ORIGIN], onError: 1 })),
    "invalid",
  );
});

const COMMON = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
const JSON_TYPE = { "content-type": "application/json" };
const PROBLEM_TYPE = { "content-type": "application/problem+json" };
const READABLE = { vary: "origin", "access-control-allow-origin": ORIGIN };

test("a page is answered over HTTP as by the service, byte for byte", async (t) => {
  const { sessions, token } = await opened(t);
  const get = await served(t, sessions);
  const [listed, clean] = [token(LISTED), token("flowers.example")];
  assert.deepEqual(await get(shown(listed)), {
    status: 200,
    headers: { ...JSON_TYPE, ...READABLE, ...COMMON, "content-length": "58" },
    body: '{"decision":"refuse","notice":"This cannot be completed."}',
  });
  assert.deepEqual(await get({ authorization: `bEARER ${clean}`, origin: ORIGIN }), {
    status: 200,
    headers: { ...JSON_TYPE, ...READABLE, ...COMMON, "content-length": "22" },
    body: '{"decision":"proceed"}',
  });
  assert.equal((await get(shown(clean), "GET", `${PATH}?of=page`)).body, '{"decision":"proceed"}');
  const head = await get(shown(clean), "HEAD");
  assert.deepEqual([head.status, head.headers["content-length"], head.body], [200, "22", ""]);
  const nobody = {
    status: 401,
    headers: {
      ...PROBLEM_TYPE,
      "www-authenticate": "Bearer",
      ...READABLE,
      ...COMMON,
      "content-length": "145",
    },
    body:
      '{"type":"urn:interdict:problem:no_session","title":"There is no such session, or it is over","status":401,' +
      '"detail":"let the server open another"}',
  };
  for (const authorization of ["Bearer x", `Basic ${clean}`, clean, `Bearer  ${clean}`, "Bearer", ""])
    assert.deepEqual(await get({ authorization, origin: ORIGIN }), nobody, authorization);
  assert.deepEqual(await get({ origin: ORIGIN }), nobody);
  for (let count = 0; count < 19; count += 1) assert.equal((await get(shown(listed))).status, 200);
  assert.deepEqual(await get(shown(listed)), nobody, "the twenty-first");
});

test("browsers let no page of another origin read an answer", async (t) => {
  const { sessions, token } = await opened(t);
  const get = await served(t, sessions);
  const listed = token(LISTED);
  const refused = (more) => ({
    status: 403,
    headers: { ...PROBLEM_TYPE, vary: "origin", ...more, ...COMMON, "content-length": "162" },
    body:
      '{"type":"urn:interdict:problem:origin_not_allowed","title":"Pages of this origin may not ask","status":403,' +
      '"detail":"the session is for a page of another origin"}',
  });
  assert.deepEqual(await get(shown(listed, OTHER)), refused({ "access-control-allow-origin": OTHER }));
  for (const origin of ["https://evil.example", "null", `${ORIGIN}, https://evil.example`])
    assert.deepEqual(await get(shown(listed, origin)), refused({}), origin);
  assert.deepEqual(await get({ authorization: `Bearer ${listed}` }), refused({}));
  const preflight = (origin) =>
    get(
      {
        origin,
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
      },
      "OPTIONS",
    );
  const allowed = {
    status: 200,
    headers: {
      ...READABLE,
      "access-control-allow-methods": "GET",
      "access-control-allow-headers": "authorization",
      "access-control-max-age": "600",
      ...COMMON,
      "content-length": "0",
    },
    body: "",
  };
  assert.deepEqual(await preflight(ORIGIN), allowed);
  const { "access-control-allow-origin": _, ...others } = allowed.headers;
  assert.deepEqual(await preflight("https://evil.example"), { ...allowed, headers: others });
  assert.equal((await get(shown(listed))).status, 200);
});

test("other methods are not served, and other paths are left to the program", async (t) => {
  const { sessions, token } = await opened(t);
  const get = await served(t, sessions);
  const headers = shown(token(LISTED));
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    assert.deepEqual(
      await get(headers, method),
      {
        status: 405,
        headers: { ...PROBLEM_TYPE, ...COMMON, allow: "GET,HEAD,OPTIONS", "content-length": "150" },
        body:
          '{"type":"urn:interdict:problem:method_not_allowed","title":"Another method is served here","status":405,' +
          '"detail":"docs/service.md has what is served"}',
      },
      method,
    );
  }
  for (const path of ["/", `${PATH}/`, "/v1/checkout/sessions", "/v1/checkout%2fsession", `/${PATH}`])
    assert.equal((await get(headers, "GET", path)).status, 418, path);
});

test("a failure is told to the page without saying why, and to the program with it", async (t) => {
  const errors = [];
  const { gateway, sessions, token } = await opened(t, {}, { onError: (error) => errors.push(error) });
  const get = await served(t, sessions);
  const clean = token("flowers.example");
  const screen = gateway.screen;
  gateway.screen = () => {
    throw new Error(`/secret/${LISTED}`);
  };
  const broken = await get(shown(clean));
  assert.deepEqual(
    [broken.status, JSON.parse(broken.body)],
    [
      500,
      {
        type: "urn:interdict:problem:not_answered",
        title: "The module gave no answer",
        status: 500,
        detail: "a defect of this service; nobody was screened",
      },
    ],
  );
  gateway.screen = screen;
  await gateway.close();
  const closed = await get(shown(clean));
  assert.deepEqual([closed.status, JSON.parse(closed.body).detail], [500, "the gateway was closed"]);
  assert.equal(closed.headers["access-control-allow-origin"], ORIGIN);
  assert.deepEqual(
    errors.map(({ kind, message }) => kind ?? message),
    [`/secret/${LISTED}`, "closed"],
  );
  await get(shown("x"));
  assert.equal(errors.length, 2, "a page without a session is no failure");
});

test("a page is not told where the files of this machine are", async (t) => {
  const folder = state(t);
  const gateway = await Gateway.open(folder, { module: new Module(trapping()), clock: () => NOW });
  const sessions = new CheckoutSessions(gateway, { origins: [ORIGIN] });
  const get = await served(t, sessions);
  const { token } = sessions.open({ origin: ORIGIN, request: question("flowers.example") });
  assert.equal(await kindOf(() => gateway.screen("!")), "trapped");
  writeFileSync(join(folder, "se/enrolment.json"), "{");
  const { status, body } = await get(shown(token));
  assert.deepEqual([status, JSON.parse(body).detail], [500, "a file of the state directory is damaged"]);
  assert.ok(!body.includes(folder));
});

test("titles and details of problems are those of the service", () => {
  const problems = readFileSync(join(ROOT, "gateway/src/service/problem.rs"), "utf8");
  const pages = readFileSync(join(ROOT, "gateway/src/service/checkout.rs"), "utf8");
  const own = readFileSync(join(ROOT, "host-example/node/src/checkout.js"), "utf8");
  for (const text of [
    "There is no such session, or it is over",
    "Pages of this origin may not ask",
    "Another method is served here",
    "The request was refused",
    "The module gave no answer",
  ])
    assert.ok(problems.includes(`"${text}"`) && own.includes(`"${text}"`), text);
  for (const text of ["let the server open another", "the session is for a page of another origin"])
    assert.ok(pages.includes(`"${text}"`) && own.includes(`"${text}"`), text);
});
