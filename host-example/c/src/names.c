#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

void names_add(struct names *names, const char *name)
{
    char **grown = names_has(names, name) ? NULL : realloc(names->all, (names->count + 1) * sizeof *grown);
    char *copy = grown ? strdup(name) : NULL;
    if (grown) {
        names->all = grown;
    }
    if (copy) {
        names->all[names->count++] = copy;
    }
}

int names_has(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->all[i], name) == 0) {
            return 1;
        }
    }
    return 0;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        explicit_bzero(names->all[i], strlen(names->all[i]));
        free(names->all[i]);
    }
    free(names->all);
    *names = (struct names){NULL, 0};
}

void warn(struct names *warnings, const char *format, ...)
{
    char text[512];
    va_list all;
    va_start(all, format);
    vsnprintf(text, sizeof text, format, all);
    va_end(all);
    names_add(warnings, text);
}
