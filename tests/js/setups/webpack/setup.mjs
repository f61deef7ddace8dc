import { assertFolderScreens } from "../tools/check.mjs";

async function built(project, mode, entry) {
  await project.run(
    "webpack",
    "--mode",
    mode,
    "--entry",
    `./${entry}`,
    "--output-path",
    "built",
    "--output-filename",
    "page.js",
  );
}

export const setups = {
  // Not shown: `experiments.asyncWebAssembly`, `publicPath`, webpack's own development server.
  async "webpack-production"({ project, chromium }) {
    await built(project, "production", "page.js");
    await assertFolderScreens(chromium, project.folder, 1);
  },
  async "webpack-worker"({ project, chromium }) {
    await built(project, "production", "starter.js");
    await assertFolderScreens(chromium, project.folder, 1);
  },
  // `require` in a page, and no minifier.
  async "webpack-commonjs"({ project, chromium }) {
    await built(project, "none", "required.cjs");
    await assertFolderScreens(chromium, project.folder, 0);
  },
};
