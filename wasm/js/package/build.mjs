// Writes the package, ready for `npm pack`, into a folder, which it replaces. node build.mjs OUT
//
// It needs the module for pages (wasm/dist), and in `generated/` what wasm-bindgen made of the other build.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const edge = join(root, "wasm/dist/interdict-edge.wasm");
const MODULES = { edge, full: join(here, "generated/interdict_bg.wasm") };
/** Entries that `require` may reach; the others are for bundlers and pages. */
const BOTH = ["inline", "full", "node", "worker"];
const ESM_ONLY = ["web", "production", "workerd"];
/** What only the repository needs of package.json. */
const OWN = ["scripts", "devDependencies"];

/** A bundler makes of the module's file what it likes. */
const core = (extension) => `import type { OpenOptions } from "./index.${extension}";
/** What the bundler makes of the file: \`OpenOptions.module\` takes it. */
declare const module: NonNullable<OpenOptions["module"]>;
export default module;
`;

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("node build.mjs OUT");
const out = resolve(folder);
const dist = join(out, "dist");

/** Scripts find the bytes of the modules, and the file, beside themselves. */
const beside = {
  name: "beside",
  setup({ onResolve, initialOptions }) {
    const extension = initialOptions.format === "cjs" ? ".cjs" : ".js";
    onResolve({ filter: /\/bytes\/\w+\.js$/ }, ({ path }) => ({
      path: path.replace(/^.*\/bytes\/(\w+)\.js$/, `./bytes/$1${extension}`),
      external: true,
    }));
    onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path, external: true }));
  },
};

async function scripts(entries, options) {
  const { warnings } = await build({
    entryPoints: entries,
    outdir: dist,
    bundle: true,
    minify: true,
    target: "es2022",
    platform: "neutral",
    external: ["node:*"],
    plugins: [beside],
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  if (warnings.length > 0) throw new Error("esbuild warns of something");
}

function write(path, text) {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), text);
}

/** A script and its types, for `import` and for `require`. */
function writeBoth(path, value, type) {
  write(`${path}.js`, `export default ${value};\n`);
  write(`${path}.cjs`, `module.exports = ${value};\n`);
  if (!type) return;
  write(`${path}.d.ts`, `${type("js")}export default value;\n`);
  write(`${path}.d.cts`, `${type("cjs")}export = value;\n`);
}

/** The version of the workspace, which package.json leaves open. */
function version() {
  const [, number] = /^\[workspace\.package\][^[]*?^version = "([^"]+)"/ms.exec(
    readFileSync(join(root, "Cargo.toml"), "utf8"),
  );
  return number;
}

rmSync(out, { recursive: true, force: true });
const source = (name) => join(here, `src/entry/${name}.js`);
// Each is whole but for the bytes, so that a page without a bundler waits for one script.
await scripts([...BOTH, ...ESM_ONLY].map(source), { format: "esm" });
await scripts(BOTH.map(source), {
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  // wasm-bindgen's other way to start names a file; nothing calls it, so it is left out.
  logOverride: { "empty-import-meta": "silent" },
});

for (const [name, path] of Object.entries(MODULES))
  writeBoth(`dist/bytes/${name}`, JSON.stringify(gzipSync(readFileSync(path), { level: 9 }).toString("base64")));
for (const file of readdirSync(join(here, "src/texts"))) {
  const { default: texts } = await import(join(here, "src/texts", file));
  writeBoth(
    `dist/texts/${file.slice(0, -".js".length)}`,
    JSON.stringify(texts),
    (extension) => `import type { Texts } from "../index.${extension}";\ndeclare const value: Texts;\n`,
  );
}

const types = readFileSync(join(here, "src/index.d.ts"), "utf8");
for (const [extension, declarations] of [
  ["js", "d.ts"],
  ["cjs", "d.cts"],
]) {
  write(`dist/index.${declarations}`, types);
  write(`dist/worker.${declarations}`, "export {};\n");
  write(`dist/core.wasm.${declarations}`, core(extension));
}
cpSync(edge, join(dist, "interdict-edge.wasm"));
for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) cpSync(join(root, name), join(out, name));
cpSync(join(here, "README.md"), join(out, "README.md"));
const manifest = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
for (const name of OWN) delete manifest[name];
write("package.json", `${JSON.stringify({ ...manifest, version: version() }, null, 2)}\n`);
