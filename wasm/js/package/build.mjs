// Writes the package, ready for `npm pack`, into a folder, which it replaces. node build.mjs OUT
//
// It needs the module for pages (wasm/dist), and in `generated/` what wasm-bindgen made of the other build,
// the texts and the made-up merchants.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const edge = join(root, "wasm/dist/interdict-edge.wasm");
const MODULES = { edge, full: join(here, "generated/interdict_bg.wasm") };
/** Entries that `require` may reach; the others are for bundlers and pages. */
const BOTH = ["inline", "full", "worker"];
const NODE = ["node"];
const ESM_ONLY = ["web", "production", "workerd"];
/** Entries with a default export, which `require` gives as it is. */
const DEFAULT = ["trial"];
/** Members of package.json that are not published. */
const OWN = ["scripts", "devDependencies"];

/** Each bundler makes something else of a .wasm file. */
const core = (extension) => `import type { OpenOptions } from "./index.${extension}";
/** What the bundler makes of the file: \`OpenOptions.module\` takes it. */
declare const module: NonNullable<OpenOptions["module"]>;
export default module;
`;

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("node build.mjs OUT");
const out = resolve(folder);
const dist = join(out, "dist");

/** Leaves the modules' bytes and file out of the scripts, which find them beside themselves. */
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

/** A value that JSON can hold, for `import` and for `require`. */
function writeValue(path, value) {
  const text = JSON.stringify(value);
  write(`${path}.js`, `export default ${text};\n`);
  write(`${path}.cjs`, `module.exports = ${text};\n`);
}

/** The types of a script whose default export is of a type of `index.d.ts`. */
function writeTypes(path, type) {
  const text = (from) => `import type { ${type} } from "${from}";\ndeclare const value: ${type};\n`;
  const index = `${relative(dirname(path), "dist") || "."}/index`;
  write(`${path}.d.ts`, `${text(`${index}.js`)}export default value;\n`);
  write(`${path}.d.cts`, `${text(`${index}.cjs`)}export = value;\n`);
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
await scripts([...BOTH, ...DEFAULT, ...ESM_ONLY].map(source), { format: "esm" });
const cjs = {
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  // wasm-bindgen's other way to start names a file; nothing calls it, so it is left out.
  logOverride: { "empty-import-meta": "silent" },
};
await scripts(BOTH.map(source), cjs);
const inNode = { inject: [join(here, "src/load/node-encoding.js")] };
await scripts(NODE.map(source), { format: "esm", ...inNode });
await scripts(NODE.map(source), { ...cjs, ...inNode });
await scripts(DEFAULT.map(source), { ...cjs, footer: { js: "module.exports = module.exports.default;" } });

for (const [name, path] of Object.entries(MODULES))
  writeValue(`dist/bytes/${name}`, gzipSync(readFileSync(path), { level: 9 }).toString("base64"));
for (const file of readdirSync(join(here, "generated/texts"))) {
  const path = `dist/texts/${file.slice(0, -".js".length)}`;
  writeValue(path, (await import(join(here, "generated/texts", file))).default);
  writeTypes(path, "Texts");
}
writeTypes("dist/trial", "Trial");

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
for (const name of ["README.md", "CHANGELOG.md"]) cpSync(join(here, name), join(out, name));
const manifest = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
for (const name of OWN) delete manifest[name];
write("package.json", `${JSON.stringify({ ...manifest, version: version() }, null, 2)}\n`);
