/* What lies in a state directory for each coalition. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"
#include "loader.h"

void loader_warn_if_open(struct loader *loader, int directory, const char *folder, const char *name)
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
        loader_warn_if_open(loader, shelf, folder, "enrolment.json");
        read_history(loader, shelf, one);
        read_keys(loader, shelf, one);
        failed = read_generations(loader, shelf, one, candidate);
    }
    if (shelf >= 0) {
        close(shelf);
    }
    return failed ? failed : one->history ? 0 : fault_memory(loader->error);
}

int loader_read(struct loader *loader)
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
