#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <interdict.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enrol.h"
#include "fault.h"
#include "walk.h"

enum { MAX_DOCUMENT = 4 << 20, MOST_DAMAGED = 4, MOST_ATTEMPTS = 4 };

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

/* -------------------------------------------------------------------------------------------------- names */

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

/* ---------------------------------------------------------------------------------------- what is on the disk */

static void warn_if_open(struct loader *loader, int directory, const char *folder, const char *name)
{
    struct stat about;
    if (fstatat(directory, name, &about, 0) == 0 && (about.st_mode & 077)) {
        warn(&loader->loading->warnings, "%s/%s%s holds secrets and others on this machine may read it; chmod 600",
             loader->store->path, folder, name);
    }
}

/* Keys that another program opened. */
static void read_keys(struct loader *loader, int shelf, struct loaded *one)
{
    struct content content;
    enum found found = files_read_whole(shelf, "opened.keys", MAX_KEYS, &content);
    if (found == NOT_READABLE) {
        warn(&loader->loading->warnings, "%s: opened.keys cannot be read", one->name);
    }
    if (found != FOUND) {
        return;
    }
    for (char *line = content.data; *line;) {
        size_t length = strcspn(line, "\n");
        int is_last = line[length] == 0;
        line[length] = 0;
        if (length == 64 && strspn(line, "0123456789abcdef") == 64) {
            names_add(&one->keys, line);
        } else if (length > 0) {
            warn(&loader->loading->warnings, "%s: a line of opened.keys is no key", one->name);
        }
        line += is_last ? length : length + 1;
    }
    explicit_bzero(content.data, content.length);
    free(content.data);
}

/* The saved history, or "none". What is no plain text would make the whole message malformed. */
static void read_history(struct loader *loader, int shelf, struct loaded *one)
{
    struct content content;
    enum found found = files_read_whole(shelf, "history", MAX_HISTORY, &content);
    int is_plain = found == FOUND;
    for (size_t i = 0; is_plain && i < content.length; i++) {
        is_plain = content.data[i] >= 0x20 && content.data[i] < 0x7f;
    }
    if (!is_plain && found != NOT_FOUND) {
        warn(&loader->loading->warnings, "%s: the history is damaged; refresh", one->name);
    }
    one->history = strdup(is_plain ? content.data : "none");
    free(content.data);
}

static int read_generations(struct loader *loader, int shelf, struct loaded *one, struct candidate *candidate)
{
    int64_t current = store_current(shelf);
    int64_t *found = store_generations(shelf);
    size_t count = 0, kept = 0;
    while (found && found[count]) {
        count++;
    }
    candidate->numbers = calloc(count + 2, sizeof *candidate->numbers);
    if (!found || !candidate->numbers) {
        free(found);
        return fault_memory(loader->error);
    }
    if (current < 0) {
        warn(&loader->loading->warnings, "%s: current is damaged, so no list is loaded; refresh", one->name);
    }
    if (current > 0) {
        candidate->numbers[kept++] = current;
    }
    for (size_t i = 0; i < count && current > 0; i++) {
        if (found[i] < current) {
            candidate->numbers[kept++] = found[i];
        }
    }
    free(found);
    return 0;
}

static int read_coalition(struct loader *loader, const char *name, struct loaded *one, struct candidate *candidate)
{
    struct value repository;
    snprintf(one->name, sizeof one->name, "%s", name);
    int shelf = store_shelf(loader->store, name);
    enum found found = shelf < 0 ? NOT_READABLE : files_read_whole(shelf, "enrolment.json", MAX_ENROLMENT, &one->enrolment);
    int failed = 0;
    if (found != FOUND || !json_is_object(one->enrolment.data, one->enrolment.length)) {
        failed = fault(loader->error, INTERDICT_ERROR_STORE_DAMAGED, "%s/%s/enrolment.json is damaged; enrol again", loader->store->path,
                       name);
    } else {
        if (json_member((struct value){one->enrolment.data, one->enrolment.length}, "repository", &repository) &&
            (one->repository = malloc(repository.length + 1))) {
            json_string(repository, one->repository, repository.length + 1);
        }
        char folder[MAX_NAME + 2];
        snprintf(folder, sizeof folder, "%s/", name);
        warn_if_open(loader, shelf, folder, "enrolment.json");
        read_history(loader, shelf, one);
        read_keys(loader, shelf, one);
        failed = read_generations(loader, shelf, one, candidate);
    }
    if (shelf >= 0) {
        close(shelf);
    }
    return failed ? failed : one->history ? 0 : fault_memory(loader->error);
}

static int read_all(struct loader *loader)
{
    struct loading *loading = loader->loading;
    loading->stamp = store_stamp(loader->store);
    int failed = store_look(loader->store, loader->error);
    if (failed != 0) {
        return failed;
    }
    size_t count = loader->store->count;
    loading->coalitions = calloc(count + 1, sizeof *loading->coalitions);
    loader->candidates = calloc(count + 1, sizeof *loader->candidates);
    if (!loading->coalitions || !loader->candidates) {
        return fault_memory(loader->error);
    }
    loading->count = count;
    for (size_t i = 0; failed == 0 && i < count; i++) {
        failed = read_coalition(loader, loader->store->coalitions[i], &loading->coalitions[i], &loader->candidates[i]);
    }
    return failed;
}

/* ----------------------------------------------------------------------------------------------- configure */

static int call_configure(struct loader *loader, struct buffer *message, struct interdict_error *error)
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
        int failed = call_configure(loader, &message, &why);
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

/* ------------------------------------------------------------------------------------- secrets and choices */

static int give_secrets(struct loader *loader)
{
    static const char *const receipts[] = {NULL, "findings", "never"};
    char key[65];
    struct buffer message = {0};
    buffer_say(&message, "{\"module\":\"");
    buffer_say(&message, interdict_module_sha256(loader->choices->module));
    buffer_say(&message, "\"");
    if (store_receipt_key(loader->store->directory, key) == FOUND) {
        buffer_say(&message, ",\"receipt_key\":\"");
        buffer_say(&message, key);
        buffer_say(&message, "\"");
    } else if (loader->loading->count > 0) {
        warn(&loader->loading->warnings, "%s/receipt.key is gone, so verdicts have no receipts; restore it", loader->store->path);
    }
    explicit_bzero(key, sizeof key);
    const char *when = receipts[loader->choices->receipts];
    if (when) {
        buffer_say(&message, ",\"receipts\":\"");
        buffer_say(&message, when);
        buffer_say(&message, "\"");
    }
    if (loader->store->is_lost) {
        buffer_say(&message, ",\"state_lost\":true");
        warn(&loader->loading->warnings, "%s lacks something that it had; interdict status names it", loader->store->path);
    }
    buffer_say(&message, "}");
    return call_configure(loader, &message, loader->error);
}

static int give_policy(struct loader *loader)
{
    struct buffer message = {0};
    if (!loader->choices->policy) {
        return 0;
    }
    buffer_say(&message, "{\"policy\":");
    buffer_add(&message, loader->choices->policy, loader->choices->policy_length);
    buffer_say(&message, "}");
    return call_configure(loader, &message, loader->error);
}

/* Gives the documents in a folder: each alone first, so that one that is refused is left out, then all together. */
static int give_documents(struct loader *loader, const char *kind)
{
    int folder = files_open_directory(loader->store->directory, kind);
    char **names = folder < 0 ? NULL : files_names(folder);
    struct buffer taken = {0};
    struct interdict_error why = {0};
    int failed = 0;
    for (char **name = names; failed == 0 && name && *name; name++) {
        size_t length = strlen(*name);
        struct content content;
        struct buffer one = {0}, alone = {0};
        if (length < 6 || strcmp(*name + length - 5, ".json") != 0) {
            continue;
        }
        if (files_read_whole(folder, *name, MAX_DOCUMENT, &content) != FOUND) {
            warn(&loader->loading->warnings, "%s/%s cannot be read and is left out", kind, *name);
            continue;
        }
        buffer_base64(&one, content.data, content.length);
        free(content.data);
        buffer_say(&alone, "{\"");
        buffer_say(&alone, kind);
        buffer_say(&alone, "\":[\"");
        buffer_add(&alone, one.data, one.length);
        buffer_say(&alone, "\"]}");
        failed = call_configure(loader, &alone, &why);
        if (failed == INTERDICT_ERROR_REFUSED) {
            warn(&loader->loading->warnings, "%s/%s is left out: %s", kind, *name, why.message);
            failed = 0;
        } else if (failed == 0) {
            buffer_say(&taken, taken.length ? "\",\"" : "");
            buffer_add(&taken, one.data, one.length);
        }
        buffer_free(&one);
    }
    if (failed == 0 && taken.length > 0) {
        struct buffer all = {0};
        buffer_say(&all, "{\"");
        buffer_say(&all, kind);
        buffer_say(&all, "\":[\"");
        buffer_add(&all, taken.data, taken.length);
        buffer_say(&all, "\"]}");
        failed = call_configure(loader, &all, &why);
    }
    if (failed == INTERDICT_ERROR_REFUSED) { /* what is fine alone can be too much together */
        struct buffer none = {0};
        warn(&loader->loading->warnings, "%s are left out: %s", kind, why.message);
        buffer_say(&none, "{\"");
        buffer_say(&none, kind);
        buffer_say(&none, "\":[]}");
        failed = call_configure(loader, &none, &why);
    }
    buffer_free(&taken);
    files_free_names(names);
    if (folder >= 0) {
        close(folder);
    }
    fault_copy(loader->error, failed ? &why : NULL);
    return failed;
}

/* Warns of sealed keys that nobody opened: the enrolment has no key of their epoch, and there are no others. */
static void warn_of_sealed(struct loader *loader, const struct loaded *one)
{
    char folder[40], text[32];
    struct value keys, key, epoch;
    store_generation_name(one->generation, folder);
    int shelf = store_shelf(loader->store, one->name);
    int directory = shelf < 0 || !one->generation ? -1 : files_open_directory(shelf, folder);
    char **names = directory < 0 || one->keys.count ? NULL : files_names(directory);
    for (char **name = names; name && *name; name++) {
        const char *at = strstr(*name, "epoch-");
        long number = at && strstr(at, ".key.age") ? strtol(at + 6, NULL, 10) : 0;
        int is_known = number == 0;
        snprintf(text, sizeof text, "%ld", number);
        if (json_member((struct value){one->enrolment.data, one->enrolment.length}, "keys", &keys)) {
            for (key = (struct value){NULL, 0}; !is_known && json_next(keys, &key);) {
                is_known = json_member(key, "epoch", &epoch) && json_is(epoch, text);
            }
        }
        if (!is_known) {
            warn(&loader->loading->warnings, "%s: a list key is sealed; run interdict refresh, which opens sealed keys", one->name);
        }
    }
    files_free_names(names);
    if (directory >= 0) {
        close(directory);
    }
    if (shelf >= 0) {
        close(shelf);
    }
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

static int finish(struct loader *loader)
{
    int failed = give_secrets(loader);
    failed = failed ? failed : give_policy(loader);
    failed = failed ? failed : give_documents(loader, "overrides");
    failed = failed ? failed : give_documents(loader, "clearances");
    for (size_t i = 0; failed == 0 && i < loader->loading->count; i++) {
        warn_of_sealed(loader, &loader->loading->coalitions[i]);
    }
    warn_if_open(loader, loader->store->directory, "", "receipt.key");
    warn_if_open(loader, loader->store->directory, "", "member.key");
    return failed;
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
        failed = read_all(&loader);
        enum outcome outcome = failed ? BROKEN : AGAIN;
        int is_stale = 0;
        while (outcome == AGAIN && !is_stale) {
            outcome = attempt(&loader, &failed);
            is_stale = outcome == AGAIN && attempts + 1 < MOST_ATTEMPTS && has_moved(&loader);
        }
        if (outcome == WHOLE) {
            failed = finish(&loader);
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
