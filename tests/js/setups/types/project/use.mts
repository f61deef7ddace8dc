import { InterdictError, Screener, type Decision, type OpenOptions, type Verdict } from "@interdict/checkout";
import core from "@interdict/checkout/core.wasm";
import { Screener as Full } from "@interdict/checkout/full";
import { Screener as Inline } from "@interdict/checkout/inline";
import english from "@interdict/checkout/texts/en";
import dutch from "@interdict/checkout/texts/nl";
import swedish from "@interdict/checkout/texts/sv";
import trial from "@interdict/checkout/trial";
import "@interdict/checkout/worker";

const options: OpenOptions = {
  enrolment: "/enrolment.json",
  module: core,
  texts: swedish,
  policy: { freshMiss: "proceed" },
};

export async function decide(url: string): Promise<Decision> {
  const screener: Screener = await Screener.open(options);
  try {
    const verdict: Verdict = screener.screen({ url });
    return verdict.decision;
  } catch (error) {
    if (error instanceof InterdictError && error.code === "closed") return "refuse";
    throw error;
  } finally {
    await screener.close();
  }
}

export const all = [Screener, Full, Inline].map((one) => one.try({ trial, texts: dutch, state: "stale" }));
export const languages: string[] = [english, dutch].map(({ language }) => language);

// What must not pass: a question without an address, a misspelt member, a word that is no decision, `new`.
export async function mistakes(screener: Screener): Promise<string> {
  // @ts-expect-error
  screener.screen({ flow: "checkout" });
  // @ts-expect-error
  screener.screen({ url: "https://ask.test", fow: "checkout" });
  screener.screen({ identifiers: [{ kind: "iban", value: "GB33BUKB20201555555555" }] });
  // @ts-expect-error
  const decision: "allow" = screener.screen({ url: "https://ask.test" }).decision;
  // @ts-expect-error
  new Screener();
  return decision;
}
