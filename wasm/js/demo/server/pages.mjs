import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
/** What the page imports from the package, by the name of the module that stands for it here. */
const ENTRIES = {
  "checkout.js": ".",
  "worker.js": "./worker",
  "texts/en.js": "./texts/en",
  "texts/sv.js": "./texts/sv",
  "texts/nl.js": "./texts/nl",
};
/** Without a bundler, as with webpack, the module's file lies beside the script. */
const CONDITIONS = ["import", "webpack", "browser", "default"];

/**
 * The files of page and package by path. They are read once.
 *
 * A page without a bundler cannot import by name: an import map is an inline script, which the content security policy
 * forbids. `/entry/…` therefore has one module for each entry of the package, which passes on the entry's file.
 */
export class Pages {
  #files = new Map();

  constructor(pageFolder, packageFolder) {
    for (const path of filesOf(pageFolder)) this.#add(`/${path}`, readFileSync(join(pageFolder, path)));
    for (const path of filesOf(packageFolder)) {
      if (extname(path) in TYPES) this.#add(`/package/${path}`, readFileSync(join(packageFolder, path)));
    }
    const { exports } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
    for (const [name, entry] of Object.entries(ENTRIES)) {
      const file = resolved(exports[entry]);
      if (file === undefined) throw new Error(`the package has no entry ${entry}`);
      this.#add(`/entry/${name}`, Buffer.from(passedOn(`/package/${file.replace(/^\.\//, "")}`, entry)));
    }
    this.#files.set("/", this.#files.get("/index.html"));
  }

  file(path) {
    return this.#files.get(path);
  }

  /** The service worker: its source, after a list of what it keeps, so that a changed file makes it another one. */
  serviceWorker(kept) {
    const digests = JSON.stringify(kept.map(([path, bytes]) => [path, digest(bytes)]));
    const { bytes } = this.#files.get("/service-worker.js");
    return `const KEPT = ${digests};\nconst VERSION = "${digest(digests)}";\n${bytes}`;
  }

  /** What a page needs to open without a network: everything that its modules lead to. */
  needed() {
    const paths = new Set(["/", "/style.css", "/entry/worker.js"]);
    for (const path of [...this.#files.keys()]) {
      if (/^\/(?:entry\/|[a-z-]+\.(?:js|svg)$)/.test(path) && path !== "/service-worker.js") paths.add(path);
    }
    for (const path of paths) {
      for (const next of this.#leadsTo(path)) paths.add(next);
    }
    return [...paths].map((path) => [path, this.#files.get(path).bytes]);
  }

  /** Files whose name stands in the text of a module, such as `./edge.js` or `interdict-edge.wasm`. */
  #leadsTo(path) {
    if (!/\.m?js$/.test(path)) return [];
    const text = this.#files.get(path).bytes.toString();
    return [...text.matchAll(/["'`]((?:\.{0,2}\/)?[\w./-]+\.(?:m?js|wasm))["'`]/g)]
      .map(([, name]) => new URL(name, `http://page${path}`).pathname)
      .filter((other) => this.#files.has(other) && other !== "/service-worker.js");
  }

  #add(path, bytes) {
    const type = TYPES[extname(path)];
    if (type) this.#files.set(path, { bytes, type });
  }
}

function digest(bytes) {
  return createHash("sha256").update(bytes).digest("base64");
}

function passedOn(path, entry) {
  if (entry === "./worker") return `import "${path}";\n`;
  const standard = entry.startsWith("./texts/") ? `export { default } from "${path}";\n` : "";
  return `export * from "${path}";\n${standard}`;
}

/** The file that an entry of `exports` names for a browser. */
function resolved(target) {
  if (typeof target === "string") return target;
  if (target === undefined || target === null) return undefined;
  const names = Object.keys(target).filter((name) => CONDITIONS.includes(name));
  for (const name of names) {
    const file = resolved(target[name]);
    if (file !== undefined) return file;
  }
  return undefined;
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((path) => !path.split(sep).includes("node_modules") && statSync(join(folder, path)).isFile())
    .map((path) => relative(folder, join(folder, path)).split(sep).join("/"));
}
