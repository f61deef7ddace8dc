import assert from "node:assert/strict";
import { assertFolderScreens, pageOutcome } from "../tools/check.mjs";
import { serveFolder } from "../tools/server.mjs";

// No tool: scripts name the package's files by their addresses.
const DIST = "./node_modules/@interdict/checkout/dist";
const OLD_BROWSER = "delete globalThis.DecompressionStream; delete WebAssembly.compileStreaming;";

/** Writes a page with a script that screens with that file of the package. */
function writePage(project, file, run = "tell(ask(Screener, trial));") {
  project.write("index.html", '<!doctype html><script type="module" src="./page.js"></script>');
  project.write(
    "page.js",
    `import { ask, tell } from "./ask.js";\nimport { Screener } from "${DIST}/${file}.js";\nimport trial from "${DIST}/trial.js";\n\n${run}\n`,
  );
}

/** Writes a page that starts a worker, which screens and posts the answer. */
function writeWorker(
  project,
  starter,
  run = "ask(Screener, trial).then(postMessage, (error) => postMessage(String(error)));",
) {
  writePage(project, "web", run);
  project.write("worker.js", project.read("page.js"));
  project.write("page.js", `import { tell } from "./ask.js";\n\n${starter}\n`);
}

export const setups = {
  async "static-script"({ project, chromium }) {
    writePage(project, "web");
    await assertFolderScreens(chromium, project.folder, 1);
  },
  async "static-wrong-type"({ project, chromium }) {
    writePage(project, "web");
    await assertFolderScreens(chromium, project.folder, 1, { types: { ".wasm": "text/plain" } });
  },
  async "static-inline"({ project, chromium }) {
    writePage(project, "inline");
    await assertFolderScreens(chromium, project.folder, 0);
  },
  // Chromium without what old browsers lack. Not shown: an old browser.
  async "static-old-browser"({ project, chromium }) {
    writePage(project, "web");
    await assertFolderScreens(chromium, project.folder, 1, { before: OLD_BROWSER });
    // A text cannot be unpacked there: the page opens, and every name asks the gateway.
    writePage(project, "inline");
    const server = await serveFolder(project.folder);
    try {
      const { wasm, decisions } = await pageOutcome(chromium, server.url, 0, { before: OLD_BROWSER });
      assert.deepEqual([wasm, ...decisions], ["failed", "ask_gateway", "ask_gateway", "refuse"]);
    } finally {
      server.close();
    }
  },
  async "static-full"({ project, chromium }) {
    writePage(project, "full");
    await assertFolderScreens(chromium, project.folder, 0, { build: "full" });
  },
  async "static-module-worker"({ project, chromium }) {
    writeWorker(
      project,
      `const worker = new Worker("./worker.js", { type: "module" });
tell(new Promise((done) => (worker.onmessage = ({ data }) => done(data))));`,
    );
    await assertFolderScreens(chromium, project.folder, 1);
  },
  // Chromium alone has service workers that are modules.
  async "static-service-worker"({ project, chromium }) {
    writeWorker(
      project,
      `async function answered() {
  await navigator.serviceWorker.register("./worker.js", { type: "module" });
  const { active } = await navigator.serviceWorker.ready;
  const answer = new Promise((done) => (navigator.serviceWorker.onmessage = ({ data }) => done(data)));
  navigator.serviceWorker.startMessages();
  active.postMessage("ask");
  return await answer;
}

tell(answered());`,
      `addEventListener("message", (event) => {
  const answer = ask(Screener, trial).then((value) => event.source.postMessage(value));
  event.waitUntil(answer);
});`,
    );
    await assertFolderScreens(chromium, project.folder, 1);
  },
  // A module's file that fails once is fetched again.
  async "static-second-try"({ project, chromium }) {
    writePage(project, "web");
    await assertFolderScreens(chromium, project.folder, 2, {
      expected: /status of 503/,
      failures: { ".wasm": 1 },
    });
  },
};
