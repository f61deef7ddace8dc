#define _GNU_SOURCE
#include "load.h"

#include <interdict.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enrol.h"
#include "fault.h"
#include "loader.h"
#include "walk.h"

enum { MOST_ATTEMPTS = 4 };

static void loaded_free(struct loaded *one)
{
    if (one->enrolment.data) {
        explicit_bzero(one->enrolment.data, one->enrolment.length);
    }
    free(one->enrolment.data);
    free(one->repository);
    free(one->history);
    names_free(&one->keys);
    names_free(&one->pending);
}

void loading_free(struct loading *loading)
{
    for (size_t i = 0; i < loading->count; i++) {
        loaded_free(&loading->coalitions[i]);
    }
    free(loading->coalitions);
    names_free(&loading->warnings);
    loading->coalitions = NULL;
    loading->count = 0;
}

/* ----------------------------------------------------------------------------------------------- configure */

int loader_configure(struct loader *loader, struct buffer *message, struct interdict_error *error)
{
    int failed = message->failed ? fault_memory(error)
                                 : interdict_instance_call(loader->loading->instance, INTERDICT_OPERATION_CONFIGURE, message->data,
                                                           message->length, loader->now, NULL, error);
    buffer_wipe(message);
    return failed;
}

/* The coalition whose history this refusal is about; -1 if it is about something else. */
static long damaged_history(const struct interdict_error *error, size_t count)
{
    unsigned long index;
    char rest[16] = "";
    if (error->code != INTERDICT_HISTORY_DAMAGED ||
        sscanf(error->path, "coalitions[%lu].%15s", &index, rest) != 2 || strcmp(rest, "history") != 0 || index >= count) {
        return -1;
    }
    return (long)index;
}

static void coalitions_message(const struct loading *loading, struct buffer *message)
{
    buffer_say(message, "{\"coalitions\":[");
    for (size_t i = 0; i < loading->count; i++) {
        const struct loaded *one = &loading->coalitions[i];
        buffer_say(message, i ? "," : "");
        enrol_message(message, one->name, (struct interdict_text){one->enrolment.data, one->enrolment.length}, one->history);
    }
    buffer_say(message, "]");
    const char *before = ",\"keys\":[";
    for (size_t i = 0; i < loading->count; i++) {
        const struct loaded *one = &loading->coalitions[i];
        for (size_t k = 0; k < one->keys.count; k++) {
            buffer_say(message, before);
            buffer_say(message, "{\"coalition\":\"");
            buffer_say(message, one->name);
            buffer_say(message, "\",\"key\":\"");
            buffer_say(message, one->keys.all[k]);
            buffer_say(message, "\"}");
            before = ",";
        }
    }
    buffer_say(message, *before == ',' && before[1] == 0 ? "]}" : "}");
}

static int configure_coalitions(struct loader *loader)
{
    struct loading *loading = loader->loading;
    for (;;) {
        struct interdict_error why = {0};
        struct buffer message = {0};
        coalitions_message(loading, &message);
        int failed = loader_configure(loader, &message, &why);
        long index = failed == INTERDICT_ERROR_REFUSED ? damaged_history(&why, loading->count) : -1;
        char *none = index >= 0 && strcmp(loading->coalitions[index].history, "none") != 0 ? strdup("none") : NULL;
        if (!none) {
            fault_copy(loader->error, &why);
            return failed;
        }
        warn(&loading->warnings, "%s: the history is damaged; refresh", loading->coalitions[index].name);
        free(loading->coalitions[index].history);
        loading->coalitions[index].history = none;
    }
}

/* ------------------------------------------------------------------------------------------------- replays */

struct replayed {
    int directory;
    struct names metadata, parts;
};

static enum found bring_saved(void *context, const struct fetch *fetch, struct content *content, char why[256])
{
    struct replayed *replayed = context;
    if (replayed->directory < 0) {
        return NOT_FOUND;
    }
    /* One byte more than it may have: the module notices a file that is too long. */
    enum found found = files_read(replayed->directory, fetch->name, fetch->max_size + 1, content);
    if (found == NOT_READABLE) {
        snprintf(why, 256, "the saved file cannot be read");
    }
    return found;
}

static int keep_saved(void *context, const struct fetch *fetch, struct content content, struct interdict_error *error)
{
    struct replayed *replayed = context;
    (void)content;
    (void)error;
    names_add(walk_is_metadata(fetch) ? &replayed->metadata : &replayed->parts, fetch->name);
    return 0;
}

/* Replays the files of one directory. `accepted` gets the names of those that the module took, and may be NULL. */
static int replay(struct loader *loader, const struct loaded *one, const char *folder, int *is_completed,
                  struct names *accepted, struct interdict_error *error)
{
    int shelf = store_shelf(loader->store, one->name);
    struct replayed replayed = {.directory = shelf < 0 ? -1 : files_open_directory(shelf, folder)};
    struct courier courier = {&replayed, bring_saved, keep_saved};
    struct walked walked;
    int failed = walk(loader->loading->instance, one->name, "store", loader->now, &courier, &walked, error);
    *is_completed = failed == 0 && walked.is_completed;
    for (size_t i = 0; accepted && i < replayed.metadata.count; i++) {
        names_add(accepted, replayed.metadata.all[i]);
    }
    for (size_t i = 0; accepted && *is_completed && i < replayed.parts.count; i++) {
        names_add(accepted, replayed.parts.all[i]);
    }
    names_free(&replayed.metadata);
    names_free(&replayed.parts);
    if (replayed.directory >= 0) {
        close(replayed.directory);
    }
    if (shelf >= 0) {
        close(shelf);
    }
    return failed;
}

enum outcome { WHOLE, AGAIN, BROKEN };

/* The generation did not load: the next older one is tried, and this one's metadata after it. */
static void give_up(struct loader *loader, struct loaded *one, struct candidate *candidate, const char *why, int traps)
{
    int64_t number = candidate->numbers[candidate->at++], older = candidate->numbers[candidate->at];
    if (!traps && candidate->damaged_count < MOST_DAMAGED) {
        candidate->damaged[candidate->damaged_count++] = number;
    }
    if (older) {
        warn(&loader->loading->warnings, "%s: generation %lld is damaged, generation %lld is used instead: %s; refresh", one->name,
             (long long)number, (long long)older, why);
    } else {
        warn(&loader->loading->warnings, "%s: generation %lld is damaged: %s; refresh", one->name, (long long)number, why);
    }
}

static enum outcome replay_unfinished(struct loader *loader, struct loaded *one, struct candidate *candidate)
{
    struct interdict_error why = {0};
    int is_completed;
    for (size_t i = 0; i < candidate->damaged_count; i++) {
        char folder[40];
        store_generation_name(candidate->damaged[i], folder);
        if (replay(loader, one, folder, &is_completed, NULL, &why) == INTERDICT_ERROR_TRAPPED) {
            candidate->damaged[i] = candidate->damaged[--candidate->damaged_count];
            return AGAIN;
        }
    }
    int shelf = store_shelf(loader->store, one->name);
    int has_pending = shelf >= 0 && files_exists(shelf, "pending");
    if (shelf >= 0) {
        close(shelf);
    }
    names_free(&one->pending);
    if (!has_pending || candidate->leaves_pending_out) {
        return WHOLE;
    }
    int failed = replay(loader, one, "pending", &is_completed, &one->pending, &why);
    if (failed == INTERDICT_ERROR_TRAPPED) {
        candidate->leaves_pending_out = 1;
        warn(&loader->loading->warnings, "%s: an unfinished update traps the module and is left out", one->name);
        return AGAIN;
    }
    if (failed != 0 && strstr(why.message, "cannot be read")) {
        warn(&loader->loading->warnings, "%s: an unfinished update: %s; refresh", one->name, why.message);
    }
    return WHOLE;
}

static enum outcome replay_coalition(struct loader *loader, struct loaded *one, struct candidate *candidate)
{
    int64_t number = candidate->numbers[candidate->at];
    one->generation = number;
    one->is_current = candidate->at == 0;
    if (number) {
        char folder[40];
        int is_completed;
        struct interdict_error why = {0};
        store_generation_name(number, folder);
        int failed = replay(loader, one, folder, &is_completed, NULL, &why);
        if (failed != 0 || !is_completed) {
            give_up(loader, one, candidate, failed ? why.message : "a file is missing", failed == INTERDICT_ERROR_TRAPPED);
            return AGAIN;
        }
    }
    return replay_unfinished(loader, one, candidate);
}

/* ------------------------------------------------------------------------------------------------- all of it */

static enum outcome attempt(struct loader *loader, int *failed)
{
    struct loading *loading = loader->loading;
    *failed = interdict_instance_new(loader->choices->module, &loading->instance, loader->error);
    if (*failed == 0) {
        *failed = configure_coalitions(loader);
    }
    enum outcome outcome = *failed ? BROKEN : WHOLE;
    for (size_t i = 0; outcome == WHOLE && i < loading->count; i++) {
        outcome = replay_coalition(loader, &loading->coalitions[i], &loader->candidates[i]);
    }
    if (outcome != WHOLE) {
        interdict_instance_free(loading->instance);
        loading->instance = NULL;
    }
    return outcome;
}

/* Whether another program replaced a generation while it was read. */
static int has_moved(struct loader *loader)
{
    int has = 0;
    for (size_t i = 0; i < loader->loading->count; i++) {
        int shelf = store_shelf(loader->store, loader->loading->coalitions[i].name);
        int64_t first = loader->candidates[i].numbers[0], current = shelf < 0 ? 0 : store_current(shelf);
        has |= current > 0 && current != first;
        if (shelf >= 0) {
            close(shelf);
        }
    }
    return has;
}

static void forget(struct loader *loader)
{
    for (size_t i = 0; loader->candidates && i < loader->loading->count; i++) {
        free(loader->candidates[i].numbers);
    }
    free(loader->candidates);
    loader->candidates = NULL;
}

int load(struct interdict_store *store, const struct choices *choices, int64_t now, struct loading *loading,
         struct interdict_error *error)
{
    struct loader loader = {.store = store, .choices = choices, .now = now, .loading = loading, .error = error};
    int failed = 0;
    for (int attempts = 0; attempts < MOST_ATTEMPTS; attempts++) {
        memset(loading, 0, sizeof *loading);
        failed = loader_read(&loader);
        enum outcome outcome = failed ? BROKEN : AGAIN;
        int is_stale = 0;
        while (outcome == AGAIN && !is_stale) {
            outcome = attempt(&loader, &failed);
            is_stale = outcome == AGAIN && attempts + 1 < MOST_ATTEMPTS && has_moved(&loader);
        }
        if (outcome == WHOLE) {
            failed = loader_finish(&loader);
        }
        forget(&loader);
        if (!is_stale) {
            break;
        }
        loading_free(loading);
    }
    if (failed != 0) {
        interdict_instance_free(loading->instance);
        loading->instance = NULL;
        loading_free(loading);
    }
    return failed;
}
