import { assertFolderScreens } from "../tools/check.mjs";

export const setups = {
  // Rollup leaves `new URL(…, import.meta.url)` as it is and copies no file.
  async rollup({ project, chromium }) {
    await project.run("rollup", "--config", "rollup.config.js");
    await assertFolderScreens(chromium, project.folder, 0);
  },
  // Asks for the conditions that Vite asks for. Not shown: plug-ins for files.
  async "rollup-browser"({ project, chromium }) {
    await project.run("rollup", "--config", "browser.config.js");
    await assertFolderScreens(chromium, project.folder, 0);
  },
};
