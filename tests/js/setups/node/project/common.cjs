const { InterdictError, Screener } = require("@interdict/checkout");
const { Screener: Inline } = require("@interdict/checkout/inline");
const texts = require("@interdict/checkout/texts/sv");
const trial = require("@interdict/checkout/trial");

async function run() {
  const { ask } = await import("./ask.js");
  const isError = new InterdictError("closed", "it is closed") instanceof Error;
  console.log(
    JSON.stringify({
      full: await ask(Screener),
      inline: await ask(Inline, trial),
      language: texts.language,
      isError,
    }),
  );
}

run();
