/* A walk: brings the module one file after another until it has what it needs, or refuses one. */
#ifndef INTERDICT_SRC_WALK_H
#define INTERDICT_SRC_WALK_H

#include <interdict_host.h>

#include "files.h"

/* The most files in one walk: a module that asks for more would not end. */
enum { WALK_FILES = 4096 };

/* What the module asks for. Texts end with a zero byte. */
struct fetch {
    char name[201];
    char path[1001];
    size_t max_size;
};

struct courier {
    void *context;
    /* Brings a file. If it is NOT_READABLE, `why` gets a reason. */
    enum found (*bring)(void *context, const struct fetch *fetch, struct content *content, char why[256]);
    /* Keeps a file that was verified, before the next is asked for. 0, or an error, which ends the walk. */
    int (*keep)(void *context, const struct fetch *fetch, struct content content, struct interdict_error *error);
};

/* How a walk ended. */
struct walked {
    int is_completed;
    /* If it completed: the names of all files, one a line. In the instance; there until its next call. */
    struct interdict_text files;
    /* Whether it ended with a refusal by the module, which it may have learnt something before. */
    int is_refused;
};

/* `from` is "store" or "repository". 0, or an error with the path of the file that was refused in its message. */
int walk(interdict_instance *instance, const char *coalition, const char *from, int64_t now, const struct courier *courier,
         struct walked *walked, struct interdict_error *error);

/* Metadata stays trusted when a walk ends early; the parts of a release do not. */
int walk_is_metadata(const struct fetch *fetch);

#endif
