// Tests one after the other, a line for each, and a closing line that `cargo xtask test` counts.

const tests = [];

/** Adds a test; what it throws is its failure. All are added in one go, then run. */
export function test(name, run) {
  if (tests.push({ name, run }) === 1) setImmediate(runAll);
}

async function runAll() {
  let failed = 0;
  for (const { name, run } of tests) {
    try {
      await run();
      console.log(`ok - ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`not ok - ${name}\n${error?.stack ?? error}`);
    }
  }
  console.log(`${tests.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
