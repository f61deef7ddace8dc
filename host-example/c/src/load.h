/* Builds instances from what is on the disk: configure, replay what was saved, then hand over secrets and choices. */
#ifndef INTERDICT_SRC_LOAD_H
#define INTERDICT_SRC_LOAD_H

#include <interdict_host.h>

#include "store.h"
#include "text.h"

/* Names, each once, in no order. */
struct names {
    char **all;
    size_t count;
};

void names_add(struct names *names, const char *name);
int names_has(const struct names *names, const char *name);
void names_free(struct names *names);

/* One coalition, as it was loaded. */
struct loaded {
    char name[MAX_NAME + 1];
    /* Where it says its repository is. */
    char *repository;
    /* Freed with explicit_bzero: it holds list keys. */
    struct content enrolment;
    char *history;
    /* The list keys that another program opened, 64 digits each, or empty. */
    struct names keys;
    /* The generation that loaded; 0 if none did. */
    int64_t generation;
    /* Whether that is the one that `current` names. */
    int is_current;
    /* The files in `pending` that the module accepted. */
    struct names pending;
};

/* What a load is made with, besides the directory. */
struct choices {
    const interdict_module *module;
    char *policy;
    size_t policy_length;
    int receipts;
};

struct loading {
    interdict_instance *instance;
    struct loaded *coalitions;
    size_t count;
    uint64_t stamp;
    struct names warnings;
};

int load(struct interdict_store *store, const struct choices *choices, int64_t now, struct loading *loading,
         struct interdict_error *error);
/* Frees everything but the instance. */
void loading_free(struct loading *loading);
void warn(struct names *warnings, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
