/* One load under way, between its parts: what is on the disk, what goes into the module, which secrets and choices. */
#ifndef INTERDICT_SRC_LOADER_H
#define INTERDICT_SRC_LOADER_H

#include "load.h"

enum { MOST_DAMAGED = 4 };

/* What to try for one coalition, best first. */
struct candidate {
    /* `current` and those that it replaced, the highest first; 0 at the end. */
    int64_t *numbers;
    size_t at;
    /* Generations that did not load: their metadata may still keep older releases out. */
    int64_t damaged[MOST_DAMAGED];
    size_t damaged_count;
    int leaves_pending_out;
};

/* One load under way. */
struct loader {
    struct interdict_store *store;
    const struct choices *choices;
    int64_t now;
    struct loading *loading;
    struct candidate *candidates;
    struct interdict_error *error;
};

/* Reads every coalition's directory. */
int loader_read(struct loader *loader);
/* Warns of a file with secrets that others may read; `folder` is empty, or a name and a slash. */
void loader_warn_if_open(struct loader *loader, int directory, const char *folder, const char *name);
/* Gives the module one message of `configure`, and wipes it. */
int loader_configure(struct loader *loader, struct buffer *message, struct interdict_error *error);
/* After the replays, because what was loaded does not depend on it: secrets, policy, overrides, clearances. */
int loader_finish(struct loader *loader);

#endif
