// Numbers and tables as docs/benchmarks.md writes them.

/** The middle of values. */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of a member of rounds. */
export function medianOf(rounds, value) {
  return median(rounds.map(value));
}

/** A whole number with its thousands apart. */
export function whole(number) {
  return Math.round(number).toLocaleString("en-US");
}

/** A table whose first column holds words, and the others numbers. */
export function table(heads, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [
    line(heads),
    line(heads.map((_, column) => (column === 0 ? "---" : "---:"))),
    ...rows.map(line),
  ].join("\n");
}
