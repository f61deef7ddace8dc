// How often a public list hits a name by chance (docs/format.md, "What stays the same in the public edition").

/** A name is looked up as itself and as its shortest parents of two labels or more, at most five. */
const PARENTS = 5;

/** Names that one question about a host looks up. An IP address has no parents. */
export function namesOf(host) {
  if (/^[\d.]+$|:/.test(host)) return 1;
  const labels = host.replace(/\.$/, "").split(".").length;
  return 1 + Math.min(PARENTS, Math.max(0, labels - 2));
}

/** The chance that at least one of so many names is hit, in lists with these rates: a rate of 6 is 2^-6. */
export function chanceOf(rates, names) {
  return 1 - rates.reduce((missed, rate) => missed * (1 - 2 ** -rate) ** names, 1);
}

/**
 * What the verified metadata say of the public editions in use.
 *
 * @param {Map<string, Uint8Array>} files By their names in the storage.
 * @param {object[]} lists As `state` gives them.
 * @returns {{ rate: number, epochStart: number }[]} One for each list; empty if one is not found.
 */
export function publicDescriptors(files, lists) {
  const found = [...files].filter(([name]) => name.endsWith(".json")).flatMap(([, bytes]) => descriptorsIn(bytes));
  const used = lists
    .filter(({ edition }) => edition === "public")
    .map(({ list, epoch, sequence }) =>
      found.find((one) => one.list === list && one.epoch === epoch && one.sequence === sequence),
    );
  if (used.includes(undefined)) return [];
  return used.map(({ rate, epoch_start: start }) => ({ rate, epochStart: Date.parse(start) / 1000 }));
}

function descriptorsIn(bytes) {
  try {
    const { targets = {} } = JSON.parse(new TextDecoder().decode(bytes)).signed;
    return Object.values(targets)
      .map(({ custom }) => custom?.interdict)
      .filter((one) => one?.edition === "public");
  } catch {
    return [];
  }
}
