// The market's own server. No request says whom the payer pays: an order has the number that the market gave the shop.

/** Goods, shops and the page's policy. */
export function offered() {
  return asked("/market.json");
}

/** The coalition's public enrolment. */
export function enrolment() {
  return asked("/enrolment.json");
}

/** Opens an order for a shop, with the session in which the page may ask the gateway. */
export function order(payee, language) {
  return asked("/orders", { payee, language });
}

/** Pays, if the market's server is told by its gateway that it may. */
export function payFor(order) {
  return asked(`/orders/${order}/payment`, {});
}

/** The demo's switchboard. */
export function switches(turned) {
  return asked("/switches", turned);
}

export function sent() {
  return asked("/sent");
}

async function asked(path, message) {
  const post = {
    method: "POST",
    body: JSON.stringify(message),
    headers: { "content-type": "application/json" },
  };
  const response = await fetch(path, message === undefined ? {} : post);
  const isJson = /^application\/json\b/.test(response.headers.get("content-type") ?? "");
  if (!response.ok || !isJson) throw new Error(`the market answered ${response.status}`);
  return response.json();
}
