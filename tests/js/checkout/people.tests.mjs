// What people see, with pictures of it.

import assert from "node:assert/strict";
import { dress, findings, picture, SCHEMES, SCREENS } from "./look.mjs";
import { CLEAN, options, payTo, PUBLIC, visitor } from "./setting.mjs";

for (const screen of Object.keys(SCREENS)) {
  for (const scheme of SCHEMES) {
    visitor(`axe finds nothing on a ${screen}, ${scheme}`, async (visit) => {
      const tab = await visit.open({ prepare: (page) => dress(page, screen, scheme) });
      const look = async (name, isWhole) => {
        assert.deepEqual(await findings(tab.page), [], name);
        if (options.pictures)
          await picture(tab.page, options.pictures, `${screen}-${scheme}-${name}`, { isWhole });
      };
      await payTo(tab, CLEAN);
      await look("continue", screen === "phone");
      await payTo(tab, PUBLIC);
      await look("refused", screen === "phone");
      await tab.openDrawer();
      await look("analyst", false);
      await tab.page.keyboard.press("Escape");
      assert.equal(await tab.page.evaluate(() => document.activeElement.id), "analyst-button");
      const width = await tab.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= SCREENS[screen].width, `the page is ${width} wide`);
    });
  }
}

visitor("the page can be paid with the keyboard alone", async (visit) => {
  const tab = await visit.open();
  const focused = () => tab.page.evaluate(() => document.activeElement.id);
  for (let count = 0; count < 12 && (await focused()) !== "payee"; count += 1)
    await tab.page.keyboard.press("Tab");
  assert.equal(await focused(), "payee");
  await tab.page.keyboard.press("Tab");
  assert.equal(await focused(), "pay");
  await tab.page.keyboard.press("Enter");
  await tab.page.waitForFunction(() => document.getElementById("told").dataset.state === "continue");
  assert.equal(await focused(), "pay");
});
