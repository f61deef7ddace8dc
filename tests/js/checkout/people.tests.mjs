// What people see, with pictures of it.

import assert from "node:assert/strict";
import { dress, findings, picture, SCHEMES, SCREENS } from "./look.mjs";
import { CLEAN, options, payTo, PUBLIC, visitor } from "./setting.mjs";

for (const screen of Object.keys(SCREENS)) {
  for (const scheme of SCHEMES) {
    visitor(`axe finds nothing on a ${screen}, ${scheme}`, async (visit) => {
      const tab = await visit.open({ prepare: (page) => dress(page, screen, scheme) });
      const take = async (name, shape) => {
        if (options.pictures) await picture(tab.page, options.pictures, `${screen}-${scheme}-${name}`, shape);
      };
      await payTo(tab, CLEAN);
      assert.deepEqual(await findings(tab.page), [], "paid");
      await payTo(tab, PUBLIC);
      assert.deepEqual(await findings(tab.page), [], "refused");
      await take("payer", { isWhole: screen === "phone" });
      await tab.openDrawer();
      assert.deepEqual(await findings(tab.page), [], "the drawer");
      await take("analyst");
      await tab.page.keyboard.press("Escape");
      assert.equal(await tab.page.evaluate(() => document.activeElement.id), "analyst-button");
      for (const language of ["sv", "nl", "en"]) {
        await tab.speak(language);
        await payTo(tab, PUBLIC);
        const width = await tab.page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= SCREENS[screen].width, `in ${language} the page is ${width} wide`);
      }
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
