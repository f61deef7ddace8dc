#ifndef INTERDICT_SRC_ENROL_H
#define INTERDICT_SRC_ENROL_H

#include "store.h"
#include "text.h"

/* The coalition's name in an enrolment. */
int enrol_coalition(const char *enrolment, size_t length, char name[MAX_NAME + 1], struct interdict_error *error);
/* An element of `coalitions` in `configure`: the enrolment goes into it as it is. */
void enrol_message(struct buffer *message, const char *name, struct interdict_text enrolment, const char *history);

#endif
