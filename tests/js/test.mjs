// Runs tests one after the other and prints a line for each, then a total that `cargo xtask test` reads.

const tests = [];

/** Adds a test, which fails if it throws. All tests are added first, then run. */
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
