// Looks at the page with axe, and takes pictures.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const SCREENS = Object.freeze({
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844, isMobile: true, hasTouch: true },
});
export const SCHEMES = ["light", "dark"];

/** Makes a tab look as on that screen. */
export function dress(page, screen, scheme) {
  return Promise.all([
    page.setViewport({ ...SCREENS[screen], deviceScaleFactor: 1 }),
    page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]),
  ]);
}

/** What axe finds: a rule with its places for each. What it cannot decide counts too. */
export async function findings(page) {
  await page.evaluate(axe);
  const { violations, incomplete } = await page.evaluate(
    (values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } }),
    RULES,
  );
  return [...violations, ...incomplete].map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ target, any }) => `${target.join(" ")} ${any[0]?.message ?? ""}`).join("; ")}`,
  );
}

export async function picture(page, folder, name, { isWhole = false } = {}) {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: isWhole });
}
