// What the payer reads, except for the notices: those are the package's own.

export const WORDS = {
  en: {
    skip: "To the payment",
    language: "Language",
    title: "Payment",
    cart: "Your cart",
    summary: "Order",
    payee: "Shop that is paid",
    goods: "Goods",
    delivery: "Delivery",
    total: "Total",
    free: "free",
    each: "each",
    pay: "Continue to the payment provider",
    no_card: "No card data is asked for here. You pay at the payment provider.",
    checking: "One moment, please.",
    continue: "You would be at the payment provider now. This is a demo: nothing was paid.",
    refused: "This payment cannot be made.",
    unanswered: "This payment cannot be made right now. Please try again later.",
    unreachable: "The market cannot be reached. Nothing was paid. Please try again.",
    mug: "Stoneware mug",
    scarf: "Lambswool scarf",
    seeds: "Wildflower seeds",
  },
  sv: {
    skip: "Till betalningen",
    language: "Språk",
    title: "Betalning",
    cart: "Din varukorg",
    summary: "Beställning",
    payee: "Butik som får betalt",
    goods: "Varor",
    delivery: "Leverans",
    total: "Att betala",
    free: "gratis",
    each: "styck",
    pay: "Fortsätt till betaltjänsten",
    no_card: "Inga kortuppgifter efterfrågas här. Du betalar hos betaltjänsten.",
    checking: "Ett ögonblick.",
    continue: "Nu skulle du vara hos betaltjänsten. Det här är en demo: inget har betalats.",
    refused: "Betalningen kan inte göras.",
    unanswered: "Betalningen kan inte göras just nu. Försök igen senare.",
    unreachable: "Marknaden går inte att nå. Inget har betalats. Försök igen.",
    mug: "Mugg i stengods",
    scarf: "Halsduk i lammull",
    seeds: "Ängsblommor, frön",
  },
  nl: {
    skip: "Naar de betaling",
    language: "Taal",
    title: "Betaling",
    cart: "Je winkelwagen",
    summary: "Bestelling",
    payee: "Winkel die betaald wordt",
    goods: "Artikelen",
    delivery: "Bezorging",
    total: "Totaal",
    free: "gratis",
    each: "per stuk",
    pay: "Verder naar de betaaldienst",
    no_card: "Hier wordt niet om kaartgegevens gevraagd. Je betaalt bij de betaaldienst.",
    checking: "Een ogenblik.",
    continue: "Nu zou je bij de betaaldienst zijn. Dit is een demo: er is niets betaald.",
    refused: "Deze betaling kan niet worden gedaan.",
    unanswered: "Deze betaling kan nu niet worden gedaan. Probeer het later opnieuw.",
    unreachable: "De markt is niet bereikbaar. Er is niets betaald. Probeer het opnieuw.",
    mug: "Mok van steengoed",
    scarf: "Sjaal van lamswol",
    seeds: "Wilde bloemen, zaden",
  },
};

const CURRENCY = { style: "currency", currency: "EUR" };

/** Cents as a price. */
export function price(cents, language) {
  return new Intl.NumberFormat(language, CURRENCY).format(cents / 100);
}

/** The language that the browser asks for, if the page has it. */
export function preferred(languages) {
  return languages.map((tag) => tag.slice(0, 2)).find((language) => Object.hasOwn(WORDS, language)) ?? "en";
}
