const { InterdictError, Screener } = require("@interdict/checkout");
const { Screener: Inline } = require("@interdict/checkout/inline");
const texts = require("@interdict/checkout/texts/sv");

async function run() {
  const { ask } = await import("./ask.js");
  const isError = new InterdictError("closed", "it is closed") instanceof Error;
  console.log(JSON.stringify({ full: await ask(Screener), inline: await ask(Inline), language: texts.language, isError }));
}

run();
