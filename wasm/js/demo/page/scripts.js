const OWN = ["/entry/worker.js", "/service-worker.js"];

const policy = globalThis.trustedTypes?.createPolicy("own-scripts", {
  createScriptURL(path) {
    if (OWN.includes(path)) return path;
    throw new TypeError("this page starts no such script");
  },
});

/** The address of a worker, which `require-trusted-types-for 'script'` lets start. */
export function script(path) {
  return policy ? policy.createScriptURL(path) : path;
}
