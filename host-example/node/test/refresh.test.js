import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import dns from "node:dns";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { Gateway } from "../src/index.js";
import { enrolledAt, FIXTURES, kindOf, NOW, POLICY, repository, request, room } from "./helpers.js";

const PATIENCE = { connect: 2000, response: 2000, file: 4000, refresh: 20_000 };

/** A server of a repository's folder; `answer` may answer a request itself. */
async function serve(t, folder, answer = () => false) {
  const asked = [];
  const server = createServer((message, response) => {
    asked.push(message);
    if (answer(message, response)) return;
    const path = join(folder, decodeURIComponent(message.url.replace(/^\/lists|\?.*/g, "")));
    if (existsSync(path)) response.end(readFileSync(path));
    else response.writeHead(404).end("no such file");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}/lists`,
    port,
    asked,
    paths: () => asked.map(({ url }) => url.replace("/lists/", "")),
  };
}

async function open(t, location, options) {
  const folder = join(room(t), "state");
  const enrolments = [enrolledAt(location)];
  const gateway = await Gateway.open(folder, {
    policy: POLICY,
    clock: () => NOW,
    enrolments,
    allowPrivate: true,
    patience: PATIENCE,
    ...options,
  });
  t.after(() => gateway.close());
  return { gateway, folder };
}

async function outcome(gateway, options) {
  const [{ outcome, why }] = await gateway.refresh(options);
  return why === undefined ? outcome : `${outcome}: ${why}`;
}

/** A gateway with the first release, whose repository is a server. */
async function refreshed(t, answer) {
  const folder = repository(t, "sample-1");
  const server = await serve(t, folder, answer);
  const opened = await open(t, server.url);
  assert.equal(await outcome(opened.gateway), "updated");
  return { ...opened, server, repository: folder };
}

function release(folder, name) {
  rmSync(folder, { recursive: true });
  cpSync(join(FIXTURES, "repositories", name), folder, { recursive: true });
}

test("releases follow each other, and a poll that brings nothing is saved too", async (t) => {
  const { gateway, folder, repository: files } = await refreshed(t);
  const shelf = join(folder, "se");
  assert.equal(readFileSync(join(shelf, "current"), "utf8"), "1\n");
  assert.equal(gateway.status().coalitions[0].lists[0].sequence, 1);
  assert.equal(await outcome(gateway, { now: NOW + 60 }), "unchanged");
  assert.match(readFileSync(join(shelf, "history"), "utf8"), new RegExp(`polled=${NOW + 60} `));
  release(files, "sample");
  assert.equal(await outcome(gateway, { now: NOW + 120 }), "updated");
  assert.deepEqual(readdirSync(shelf).sort(), [
    "current",
    "enrolment.json",
    "generation-1",
    "generation-2",
    "history",
    "lock",
  ]);
  const { coalitions, refreshed: told, warnings } = gateway.status(NOW + 120);
  assert.deepEqual([coalitions[0].doubts, coalitions[0].lists[0].sequence, warnings], [[], 2, []]);
  assert.deepEqual(told, { se: { outcome: "updated", time: NOW + 120 } });
  assert.equal(gateway.reloadIfChanged(), false, "what it wrote itself is no change");
});

test("a gateway that opens afterwards answers the same", async (t) => {
  const { gateway, folder, repository: files } = await refreshed(t);
  release(files, "sample");
  await gateway.refresh();
  const other = await Gateway.open(folder, { policy: POLICY, clock: () => NOW });
  for (const name of ["b\u00fccher.example", "hidden-shop.test", "flowers.example", "removed.example"]) {
    assert.equal(other.screen(request(name)).text, gateway.screen(request(name)).text, name);
  }
});

test("a walk that fails leaves the last good list, its files and a reason", async (t) => {
  let isBroken = false;
  const {
    gateway,
    folder,
    repository: files,
  } = await refreshed(t, ({ url }, response) => {
    if (isBroken && url.includes(".filter")) return response.writeHead(503).end();
    return false;
  });
  const before = gateway.screen(request("b\u00fccher.example"));
  isBroken = true;
  release(files, "sample");
  assert.match(await outcome(gateway), /^failed: targets\/.*: the server answered 503$/);
  assert.equal(gateway.screen(request("b\u00fccher.example")).action, before.action);
  assert.ok(readdirSync(join(folder, "se/pending")).includes("timestamp.json"));
  assert.equal(gateway.status().refreshed.se.outcome, "failed");
  isBroken = false;
  assert.equal(await outcome(gateway), "updated");
  assert.equal(existsSync(join(folder, "se/pending")), false);
});

test("an update of another process counts as this one's basis", async (t) => {
  const { gateway, folder, repository: files } = await refreshed(t);
  release(files, "sample");
  const other = await Gateway.open(folder, { policy: POLICY, clock: () => NOW, allowPrivate: ["se"] });
  assert.equal(await outcome(other), "updated");
  assert.equal(await outcome(gateway), "unchanged");
  assert.equal(readFileSync(join(folder, "se/current"), "utf8"), "2\n");
  assert.equal(gateway.status().coalitions[0].lists[0].sequence, 2);
});

test("what was loaded during a refresh is not lost by it", async (t) => {
  let reloads = () => {};
  const {
    gateway,
    folder,
    repository: files,
  } = await refreshed(t, ({ url }) => {
    if (url.includes("2.snapshot")) reloads();
    return false;
  });
  release(files, "sample");
  reloads = () => {
    writeFileSync(join(folder, "se/opened.keys"), "no key\n");
    assert.equal(gateway.reloadIfChanged(), true);
  };
  assert.equal(await outcome(gateway), "updated");
  const { coalitions, warnings } = gateway.status();
  assert.equal(coalitions[0].lists[0].sequence, 2);
  assert.match(warnings.join(), /opened\.keys/);
});

test("a coalition that another process refreshes is busy, and the others go on", async (t) => {
  const { gateway, folder } = await refreshed(t);
  const child = spawn("flock", ["-x", join(folder, "se/lock"), "sh", "-c", "echo; exec cat"]);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  assert.match(await outcome(gateway), /^failed: .*another process/);
  await new Promise((resolve) => child.on("close", resolve).stdin.end());
  assert.equal(await outcome(gateway), "unchanged");
});

test("closing ends a refresh, and so does its signal", async (t) => {
  const { gateway, repository: files } = await refreshed(t, ({ url }) => url.includes("2.snapshot"));
  release(files, "sample");
  const stop = new AbortController();
  const stopped = gateway.refresh({ signal: stop.signal });
  setTimeout(() => stop.abort(), 100);
  await assert.rejects(stopped, { name: "AbortError" });
  const running = gateway.refresh();
  setTimeout(() => gateway.close(), 100);
  await assert.rejects(running, { kind: "closed" });
});

test("refreshing goes on by itself, and failures are told", async (t) => {
  const { gateway, repository: files } = await refreshed(t);
  const until = async (isSo) => {
    for (const end = performance.now() + 5000; !isSo() && performance.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(isSo());
  };
  release(files, "sample");
  gateway.startRefreshing({ intervalMs: 10, jitterMs: 10 });
  await until(() => gateway.status().coalitions[0].lists[0].sequence === 2);
  rmSync(files, { recursive: true });
  await until(() => gateway.status().refreshed.se.outcome === "failed");
  gateway.stopRefreshing();
  assert.equal(await kindOf(() => gateway.startRefreshing({ intervalMs: -1 })), "invalid");
});

test("a copy is asked for first, unpacked no further than it may be, and else passed over", async (t) => {
  for (const [about, pack] of [
    ["good", gzipSync],
    ["cut", (bytes) => gzipSync(bytes).subarray(0, 100)],
    ["no copy", () => Buffer.from("no gzip")],
    ["a bomb", () => gzipSync(Buffer.alloc(1 << 26))],
    ["another file", () => gzipSync(Buffer.from("other"))],
  ]) {
    const folder = repository(t, "sample-1");
    const targets = join(folder, "targets/se");
    for (const name of readdirSync(targets))
      writeFileSync(join(targets, `${name}.gz`), pack(readFileSync(join(targets, name))));
    const server = await serve(t, folder);
    for (const location of [server.url, folder]) {
      const { gateway } = await open(t, location);
      const told = await outcome(gateway);
      // A copy that unpacks to another file is what the repository says the file is.
      if (about === "another file") assert.match(told, /^failed/);
      else assert.equal(told, "updated", `${about} ${location}`);
    }
    const plain = server.paths().filter((path) => path.startsWith("targets/") && !path.endsWith(".gz"));
    assert.equal(plain.length === 0, ["good", "another file"].includes(about), about);
  }
});

test("a file that is too long is not read to its end", async (t) => {
  let sent = 0;
  const endless = ({ url }, response) => {
    if (!url.includes("timestamp")) return false;
    const chunk = Buffer.alloc(1 << 16, 32);
    const more = () => {
      while (!response.destroyed && sent < 1 << 28) {
        sent += chunk.length;
        if (!response.write(chunk)) return response.once("drain", more);
      }
      return true;
    };
    return more(response.writeHead(200)) || true;
  };
  const server = await serve(t, repository(t, "sample-1"), endless);
  const { gateway } = await open(t, server.url);
  assert.match(await outcome(gateway), /larger than it can be/);
  assert.ok(sent < 1 << 24, `${sent} bytes`);
});

test("redirects stay on the server and are few", async (t) => {
  const elsewhere = await serve(t, repository(t, "sample-1"));
  const target = { to: "" };
  let hops = 0;
  const server = await serve(t, repository(t, "sample-1"), ({ url }, response) => {
    if (url === "/moved")
      return response.end(readFileSync(join(FIXTURES, "repositories/sample-1/metadata/timestamp.json")));
    if (hops === 0 || !url.includes("timestamp")) return false;
    hops -= 1;
    return response.writeHead(302, { location: target.to.replace("#", String(hops)) }).end();
  });
  for (const [to, count, told] of [
    ["/moved", 1, /^updated$/],
    [`http://127.0.0.1:${server.port}/moved`, 1, /^updated$/],
    ["/lists/metadata/timestamp.json?#", 3, /^updated$/],
    ["/lists/metadata/timestamp.json?#", 4, /too many redirects/],
    [`http://127.0.0.1:${elsewhere.port}/lists/metadata/timestamp.json`, 1, /redirected elsewhere/],
    [`//127.0.0.1:${elsewhere.port}/x`, 1, /redirected elsewhere/],
    [`/\\127.0.0.1:${elsewhere.port}/x`, 1, /redirected elsewhere/],
    [`https://127.0.0.1:${server.port}/moved`, 1, /redirected elsewhere/],
    ["file:///etc/passwd", 1, /redirected elsewhere/],
    ["http://[", 1, /redirected elsewhere/],
  ]) {
    hops = count;
    target.to = to;
    const { gateway } = await open(t, server.url);
    assert.match(await outcome(gateway), told, to);
  }
  assert.deepEqual(elsewhere.paths(), []);
});

test("a server that is slow, silent or speaks another language fails in time", async (t) => {
  const patience = { connect: 300, response: 300, file: 600, refresh: 5000 };
  for (const [answer, told] of [
    [() => true, /too slow/],
    [(_, response) => response.writeHead(200).write("{"), /too slow/],
    [
      (_, response) =>
        response.writeHead(200, { "content-length": 9 }) &&
        response.write("{") &&
        setTimeout(() => response.destroy(), 50),
      /ended early/,
    ],
    [({ socket }) => socket.end("nonsense\r\n\r\n"), /not understood/],
    [({ socket }) => socket.destroy(), /ended early/],
    [(_, response) => response.writeHead(403).end(), /403; for a file it does not have/],
    [(_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("{}")), /^failed/],
  ]) {
    const server = await serve(t, "/nowhere", (...given) => answer(...given) || true);
    const { gateway } = await open(t, server.url, { patience });
    const start = performance.now();
    assert.match(await outcome(gateway), told);
    assert.ok(performance.now() - start < 4000);
  }
  const { gateway } = await open(t, "http://127.0.0.1:1/lists");
  assert.match(await outcome(gateway), /refused/);
});

test("all files of a refresh have one time limit", async (t) => {
  const server = await serve(t, repository(t, "sample-1"), ({ url }) => url.includes("timestamp"));
  const { gateway } = await open(t, server.url, { patience: { ...PATIENCE, refresh: 200 } });
  assert.match(await outcome(gateway), /longer than a refresh may/);
});

test("a repository on this machine or in a private network must be allowed", async (t) => {
  const server = await serve(t, repository(t, "sample-1"));
  for (const url of [
    server.url,
    `http://localhost:${server.port}`,
    "http://[::1]:1",
    "http://10.0.0.1",
    "http://2130706433",
    "http://a.localhost",
  ]) {
    const { gateway } = await open(t, url, { allowPrivate: [] });
    assert.match(await outcome(gateway), /private network/, url);
  }
  assert.deepEqual(server.paths(), []);
});

test("a name that resolves to this machine is not connected to", async (t) => {
  const server = await serve(t, repository(t, "sample-1"));
  const { lookup } = dns;
  const resolveTo = (resolver) => {
    dns.lookup = resolver;
    syncBuiltinESMExports();
  };
  t.after(() => resolveTo(lookup));
  resolveTo((host, options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]));
  const { gateway } = await open(t, `http://lists.example:${server.port}/lists`, { allowPrivate: ["nl"] });
  assert.match(await outcome(gateway), /private network/);
  assert.deepEqual(server.paths(), []);
});

test("name and password reach the server and no message", async (t) => {
  let isShut = false;
  const server = await serve(
    t,
    repository(t, "sample-1"),
    (_, response) => isShut && response.writeHead(401).end(),
  );
  const { gateway } = await open(t, server.url.replace("//", "//bank:p%40ss-word@"));
  assert.equal(await outcome(gateway), "updated");
  const [{ headers }] = server.asked;
  assert.equal(Buffer.from(headers.authorization.split(" ")[1], "base64").toString(), "bank:p@ss-word");
  assert.match(headers["user-agent"], /^interdict-node\/\d/);
  assert.deepEqual([headers.cookie, headers["accept-encoding"]], [undefined, "identity"]);
  isShut = true;
  const told = [await outcome(gateway), JSON.stringify(gateway.status())].join();
  assert.ok(/401/.test(told) && !/ss-word|p%40/.test(told), told);
  const refused = await open(t, "ftp://bank:p%40ss-word@lists.example");
  const why = await outcome(refused.gateway);
  assert.ok(/https:/.test(why) && !/ss-word/.test(why), why);
});

test("a folder is a repository, and nothing outside it", async (t) => {
  const folder = repository(t, "sample-1");
  for (const location of [folder, `file:${folder}`, `file://${folder}`, `file://localhost${folder}`]) {
    const { gateway } = await open(t, location);
    assert.equal(await outcome(gateway), "updated", location);
  }
  const { gateway, folder: state } = await open(t, "lists");
  assert.match(await outcome(gateway), /repository's folder: ENOENT/);
  cpSync(folder, join(dirname(state), "lists"), { recursive: true });
  assert.equal(await outcome(gateway), "updated", "relative paths start beside the state directory");
  for (const name of readdirSync(join(folder, "targets/se"))) {
    rmSync(join(folder, "targets/se", name));
    symlinkSync(join(FIXTURES, "repositories/sample-1/targets/se", name), join(folder, "targets/se", name));
  }
  const outside = await open(t, folder);
  assert.match(await outcome(outside.gateway), /not a file within the repository/);
  mkdirSync(join(folder, "metadata/2.root.json"));
  assert.match(await outcome(outside.gateway), /not a regular one/);
});

test("a certificate that nobody vouches for is not accepted, whatever the environment says", async (t) => {
  const folder = room(t);
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const options = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert} -subj /CN=localhost`;
  if (spawnSync("openssl", options.split(" ")).status !== 0) return t.skip("there is no command openssl");
  const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, () =>
    assert.fail("it was asked"),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  t.after(() =>
    before === undefined
      ? delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      : (process.env.NODE_TLS_REJECT_UNAUTHORIZED = before),
  );
  const { gateway } = await open(t, `https://localhost:${server.address().port}/lists`);
  assert.match(await outcome(gateway), /certificate was not accepted/);
});
