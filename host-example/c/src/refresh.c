/* From the repositories to the disk: each coalition on its own, all or nothing (docs/store.md, Writing). The instance that
   walked becomes the live state: nothing is loaded again. */
#define _GNU_SOURCE
#include <errno.h>
#include <interdict.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "gateway.h"
#include "repository.h"
#include "walk.h"

/* One coalition's update under way. */
struct update {
    interdict_gateway *gateway;
    const char *coalition;
    int64_t now;
    /* Both locks, until everything is on the disk. */
    int shared_lock, lock;
    int shelf;
    /* The live set that it began with, and its coalition. */
    struct set *set;
    const struct loaded *saved;
    interdict_instance *clone;
    struct repository repository;
    /* Verified files in `pending`. */
    struct names kept;
    struct interdict_error error;
};

static int cannot_write(struct interdict_error *error, const char *what)
{
    return fault(error, INTERDICT_ERROR_STORE_DAMAGED, "%s cannot be written: %s", what, strerror(errno));
}

/* --------------------------------------------------------------------------------------------------- the walk */

static enum found bring(void *context, const struct fetch *fetch, struct content *content, char why[256])
{
    struct update *update = context;
    if (atomic_load(&update->gateway->is_closing)) {
        snprintf(why, 256, "the gateway is closing");
        return NOT_READABLE;
    }
    return repository_bring(&update->repository, fetch->path, fetch->max_size, !walk_is_metadata(fetch), content, why);
}

static int keep(void *context, const struct fetch *fetch, struct content content, struct interdict_error *error)
{
    struct update *update = context;
    if (files_make_directory(update->shelf, "pending") != 0) {
        return cannot_write(error, "pending");
    }
    int pending = files_open_directory(update->shelf, "pending");
    int failed = pending >= 0 && files_write(pending, fetch->name, content.data, content.length) == 0 ? 0 : cannot_write(error, "pending");
    if (pending >= 0) {
        close(pending);
    }
    if (failed == 0) {
        names_add(&update->kept, fetch->name);
    }
    return failed;
}

/* The history that the module has of the coalition now. Freed by the caller; NULL if there is none. */
static char *history_now(struct update *update)
{
    struct interdict_text answer;
    struct value all, name, history;
    char text[MAX_NAME + 1];
    if (interdict_instance_call(update->clone, INTERDICT_OPERATION_STATE, "{}", 2, update->now, &answer, NULL) != 0 ||
        !json_member((struct value){answer.data, answer.length}, "coalitions", &all)) {
        return NULL;
    }
    for (struct value one = {NULL, 0}; json_next(all, &one);) {
        if (json_member(one, "name", &name) && json_string(name, text, sizeof text) > 0 && strcmp(text, update->coalition) == 0 &&
            json_member(one, "history", &history)) {
            char *copy = malloc(history.length + 1);
            if (copy) {
                json_string(history, copy, history.length + 1);
            }
            return copy;
        }
    }
    return NULL;
}

static int save_history(struct update *update, const char *history)
{
    return files_write(update->shelf, "history", history, strlen(history)) == 0 ? 0 : cannot_write(&update->error, "history");
}

/* The walk did not complete. What it learnt is kept, so that the loss of `pending` is noticed. 1 if that is news. */
static int remember(struct update *update)
{
    char *history = history_now(update);
    int is_news = history && strcmp(history, update->saved->history) != 0;
    if (is_news) {
        struct interdict_error why = update->error;
        if (save_history(update, history) == 0) {
            update->error = why;
        }
    }
    free(history);
    return is_news;
}

/* ---------------------------------------------------------------------------------------------- the generation */

/* The folder that holds a verified file: `pending`, or the generation that loaded. -1 if neither does. */
static int source_of(const struct update *update, const char *name, int pending, int generation)
{
    if (names_has(&update->kept, name) || names_has(&update->saved->pending, name)) {
        return pending;
    }
    return generation;
}

/* Makes a generation of exactly these files. Its number, or an error. */
static int64_t make_generation(struct update *update, const struct names *files, int pending, int old)
{
    char folder[40];
    int64_t *numbers = store_generations(update->shelf);
    int64_t number = numbers ? numbers[0] + 1 : 1;
    free(numbers);
    store_generation_name(number, folder);
    if (files_clear(update->shelf, folder) != 0 || files_make_directory(update->shelf, folder) != 0) {
        return cannot_write(&update->error, folder);
    }
    int made = files_open_directory(update->shelf, folder), failed = made < 0 ? cannot_write(&update->error, folder) : 0;
    for (size_t i = 0; failed == 0 && i < files->count; i++) {
        int from = source_of(update, files->all[i], pending, old);
        if (from < 0 || files_link(from, files->all[i], made) != 0) {
            failed = fault(&update->error, INTERDICT_ERROR_STORE_DAMAGED, "%.100s is neither fetched nor saved", files->all[i]);
        }
    }
    if (failed == 0 && (files_sync(made) != 0 || files_sync(update->shelf) != 0)) {
        failed = cannot_write(&update->error, folder);
    }
    if (made >= 0) {
        close(made);
    }
    if (failed != 0) {
        files_clear(update->shelf, folder);
    }
    return failed ? failed : number;
}

/* Removes pending files and every generation but the new one and the one before. */
static void clear_old(struct update *update, int64_t number)
{
    files_clear(update->shelf, "pending");
    int64_t *numbers = store_generations(update->shelf);
    for (int64_t *one = numbers; one && *one; one++) {
        char folder[40];
        store_generation_name(*one, folder);
        if (*one != number && *one != update->saved->generation) {
            files_clear(update->shelf, folder);
        }
    }
    free(numbers);
}

/* Whether the files are exactly those of the generation that is live. */
static int is_unchanged(const struct update *update, const struct names *files, int old)
{
    size_t count = 0;
    char **names = update->saved->is_current && old >= 0 ? files_names(old) : NULL;
    int is_same = names != NULL;
    for (char **name = names; name && *name; name++) {
        count++;
    }
    for (size_t i = 0; is_same && i < files->count; i++) {
        is_same = !names_has(&update->kept, files->all[i]) && !names_has(&update->saved->pending, files->all[i]) &&
                  files_exists(old, files->all[i]);
    }
    files_free_names(names);
    return is_same && count == files->count;
}

/* Puts a completed walk on the disk. 1 if it brought something, 0 if not, or an error. */
static int settle(struct update *update, const struct names *files)
{
    char folder[40];
    store_generation_name(update->saved->generation, folder);
    int old = update->saved->generation ? files_open_directory(update->shelf, folder) : -1;
    int pending = files_open_directory(update->shelf, "pending");
    int is_news = !is_unchanged(update, files, old);
    int64_t number = is_news ? make_generation(update, files, pending, old) : update->saved->generation;
    int failed = number < 0 ? (int)number : 0;
    if (failed == 0 && is_news) {
        char text[24];
        int length = snprintf(text, sizeof text, "%lld\n", (long long)number);
        failed = files_write(update->shelf, "current", text, (size_t)length) == 0 ? 0 : cannot_write(&update->error, "current");
    }
    if (failed == 0 && is_news) {
        clear_old(update, number);
    } else if (failed == 0) {
        files_clear(update->shelf, "pending");
    }
    if (old >= 0) {
        close(old);
    }
    if (pending >= 0) {
        close(pending);
    }
    return failed ? failed : is_news;
}

/* The names in `files`, which are lines in the instance; each is checked. */
static int read_names(struct interdict_text lines, struct names *files, struct interdict_error *error)
{
    const char *at = lines.data, *end = lines.data + lines.length;
    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at)), *stop = feed ? feed : end;
        char name[201];
        if (!files_is_name(at, (size_t)(stop - at))) {
            return fault(error, INTERDICT_ERROR_ANSWER, "the module gives a file a name that is none");
        }
        snprintf(name, sizeof name, "%.*s", (int)(stop - at), at);
        names_add(files, name);
        at = stop + 1;
    }
    return 0;
}

/* ---------------------------------------------------------------------------------------------- one coalition */

static int is_private_allowed(const interdict_gateway *gateway, const char *coalition)
{
    return gateway->allows_all || names_has(&gateway->allowed, coalition);
}

static int open_repository(struct update *update)
{
    interdict_gateway *gateway = update->gateway;
    char why[256] = "";
    struct patience patience = {gateway->patience_connect, gateway->patience_response, gateway->patience_file,
                                now_ms() + gateway->patience_refresh};
    const char *location = update->saved->repository ? update->saved->repository : "";
    if (repository_open(&update->repository, location, gateway->store->parent, is_private_allowed(gateway, update->coalition), patience,
                        &gateway->is_closing, why) != 0) {
        return fault(&update->error, INTERDICT_ERROR_INVALID, "%s", why);
    }
    return 0;
}

static int take_locks(struct update *update)
{
    update->shared_lock = files_lock(update->gateway->store->directory, "lock", 1, LOCK_PATIENCE_MS);
    if (update->shared_lock >= 0) {
        update->shelf = store_shelf(update->gateway->store, update->coalition);
        update->lock = update->shelf < 0 ? -1 : files_lock(update->shelf, "lock", 0, LOCK_PATIENCE_MS);
    }
    if (update->shared_lock < 0 || update->lock < 0) {
        return errno == EWOULDBLOCK ? fault(&update->error, INTERDICT_ERROR_STORE_BUSY, "another process changes the state directory")
                                    : cannot_write(&update->error, "lock");
    }
    return 0;
}

static void give_locks_back(struct update *update)
{
    const int files[] = {update->lock, update->shelf, update->shared_lock};
    for (int i = 0; i < 3; i++) {
        if (files[i] >= 0) {
            close(files[i]);
        }
    }
}

/* Takes an instance of the live set and clones it, after making sure that the set is what is on the disk. Its reference
   to the set is kept until the end. */
static int begin(struct update *update)
{
    interdict_gateway *gateway = update->gateway;
    interdict_instance *model = NULL;
    struct set *set = NULL;
    pthread_mutex_lock(&gateway->maintenance);
    int failed = 0;
    if (store_stamp(gateway->store) != gateway->live->about.stamp) {
        failed = pool_reload(gateway, update->now, &update->error);
    }
    pthread_mutex_unlock(&gateway->maintenance);
    failed = failed ? failed : pool_take(gateway, update->now, &set, &model, &update->error);
    if (failed != 0) {
        return failed;
    }
    failed = interdict_instance_clone(model, &update->clone, &update->error);
    pthread_mutex_lock(&gateway->lock);
    set->references++;
    gateway->in_flight++;
    pthread_mutex_unlock(&gateway->lock);
    pool_return(gateway, update->now, set, model);
    update->set = set;
    for (size_t i = 0; i < set->about.count; i++) {
        if (strcmp(set->about.coalitions[i].name, update->coalition) == 0) {
            update->saved = &set->about.coalitions[i];
        }
    }
    if (failed == 0 && !update->saved) {
        failed = fault(&update->error, INTERDICT_ERROR_STORE_MISSING, "it is not enrolled any more");
    }
    return failed;
}

/* A copy of what the set was loaded from, with the new state of this coalition. */
static int describe(const struct update *update, const char *history, int64_t generation, struct loading *loading)
{
    const struct loading *old = &update->set->about;
    memset(loading, 0, sizeof *loading);
    loading->coalitions = calloc(old->count + 1, sizeof *loading->coalitions);
    if (!loading->coalitions) {
        return -1;
    }
    loading->count = old->count;
    for (size_t i = 0; i < old->count; i++) {
        const struct loaded *from = &old->coalitions[i];
        struct loaded *to = &loading->coalitions[i];
        int is_new = from == update->saved;
        memcpy(to->name, from->name, sizeof to->name);
        to->repository = from->repository ? strdup(from->repository) : NULL;
        to->history = strdup(is_new ? history : from->history);
        to->generation = is_new ? generation : from->generation;
        to->is_current = is_new ? 1 : from->is_current;
        to->enrolment.data = malloc(from->enrolment.length + 1);
        if (!to->enrolment.data || !to->history) {
            return -1;
        }
        memcpy(to->enrolment.data, from->enrolment.data, from->enrolment.length + 1);
        to->enrolment.length = from->enrolment.length;
        for (size_t k = 0; k < from->keys.count; k++) {
            names_add(&to->keys, from->keys.all[k]);
        }
        for (size_t k = 0; !is_new && k < from->pending.count; k++) {
            names_add(&to->pending, from->pending.all[k]);
        }
    }
    /* Warnings about this coalition's files are over. */
    for (size_t i = 0; i < old->warnings.count; i++) {
        size_t length = strlen(update->coalition);
        const char *warning = old->warnings.all[i];
        if (strncmp(warning, update->coalition, length) != 0 || strncmp(warning + length, ": ", 2) != 0) {
            names_add(&loading->warnings, warning);
        }
    }
    loading->stamp = store_stamp(update->gateway->store);
    return 0;
}

/* Makes the clone the live state, unless somebody swapped meanwhile or it cannot be: then the directory is loaded. */
static int go_live(struct update *update, const char *history)
{
    interdict_gateway *gateway = update->gateway;
    struct loading loading;
    struct set *set = NULL;
    int64_t generation = store_current(update->shelf);
    pthread_mutex_lock(&gateway->maintenance);
    /* A coalition that was configured without a history keeps that doubt until it is given one. */
    int is_alone = gateway->live == update->set && strcmp(update->saved->history, "none") != 0;
    int failed = is_alone ? describe(update, history, generation > 0 ? generation : 0, &loading) : -1;
    if (failed == 0) {
        loading.instance = update->clone;
        update->clone = NULL;
        failed = pool_set(gateway, &loading, &set, NULL);
    }
    if (failed == 0) {
        pool_swap(gateway, set);
    } else {
        if (is_alone) {
            loading_free(&loading);
        }
        failed = pool_reload(gateway, update->now, &update->error);
    }
    pthread_mutex_unlock(&gateway->maintenance);
    return failed;
}

/* Walks, saves, swaps. 1 if it brought something, 0 if not, or an error. */
static int fetch_all(struct update *update)
{
    struct courier courier = {update, bring, keep};
    struct walked walked;
    struct interdict_text history;
    struct names files = {NULL, 0};
    int failed = walk(update->clone, update->coalition, "repository", update->now, &courier, &walked, &update->error);
    if (failed == 0 && !walked.is_completed) {
        failed = fault(&update->error, INTERDICT_ERROR_ANSWER, "the repository's files do not make up a release");
    }
    if (failed != 0) {
        if (walked.is_refused && remember(update)) {
            pthread_mutex_lock(&update->gateway->maintenance);
            pool_reload(update->gateway, update->now, NULL); /* newer metadata counts, though its lists are missing */
            pthread_mutex_unlock(&update->gateway->maintenance);
        }
        return failed;
    }
    failed = read_names(walked.files, &files, &update->error);
    failed = failed ? failed : interdict_instance_walk_text(update->clone, INTERDICT_WALK_HISTORY, &history, &update->error);
    char *copy = failed ? NULL : strndup(history.data, history.length);
    int outcome = failed ? failed : copy ? settle(update, &files) : fault_memory(&update->error);
    if (outcome >= 0 && save_history(update, copy) != 0) {
        outcome = update->error.kind;
    }
    if (outcome >= 0) {
        failed = go_live(update, copy);
        outcome = failed ? failed : outcome;
    }
    names_free(&files);
    free(copy);
    return outcome;
}

static int refresh_one(interdict_gateway *gateway, const char *coalition, int64_t now, struct interdict_error *error)
{
    struct update update = {.gateway = gateway, .coalition = coalition, .now = now, .shared_lock = -1, .lock = -1, .shelf = -1};
    int outcome = take_locks(&update);
    outcome = outcome ? outcome : begin(&update);
    outcome = outcome ? outcome : open_repository(&update);
    outcome = outcome ? outcome : fetch_all(&update);
    repository_close(&update.repository);
    interdict_instance_free(update.clone);
    if (update.set) {
        pool_leave(gateway, update.set);
    }
    names_free(&update.kept);
    give_locks_back(&update);
    *error = update.error;
    return outcome;
}

int refresh_all(interdict_gateway *gateway, int64_t now, struct interdict_error *error)
{
    struct names names = {NULL, 0};
    pthread_mutex_lock(&gateway->maintenance);
    pthread_mutex_lock(&gateway->lock);
    const struct loading *live = &gateway->live->about;
    for (size_t i = 0; i < live->count; i++) {
        names_add(&names, live->coalitions[i].name);
    }
    pthread_mutex_unlock(&gateway->lock);
    pthread_mutex_unlock(&gateway->maintenance);
    (void)error;
    for (size_t i = 0; i < names.count && !atomic_load(&gateway->is_closing); i++) {
        struct interdict_error why = {0};
        int outcome = refresh_one(gateway, names.all[i], now, &why);
        refresh_note(gateway, names.all[i], outcome < 0 ? "failed" : outcome ? "updated" : "unchanged", outcome < 0 ? why.message : NULL, now);
    }
    store_try_stock(gateway->store);
    names_free(&names);
    return 0;
}
