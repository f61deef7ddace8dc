// What was sent, by all of the visits before: this comes last.

import assert from "node:assert/strict";
import { test } from "../test.mjs";
import { Finder, spellings, tokenSpellings, whole } from "./leaks.mjs";
import { browser, demo, keys, names, options, requests } from "./setting.mjs";

test("a search for a name in requests finds it however it is written", () => {
  const [host] = names.public;
  const finder = new Finder(spellings(host));
  const base64 = (before) => Buffer.from(`${before}${host} and more`).toString("base64");
  const written = [
    host.toUpperCase(),
    encodeURIComponent(`https://${host}/`),
    base64(""),
    base64("a"),
    base64("ab"),
  ];
  written.push(
    Buffer.from(`x${host}`).toString("hex"),
    [...host].map((one) => `%${one.charCodeAt(0).toString(16)}`).join(""),
  );
  for (const text of written)
    assert.ok(finder.in(whole({ method: "GET", url: `/a?b=${text}`, headers: {}, body: "" })), text);
  const tags = tokenSpellings([host], keys);
  assert.ok(tags.length > 12);
  for (const text of tags) assert.ok(new Finder(tags).in(`GET /${text}`), text);
  assert.equal(finder.in('GET /orders {"payee":"3"}'), undefined);
});

test("no request holds the name of a shop or its tag, in any spelling", async () => {
  const hosts = Object.values(names).flat();
  const finder = new Finder([...hosts.flatMap(spellings), ...tokenSpellings(hosts, keys)]);
  const { addresses, text } = await browser.end();
  await demo.close();
  if (options.only === "") assert.ok(requests.length > 500 && requests.some(({ to }) => to === "gateway"));
  for (const request of requests) assert.equal(finder.in(whole(request)), undefined, request.url);
  for (const { to, headers } of requests) if (to === "gateway") assert.equal(headers.cookie, undefined);
  for (const { url, headers } of requests)
    if (url.startsWith("/lists/")) assert.equal(headers.cookie, undefined);
  if (options.only === "")
    assert.ok(
      addresses.some((url) => url.startsWith(demo.market)),
      "the browser's log was read",
    );
  const origins = new Set(addresses.map((url) => new URL(url).origin));
  assert.deepEqual(
    [...origins].filter((origin) => ![demo.market, demo.gateway].includes(origin)),
    [],
  );
  assert.equal(finder.in(text), undefined);
});
