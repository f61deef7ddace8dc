/* Errors: every function below fills one and returns its kind. */
#ifndef INTERDICT_SRC_FAULT_H
#define INTERDICT_SRC_FAULT_H

#include <interdict_host.h>

/* Fills an error, which may be NULL, with a sentence in the form of printf. Returns the kind. */
int fault(struct interdict_error *error, int kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Copies one, both of which may be NULL. Returns its kind. */
int fault_copy(struct interdict_error *to, const struct interdict_error *from);
void fault_clear(struct interdict_error *error);
/* From the module's answer to an operation that was refused with this code. */
int fault_refused(struct interdict_error *error, int code, const char *object, size_t length);
/* Memory of this program ran out. */
int fault_memory(struct interdict_error *error);

#endif
