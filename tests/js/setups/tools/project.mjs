// A project of someone who uses the package: a folder outside the repository, with the tool and the packed
// package.

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PATIENCE = 300_000;
const NPM = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What is left to end or remove when this process ends. */
const left = new Set();
process.on("exit", () => [...left].reverse().forEach((end) => end()));

/** Makes a project of the files in the folder of that name, and removes it with this process. */
export async function makeProject(name, tarball) {
  const folder = mkdtempSync(join(tmpdir(), `interdict-setup-${name}-`));
  left.add(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  cpSync(here(`../${name}/project`), folder, { recursive: true });
  cpSync(here("ask.js"), join(folder, "ask.js"));
  const project = new Project(folder);
  await project.run("npm", "install", ...NPM, tarball);
  return project;
}

class Project {
  folder;

  constructor(folder) {
    this.folder = folder;
  }

  path(name) {
    return join(this.folder, name);
  }

  read(name) {
    return readFileSync(this.path(name), "utf8");
  }

  write(name, text) {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** Runs a program, by preference one that the project installed. Gives what it printed. */
  async run(program, ...args) {
    const { process: child, output, end } = this.start(program, ...args);
    const timer = setTimeout(end, PATIENCE);
    const code = await new Promise((done, failed) => child.on("close", done).on("error", failed));
    clearTimeout(timer);
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} ends with ${code}\n${output()}`);
    return output();
  }

  /** Starts a program that goes on, such as a server. */
  start(program, ...args) {
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { ...environment(), PATH: `${this.path("node_modules/.bin")}:${process.env.PATH}` },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (part) => (text += part));
    const end = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended already, or never started.
      }
    };
    left.add(end);
    child.on("close", () => left.delete(end));
    return { process: child, output: () => text, end };
  }
}

/** What a person's shell has; nothing of the test that runs this. */
function environment() {
  const kept = ["HOME", "LANG", "TMPDIR", "USER"].filter((name) => name in process.env);
  const own = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_|NODE_EXTRA_CA|SSL_|DENO_TLS)/i.test(name),
  );
  const quiet = { NEXT_TELEMETRY_DISABLED: "1", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  return { ...Object.fromEntries([...kept.map((name) => [name, process.env[name]]), ...own]), ...quiet };
}
