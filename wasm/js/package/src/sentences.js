/** The sentence of a reason; its code if the texts have none. */
export function sentenceOf(texts, reason) {
  const relation = reason.relation === undefined ? undefined : `${reason.code}_${reason.relation}`;
  const template = texts.reasons[relation] ?? texts.reasons[reason.code] ?? reason.code;
  const values = {
    list: reason.list ?? reason.coalition,
    origin: reason.origin,
    category: texts.categories?.[reason.category] ?? texts.categories?.other,
    rule: reason.rule,
  };
  return template.replace(/\{(\w+)\}/g, (place, name) => (name in values ? (values[name] ?? "") : place));
}

/** What the payer may read at a decision. */
export function noticeOf(texts, decision) {
  return texts.notices[decision];
}
