// What every setup asks. It is copied into each project.

/** Opens the made-up list, screens its three merchants, and gives what can be posted. */
export async function ask(Screener) {
  const screener = await Screener.try();
  const decisions = ["proceed.test", "ask.test", "refuse.test"].map(
    (host) => screener.screen({ url: `https://${host}/pay` }).decision,
  );
  const { build, wasm } = screener.status();
  await screener.close();
  return { decisions, build, wasm };
}

/** Leaves what comes of it where the test looks. */
export function tell(answer) {
  const set = (outcome) => {
    globalThis.outcome = outcome;
  };
  answer.then(set, (error) => set({ error: `${error?.name}: ${error?.message}` }));
}
