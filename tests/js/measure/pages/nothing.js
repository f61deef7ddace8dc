// A page that does nothing for as long as others load a list: what the machine itself delays.

import { began, measure, query, watched } from "./begin.js";

measure(async () => {
  await new Promise((done) => setTimeout(done, 500));
  const answered = performance.now();
  await globalThis.report("verdict");
  const watch = query.has("tasks") ? await watched() : {};
  if (query.has("memory")) await globalThis.report("memory");
  return { began, opened: answered, answered, ...watch };
});
