import assert from "node:assert/strict";
import { test } from "node:test";

import { isPrivateHost, lookUpPublic } from "../src/addresses.js";
import { isBelowBase, isFileName } from "../src/location.js";

test("every address of this machine and its networks is private", () => {
  const hosts = `localhost LOCALHOST. a.localhost 127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1
    169.254.169.254 100.64.0.1 198.18.0.1 192.0.0.8 224.0.0.1 255.255.255.255 [::1] [::] [fe80::1] [fec0::1] [fc00::1]
    [fd12::1] [ff02::1] [::ffff:127.0.0.1] [::ffff:10.0.0.1] [::10.0.0.1] [64:ff9b::a00:1] [64:ff9b:1::1] [2002:a00:1::1]`;
  for (const host of hosts.split(/\s+/)) assert.equal(isPrivateHost(host), true, host);
  const open = `lists.example localhost.example 1.1.1.1 172.32.0.1 100.128.0.1 198.20.0.1 [2606:4700:4700::1111]
    [::ffff:1.1.1.1] [64:ff9b::101:101] [2002:101:101::1]`;
  for (const host of open.split(/\s+/)) assert.equal(isPrivateHost(host), false, host);
});

test("a name is connected to its public addresses alone", () => {
  const resolved =
    (...addresses) =>
    (host, options, done) => {
      assert.deepEqual([host, options.all], ["lists.example", true]);
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    };
  const looked = (options, resolve) => {
    let told;
    lookUpPublic("lists.example", options, (...given) => (told = given), resolve);
    return told;
  };
  const all = looked({ all: true }, resolved("10.0.0.1", "1.1.1.1", "fe80::1%eth0", "2606:4700::1"));
  assert.deepEqual(
    all[1].map(({ address }) => address),
    ["1.1.1.1", "2606:4700::1"],
  );
  assert.deepEqual(looked({}, resolved("127.0.0.1", "1.1.1.1")), [null, "1.1.1.1", 4]);
  assert.equal(looked({}, resolved("127.0.0.1", "::1"))[0].code, "EPRIVATE");
  const error = new Error("none");
  assert.deepEqual(
    looked({}, (host, options, done) => done(error)),
    [error],
  );
});

test("paths that climb are never asked for", () => {
  for (const path of [
    "metadata/2.root.json",
    "targets/se/0a.merchants.member-1.filter",
    "metadata/7...%2Fa~b%20%C3%A5.json",
  ]) {
    assert.equal(isBelowBase(path), true, path);
  }
  const bad = [
    "",
    "/etc/passwd",
    "../x",
    "a/../b",
    "a//b",
    "a/%2e%2e/b",
    "a/%2E%2E%2Fb",
    "a%2f",
    "a%2",
    "a%+2",
    "a%",
    "a b",
    "a?b",
    "a\\b",
    "a/.b",
    "a/",
    "a#b",
    "\u00e5",
    "a".repeat(1001),
  ];
  for (const path of bad) assert.equal(isBelowBase(path), false, path);
});

test("names of saved files stay in their folder", () => {
  for (const name of ["timestamp.json", "se%2fmerchants.member-1.filter", "a_b", "a".repeat(200)])
    assert.equal(isFileName(name), true, name);
  for (const name of [
    "",
    ".a",
    "a..b",
    "a/b",
    "A",
    "a b",
    "\u00e5",
    "a\n",
    "a".repeat(201),
    undefined,
    ["a"],
  ]) {
    assert.equal(isFileName(name), false, String(name));
  }
});
