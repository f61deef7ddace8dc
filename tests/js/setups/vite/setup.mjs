import { cpSync } from "node:fs";
import { assertFolderScreens, assertListsScreen, assertPageScreens, printed } from "../tools/check.mjs";

export const setups = {
  // Not shown: `base`, server-side rendering, plug-ins, Vite before 8.
  async "vite-build"({ project, chromium }) {
    await project.run("vite", "build", "--outDir", "built");
    await assertFolderScreens(chromium, project.path("built"), 1);
  },
  // Not shown: a reload after the optimizer ran again.
  async "vite-dev"({ project, chromium }) {
    const server = project.start("vite", "--port", "0", "--host", "127.0.0.1", "--clearScreen", "false");
    try {
      const [url] = await printed(server, /http:\/\/127\.0\.0\.1:\d+/);
      await assertPageScreens(chromium, url, 0);
      await assertPageScreens(chromium, `${url}/worker/`, 0);
    } finally {
      server.end();
    }
  },
  // Vite's default format of workers, which is not a module.
  async "vite-worker"({ project, chromium }) {
    await project.run("vite", "build", "worker", "--outDir", "built");
    await assertFolderScreens(chromium, project.path("worker/built"), 1);
  },
  // The package's own worker, lists that are fetched, and IndexedDB. Not shown: a second visit, two tabs.
  async "vite-lists"({ project, chromium }) {
    await project.run("vite", "build", "lists", "--outDir", "built");
    await assertListsScreen(chromium, project.path("lists/built"), 1);
  },
  // In library mode Vite puts every file into the script. Not shown: what a second bundler makes of the
  // library.
  async "vite-library"({ project, chromium }) {
    await project.run("vite", "build", "--config", "library.config.js");
    cpSync(project.path("index.html"), project.path("library/index.html"));
    await assertFolderScreens(chromium, project.path("library"), 0);
  },
};
