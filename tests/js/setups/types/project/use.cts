import checkout = require("@interdict/checkout");
import full = require("@interdict/checkout/full");
import inline = require("@interdict/checkout/inline");
import swedish = require("@interdict/checkout/texts/sv");
import trial = require("@interdict/checkout/trial");

export async function decide(url: string): Promise<checkout.Decision> {
  const screener = await checkout.Screener.open({
    enrolment: new URL("https://coalition.example/"),
    texts: swedish,
  });
  return screener.screen({ url }).decision;
}

export const all = [checkout.Screener, full.Screener, inline.Screener].map((one) => one.try({ trial }));
// @ts-expect-error A text in a language is no default export of this.
export const wrong: number = swedish.language;
