import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { Lists } from "./lists.mjs";
import { Orders } from "./orders.mjs";
import { Pages } from "./pages.mjs";
import { GOODS, payees } from "./payees.mjs";
import { SWITCHES, Visitors } from "./visitors.mjs";

const PAGE = fileURLToPath(new URL("../page", import.meta.url));
const MOST_BYTES = 4096;
/** Milliseconds: longer than the page waits for its gateway, and enough for a file that tabs need at once. */
const SLOW = Object.freeze({ gateway: 7000, file: 700 });
const PORTAL = "<!doctype html><title>Wi-Fi</title><p>Welcome. Please sign in to use this network.";

/**
 * Starts the market and its gateway, each at an origin of its own.
 *
 * @param {object} options
 * @param {string} options.world What `checkout-world` wrote.
 * @param {string} options.packageFolder An unpacked `@interdict/checkout`.
 * @param {string} options.hostPackage The folder of the Node host.
 * @param {number} [options.port] The market's; 0 takes any. The gateway has the next one.
 * @param {(request: object) => void} [options.observe] Gets every request that arrives, whole.
 * @returns {Promise<{ market: string, gateway: string, close: () => Promise<void> }>}
 */
export async function start({ world, packageFolder, hostPackage, port = 8460, observe = () => {} }) {
  const state = mkdtempSync(join(tmpdir(), "interdict-market-"));
  const { gateway, sessionsOver } = await gatewayOf(resolve(world), state, resolve(hostPackage));
  const servers = [createServer(), createServer()];
  const [market, asked] = await Promise.all(
    servers.map((server, place) => listening(server, port === 0 ? 0 : port + place)),
  );
  const shops = payees(world);
  const sessions = sessionsOver(gateway, market);
  const demo = {
    market,
    gateway: asked,
    observe,
    sessions,
    shops,
    orders: new Orders(sessions, shops, market),
    lists: new Lists(resolve(world)),
    pages: new Pages(PAGE, resolve(packageFolder)),
    visitors: new Visitors(),
    enrolment: JSON.parse(readFileSync(join(world, "public.json"), "utf8")),
  };
  servers[0].on("request", (request, response) => settled(answerMarket(demo, request, response), response));
  servers[1].on("request", (request, response) => settled(answerGateway(demo, request, response), response));
  const close = async () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await gateway.close();
    rmSync(state, { recursive: true, force: true });
  };
  return { market, gateway: asked, close };
}

/** The gateway of the market: a member, with lists of its own. */
async function gatewayOf(world, state, hostPackage) {
  const { exports } = JSON.parse(readFileSync(join(hostPackage, "package.json"), "utf8"));
  const entry = pathToFileURL(join(hostPackage, exports["."].default));
  const { CheckoutSessions, Gateway } = await import(entry.href);
  const enrolment = JSON.parse(readFileSync(join(world, "member.json"), "utf8"));
  enrolment.repository = join(world, "repository");
  const gateway = await Gateway.open(state, {
    enrolments: [enrolment],
    policy: { required: { [enrolment.coalition]: enrolment.lists } },
  });
  const failed = (await gateway.refresh()).find(({ outcome }) => outcome === "failed");
  if (failed) throw new Error(`the gateway has no lists: ${failed.why}`);
  return { gateway, sessionsOver: (of, origin) => new CheckoutSessions(of, { origins: [origin] }) };
}

function listening(server, port) {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => done(`http://127.0.0.1:${server.address().port}`));
  });
}

async function settled(answer, response) {
  try {
    await answer;
  } catch (error) {
    console.error(error);
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  }
}

async function answerMarket(demo, request, response) {
  if (`http://${request.headers.host}` !== demo.market) return sent(response, 421);
  const { pathname } = new URL(request.url, demo.market);
  const body = await bodyOf(request);
  if (body === undefined) return sent(response, 413);
  if (request.method === "POST" && request.headers.origin !== demo.market) return sent(response, 403);
  const [, listsOf, file] = /^\/lists\/([0-9a-f]{32})\/(.+)$/.exec(pathname) ?? [];
  const visitor = demo.visitors.named(listsOf) ?? demo.visitors.of(request);
  // The demo's own switchboard is no part of the page, and always answers.
  const control = await controlled(demo, request, pathname, body, visitor);
  if (control !== undefined) return control === null ? sent(response, 400) : json(response, control);
  demo.observe({ to: "market", method: request.method, url: request.url, headers: request.headers, body });
  const to = file === undefined ? "market" : "lists";
  const note = (answered) => {
    const isPart = request.method === "GET" && demo.pages.file(pathname) !== undefined;
    const path = isPart
      ? "files of page and package"
      : (file ?? pathname.replace(/^\/orders\/[0-9a-f]+/, "/orders/…"));
    visitor.note({ to, method: request.method, path, body, answered });
  };
  if (isCut(visitor, file)) {
    note("cut");
    return response.destroy();
  }
  if (signsIn(visitor, pathname, file)) {
    note(200);
    return sent(response, 200, PORTAL, { "content-type": "text/html; charset=utf-8" });
  }
  response.on("finish", () => note(response.statusCode));
  if (file !== undefined) return answerList(demo, request, response, file, visitor);
  if (request.method === "POST") return answerOrder(demo, response, pathname, body, visitor);
  return answerPage(demo, response, pathname, visitor);
}

function isCut({ switches }, file) {
  return switches.network === "offline" || (file !== undefined && switches.lists === "cut");
}

function signsIn({ switches }, pathname, file) {
  if (file !== undefined && switches.lists === "portal") return true;
  return (
    switches.network === "portal" ||
    (switches.network === "portal_midway" && pathname !== "/service-worker.js")
  );
}

/** What the switchboard answers; `null` for nonsense, `undefined` if the path is none of its own. */
async function controlled(demo, request, pathname, body, visitor) {
  if (pathname === "/sent") return visitor.sent;
  if (pathname !== "/switches") return undefined;
  if (request.method === "POST" && !visitor.turn(parsed(body) ?? { unknown: true })) return null;
  return {
    switches: visitor.switches,
    choices: SWITCHES,
    shows: Object.fromEntries(demo.shops.map(({ id, shows }) => [id, shows])),
  };
}

async function answerList(demo, request, response, path, visitor) {
  if (visitor.switches.lists === "slow") await new Promise((done) => setTimeout(done, SLOW.file));
  const takesGzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  const found = await demo.lists.file(path, visitor, takesGzip);
  if (found === undefined) return sent(response, 404);
  const changes = /(?:timestamp|bundle|\d+\.root)\.json$/.test(path);
  return sent(response, 200, found.bytes, {
    "content-type": path.endsWith(".json") ? "application/json" : "application/octet-stream",
    "cache-control": changes ? "no-cache" : "max-age=31536000, immutable",
    ...(found.encoding ? { "content-encoding": found.encoding, vary: "accept-encoding" } : {}),
  });
}

async function answerOrder(demo, response, pathname, body, visitor) {
  const message = parsed(body);
  if (message === undefined) return sent(response, 400);
  if (pathname === "/orders") {
    const opened = await demo.orders.open(message, visitor);
    return opened ? json(response, { ...opened, gateway: demo.gateway }) : sent(response, 400);
  }
  const [, order] = /^\/orders\/([0-9a-f]{16})\/payment$/.exec(pathname) ?? [];
  const paid = order && (await demo.orders.pay(order, visitor));
  return paid ? json(response, paid) : sent(response, 404);
}

function answerPage(demo, response, pathname, visitor) {
  if (pathname === "/market.json") {
    const { freshMiss, loads } = visitor.switches;
    const shops = demo.shops.map(({ id, shop, url }) => ({ id, shop, url }));
    return json(response, { goods: GOODS, shops, policy: { freshMiss }, loads });
  }
  if (pathname === "/enrolment.json") {
    // The package sends no cookie with what it fetches, so each visitor's lists have an address of their own here.
    return json(response, { ...demo.enrolment, repository: `${demo.market}/lists/${visitor.name}` });
  }
  const headers = {
    "content-security-policy": policyOf(demo, visitor),
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
    "set-cookie": `visitor=${visitor.name}; Path=/; HttpOnly; SameSite=Strict`,
  };
  const script = { ...headers, "content-type": "text/javascript; charset=utf-8" };
  if (pathname === "/service-worker.js")
    return sent(response, 200, demo.pages.serviceWorker(demo.pages.needed()), script);
  const file = demo.pages.file(pathname);
  if (file === undefined) return sent(response, 404);
  return sent(response, 200, file.bytes, { ...headers, "content-type": file.type });
}

function policyOf({ gateway }, { switches }) {
  return [
    "default-src 'none'",
    `script-src 'self'${switches.wasm === "allowed" ? " 'wasm-unsafe-eval'" : ""}`,
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${gateway}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types own-scripts",
  ].join("; ");
}

/** The gateway's own origin, where the page asks with its session alone. */
async function answerGateway(demo, request, response) {
  const body = await bodyOf(request);
  demo.observe({ to: "gateway", method: request.method, url: request.url, headers: request.headers, body });
  const [, token] = /^Bearer ([0-9a-zA-Z_-]+)$/.exec(request.headers.authorization ?? "") ?? [];
  const visitor = token && demo.orders.visitorOf(token);
  if (!visitor) return demo.sessions.handle(request, response);
  const { pathname } = new URL(request.url, demo.gateway);
  const note = (answered) =>
    visitor.note({ to: "gateway", method: request.method, path: pathname, body, answered });
  const { network, gateway } = visitor.switches;
  if (network === "offline" || gateway === "down") {
    note("cut");
    return response.destroy();
  }
  response.on("close", () => note(response.writableFinished ? response.statusCode : "given up"));
  // Browsers hide from the page what lacks this: then garbage would be no more than no answer.
  const readable = { "access-control-allow-origin": demo.market, "content-type": "application/json" };
  if (network.startsWith("portal"))
    return sent(response, 200, PORTAL, { ...readable, "content-type": "text/html" });
  if (gateway === "garbage") return sent(response, 200, '{"decision":"certainly","notice":7}', readable);
  if (gateway === "unauthenticated")
    return sent(response, 401, '{"type":"urn:interdict:problem:no_session"}', readable);
  if (gateway === "slow") await new Promise((done) => setTimeout(done, SLOW.gateway));
  return demo.sessions.handle(request, response);
}

/** The body as a text; `undefined` if it is too long. */
async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > MOST_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function parsed(body) {
  try {
    const value = JSON.parse(body);
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function json(response, value) {
  sent(response, 200, JSON.stringify(value), {
    "content-type": "application/json",
    "cache-control": "no-store",
  });
}

function sent(response, status, body = "", headers = {}) {
  response.writeHead(status, { "x-content-type-options": "nosniff", ...headers });
  response.end(body);
}
