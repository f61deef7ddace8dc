import { assertScreened, pageOutcome, printed } from "../tools/check.mjs";

/** Runs Next's own server; a component on it and one in the page screen. */
async function assertServerScreens({ project, chromium }, files, ...args) {
  const server = project.start("next", ...args, "--port", "0", "--hostname", "127.0.0.1");
  try {
    const [url] = await printed(server, /http:\/\/127\.0\.0\.1:\d+/);
    const { server: onServer, page } = await pageOutcome(chromium, url, files);
    assertScreened(onServer, "full");
    assertScreened(page, "edge");
  } finally {
    server.end();
  }
}

export const setups = {
  // Turbopack, Next's default. Not shown: the edge runtime, `output: "export"`, a content security policy.
  async next(context) {
    await context.project.run("next", "build");
    await assertServerScreens(context, 1, "start");
  },
  async "next-webpack"(context) {
    await context.project.run("next", "build", "--webpack");
    await assertServerScreens(context, 1, "start");
  },
  async "next-dev"(context) {
    await assertServerScreens(context, 0, "dev");
  },
};
