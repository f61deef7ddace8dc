// What every setup asks. It is copied into each project.

/** Opens the made-up list, screens two of its names and asks its gateway, and gives what can be posted. */
export async function ask(Screener, trial) {
  const screener = await Screener.try({ trial });
  const decisions = ["clean.test", "hidden-shop.test"].map(
    (host) => screener.screen({ url: `https://${host}/pay` }).decision,
  );
  const { decision } = await screener.askGateway({ gateway: "https://gateway.test", session: "refuse" });
  const { build, wasm } = screener.status();
  await screener.close();
  return { decisions: [...decisions, decision], build, wasm };
}

/**
 * The same through a worker of the package, from a repository at `lists` beside the page, which keeps it in
 * IndexedDB. No gateway answers there, so the page's policy does.
 */
export async function askThroughWorker(Screener, trial, worker) {
  const { policy, now, enrolment } = trial.begin("fresh").options;
  const repository = new URL("lists", location.href).href;
  const screener = await Screener.open({ enrolment: { ...enrolment, repository }, policy, now, worker });
  await screener.refresh();
  const decisions = ["clean.test", "hidden-shop.test"].map(
    (host) => screener.screen({ url: `https://${host}/pay` }).decision,
  );
  const { decision } = await screener.askGateway({ gateway: repository, session: "none" });
  const { build, wasm, storage } = screener.status();
  await screener.close();
  worker.terminate();
  return { decisions: [...decisions, decision], build, wasm, storage };
}

/** Leaves what comes of it where the test looks. */
export function tell(answer) {
  const set = (outcome) => {
    globalThis.outcome = outcome;
  };
  answer.then(set, (error) => set({ error: `${error?.name}: ${error?.message}` }));
}
