import { byId, element } from "./dom.js";
import { price, WORDS } from "./words.js";

const KEPT = "language";

/** The payer's part of the page. What it says of a payment has no cause in it. */
export class Payer {
  language;
  #offered;
  #said;

  /** @param {{ language: string, pay: () => void, choose: () => void, speak: () => void }} parts */
  constructor({ language, pay, choose, speak }) {
    const select = byId("language");
    this.#speak(kept() ?? language);
    select.addEventListener("change", () => {
      this.#speak(select.value);
      keep(select.value);
      speak();
    });
    byId("payee").addEventListener("change", () => {
      this.#showHost();
      choose();
    });
    byId("payment").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!byId("pay").hasAttribute("aria-disabled")) pay();
    });
  }

  /** The shop that is chosen. */
  get shop() {
    return this.#offered.shops.find(({ id }) => id === byId("payee").value);
  }

  offer(offered) {
    this.#offered = offered;
    byId("payee").replaceChildren(
      ...offered.shops.map(({ id, shop }) => element("option", { value: id }, shop)),
    );
    this.#showGoods();
    this.#showHost();
  }

  enable() {
    byId("pay").removeAttribute("aria-disabled");
  }

  /** The button keeps the focus, which `disabled` would take from it. */
  disable() {
    byId("pay").setAttribute("aria-disabled", "true");
  }

  /**
   * What comes of a payment: a word of the page, `{ waiting }` or `{ refused }` with a notice, or nothing.
   *
   * @param {string | { waiting?: string } | { refused?: string } | undefined} said
   */
  tell(said) {
    this.#said = said;
    const words = WORDS[this.language];
    const told = byId("told");
    const [state, text] = wording(said, words);
    told.dataset.state = state;
    told.textContent = text;
  }

  #speak(language) {
    this.language = language;
    byId("language").value = language;
    document.documentElement.lang = language;
    const words = WORDS[language];
    for (const place of document.querySelectorAll("[data-word]"))
      place.textContent = words[place.dataset.word];
    document.title = `${words.title} – Harbour Market`;
    if (this.#offered) this.#showGoods();
    this.tell(this.#said);
  }

  #showGoods() {
    const words = WORDS[this.language];
    const money = (cents) => price(cents, this.language);
    const { goods } = this.#offered;
    byId("cart").replaceChildren(
      ...goods.map((one) =>
        element(
          "li",
          {},
          element("img", { src: one.picture, width: "72", height: "72", alt: "" }),
          element(
            "div",
            { class: "what" },
            element("span", { class: "name" }, words[one.id]),
            element("span", { class: "soft" }, `${one.count} × ${money(one.price)}`),
          ),
          element("span", { class: "sum" }, money(one.count * one.price)),
        ),
      ),
    );
    const total = money(goods.reduce((sum, one) => sum + one.count * one.price, 0));
    byId("goods-sum").textContent = total;
    byId("delivery-sum").textContent = words.free;
    byId("total-sum").textContent = total;
  }

  #showHost() {
    byId("payee-host").textContent = new URL(this.shop.url).host;
  }
}

function wording(said, words) {
  if (said === undefined) return ["none", ""];
  if (typeof said === "string") return [said, words[said] ?? words.unanswered];
  if ("refused" in said) return ["refused", said.refused || words.refused];
  return ["waiting", said.waiting || words.checking];
}

/** Storage may be forbidden: then the browser's language is asked again. */
function kept() {
  try {
    const language = localStorage.getItem(KEPT);
    return Object.hasOwn(WORDS, language) ? language : undefined;
  } catch {
    return undefined;
  }
}

function keep(language) {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // It is asked again at the next visit.
  }
}
