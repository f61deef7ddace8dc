// A test runner that imitates a page with little of it.
for (const name of ["TextDecoder", "TextEncoder", "DecompressionStream", "Blob", "Response", "fetch"])
  delete globalThis[name];

const { Screener } = require("@interdict/checkout");
const { Screener: Inline } = require("@interdict/checkout/inline");
const trial = require("@interdict/checkout/trial");

async function run() {
  const { ask } = await import("./ask.js");
  console.log(JSON.stringify([await ask(Screener, trial), await ask(Inline, trial)]));
}

run();
