/** An element with attributes and children; texts stay texts. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(attribute, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Terms and what is said of them; those without a value are left out. */
export function facts(entries) {
  return Object.entries(entries)
    .filter(([, value]) => value !== undefined)
    .map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value)));
}

export function table(caption, heads, rows) {
  const cells = (name, values) =>
    values.map((value) => element(name, name === "th" ? { scope: "col" } : {}, value));
  return element(
    "table",
    {},
    element("caption", { class: "unseen" }, caption),
    element("thead", {}, element("tr", {}, ...cells("th", heads))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells("td", row)))),
  );
}
