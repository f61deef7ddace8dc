/* What the parts of the driver share. */
#ifndef DRIVER_H
#define DRIVER_H

#include <interdict.h>
#include <interdict_host.h>
#include <stdatomic.h>

#include "text.h"

#if defined __clang__
#define COMPILER "C11, clang " __clang_version__
#else
#define COMPILER "C11, gcc " __VERSION__
#endif

/* The module with a `screen` that traps, if the environment asks for it; otherwise the built-in. */
const interdict_module *test_module(void);
const interdict_module *interdict_module_trapping(void);
void set_clock(int64_t now);
int64_t told_clock(void *context);

struct interdict_text text_of(struct value value);
struct interdict_text member_text(struct value object, const char *name);
int64_t member_number(struct value object, const char *name, int64_t otherwise);
int has(struct value object, const char *name);
void free_text(struct interdict_text text);
void say_member(struct buffer *out, const char *name, const char *text, size_t length);
int open_gateway(struct value line, const interdict_module *module, interdict_gateway **opened, struct interdict_error *error);

int do_soak(struct value line, struct buffer *out, struct interdict_error *error);
int do_bench(struct value line, struct buffer *out, struct interdict_error *error);

#endif
