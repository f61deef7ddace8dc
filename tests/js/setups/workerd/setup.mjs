import { createServer } from "node:http";
import { assertScreened } from "../tools/check.mjs";

export const setups = {
  // The runtime of Cloudflare's Workers, with a bundle such as their tool makes. Not shown: that tool, and
  // their network.
  async workerd({ project }) {
    await project.run(
      ...["esbuild", "worker.js", "--bundle", "--format=esm", "--outdir=built"],
      ...["--conditions=workerd,worker,browser", "--external:*.wasm"],
    );
    const port = await freePort();
    const server = project.start("workerd", "serve", "config.capnp", `--socket-addr=http=127.0.0.1:${port}`);
    try {
      assertScreened(await answered(`http://127.0.0.1:${port}/`, server), "edge");
    } finally {
      server.end();
    }
  },
};

async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function answered(url, { process: child, output }) {
  for (const end = Date.now() + 20_000; Date.now() < end && child.exitCode === null;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return await response.json();
    if (response) throw new Error(`${response.status} ${await response.text()}\n${output()}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`nobody answers:\n${output()}`);
}
