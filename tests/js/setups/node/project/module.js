import { InterdictError, Screener } from "@interdict/checkout";
import { Screener as Inline } from "@interdict/checkout/inline";
import texts from "@interdict/checkout/texts/sv";
import trial from "@interdict/checkout/trial";
import { ask } from "./ask.js";

const isError = new InterdictError("closed", "it is closed") instanceof Error;
console.log(
  JSON.stringify({
    full: await ask(Screener),
    inline: await ask(Inline, trial),
    language: texts.language,
    isError,
  }),
);
