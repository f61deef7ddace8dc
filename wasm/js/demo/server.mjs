// The demo's backend: node server.mjs --world DIR --package DIR --host-package DIR [--port N]
//
// `--world` is what `checkout-world` writes, `--package` an unpacked `@interdict/checkout`, `--host-package` the folder
// of the Node host. README.md says what is where.

import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { start } from "./server/demo.mjs";

export { start };

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      world: { type: "string" },
      package: { type: "string" },
      "host-package": { type: "string" },
      port: { type: "string", default: "8460" },
    },
  });
  const missing = ["world", "package", "host-package"].filter((name) => values[name] === undefined);
  if (missing.length > 0) {
    console.error(`missing: ${missing.map((name) => `--${name} DIR`).join(", ")}`);
    process.exit(2);
  }
  const demo = await start({
    world: values.world,
    packageFolder: values.package,
    hostPackage: values["host-package"],
    port: Number(values.port),
  });
  console.log(`the market is at ${demo.market}, its gateway at ${demo.gateway}; stop with ctrl-c`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => demo.close());
}
