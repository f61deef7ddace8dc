import { assertScriptScreens } from "../node/setup.mjs";

export const setups = {
  // Without any permission. Not shown: `npm:` addresses, Deno Deploy.
  async deno({ project }) {
    await assertScriptScreens(project, "deno", "run", "--no-prompt", "module.js");
  },
};
