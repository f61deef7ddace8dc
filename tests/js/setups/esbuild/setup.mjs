import { assertFolderScreens, assertListsScreen } from "../tools/check.mjs";

const BUILD = ["--bundle", "--outdir=built", "--log-limit=0"];

/** esbuild must have nothing to warn of. */
async function built(project, ...args) {
  const output = await project.run("esbuild", ...BUILD, ...args);
  if (/warning/i.test(output)) throw new Error(output);
}

export const setups = {
  // Not shown: esbuild's `splitting`, and loaders for .wasm, which nothing here needs.
  async "esbuild-script"({ project, chromium }) {
    await built(project, "page.js");
    await assertFolderScreens(chromium, project.folder, 0);
  },
  async "esbuild-module"({ project, chromium }) {
    await built(project, "page.js", "--format=esm", "--minify");
    await assertFolderScreens(chromium, project.folder, 0);
  },
  // The package's own worker, lists that are fetched, and IndexedDB.
  async "esbuild-lists"({ project, chromium }) {
    project.write("built/index.html", '<!doctype html><script src="./lists.js"></script>');
    await built(project, "lists.js", "lists-worker.js");
    await assertListsScreen(chromium, project.path("built"), 0);
  },
  // A service worker that is no module, as in every browser. Not shown: what it does when the browser ends
  // it.
  async "esbuild-service-worker"({ project, chromium }) {
    project.write("built/index.html", '<!doctype html><script src="./registration.js"></script>');
    await built(project, "registration.js", "service.js");
    await assertFolderScreens(chromium, project.path("built"), 0);
  },
};
