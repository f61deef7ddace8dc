import { InterdictError, Screener } from "@interdict/checkout";
import { Screener as Inline } from "@interdict/checkout/inline";
import texts from "@interdict/checkout/texts/sv";
import { ask } from "./ask.js";

const isError = new InterdictError("closed", "it is closed") instanceof Error;
console.log(JSON.stringify({ full: await ask(Screener), inline: await ask(Inline), language: texts.language, isError }));
