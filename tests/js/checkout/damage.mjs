// Run in the page: what a broken disk, another script or a person might do to what the package keeps.

/** Overwrites every row of every database. `how` is a way of `WAYS`. Returns how many rows there were. */
export async function damageRows(how) {
  const garbage = (value) => {
    if (how === "number") return 7;
    if (how === "empty") return {};
    const changed = structuredClone(value);
    const bytesOf = (of) =>
      of instanceof Uint8Array ? [of] : of instanceof Map ? [...of.values()].flatMap(bytesOf) : [];
    for (const member of Object.keys(changed)) {
      if (how === "history" && typeof changed[member] === "string" && member === "history")
        changed[member] = changed[member].replace(/\d/g, "9");
      if (how === "bits") for (const bytes of bytesOf(changed[member])) bytes[bytes.length >> 1] ^= 1;
      if (how === "cut" && changed[member] instanceof Map)
        for (const [name, bytes] of changed[member])
          changed[member].set(name, bytes.slice(0, bytes.length >> 1));
    }
    return changed;
  };
  const promised = (request) =>
    new Promise((done, failed) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
  let count = 0;
  for (const { name } of await indexedDB.databases()) {
    const database = await promised(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = database.transaction(store, "readwrite").objectStore(store);
      const [keys, values] = await Promise.all([promised(rows.getAllKeys()), promised(rows.getAll())]);
      await Promise.all(keys.map((key, place) => promised(rows.put(garbage(values[place]), key))));
      count += keys.length;
    }
    database.close();
  }
  return count;
}

export const WAYS = ["number", "empty", "bits", "cut", "history"];
