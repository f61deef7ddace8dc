const CONFIGURATIONS = ["bundler", "node16", "node10", "server"];

// TypeScript 5.9, with and without a look into the package's own declarations. `server` has no types of
// pages. Not shown: other versions of TypeScript.
export const setups = Object.fromEntries(
  CONFIGURATIONS.map((name) => [
    `types-${name}`,
    async ({ project }) => {
      await project.run("tsc", "--project", `${name}.json`, "--skipLibCheck", "false");
      await project.run("tsc", "--project", `${name}.json`, "--skipLibCheck", "true");
    },
  ]),
);
