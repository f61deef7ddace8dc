/** The sentence of a reason for the analyst; its code if the texts are older than the module and have none. */
export function sentenceOf(texts, { code, list, coalition }) {
  // A function, so that nothing in a name is taken for a pattern.
  return (texts.reasons[code] ?? code).replaceAll("{list}", () => list ?? coalition ?? "");
}

/** What the payer may read at a decision; `no_gateway` where the policy refuses because no gateway answered. */
export function noticeOf(texts, decision) {
  return texts.notices[decision];
}
