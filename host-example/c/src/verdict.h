/* Reading verdicts. */
#ifndef INTERDICT_SRC_VERDICT_H
#define INTERDICT_SRC_VERDICT_H

#include <interdict_host.h>

#include "text.h"

/* Reads a verdict or a line's refusal, which keeps pointing at the answer. 0 if it is neither: the action is none of the
   five, `degraded` is no boolean. */
int verdict_read(struct interdict_text answer, struct interdict_verdict *verdict);
/* The same with a copy of the answer, freed with the verdict. 0 if it is neither, -1 if memory ran out. */
int verdict_new(struct interdict_text answer, struct interdict_verdict **made);
/* The receipt in its answer; empty if there is none. */
struct interdict_text verdict_receipt(const struct interdict_verdict *verdict);

#endif
