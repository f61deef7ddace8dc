#define _GNU_SOURCE
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"

static const char *const SECRETS[] = {"member.key", "receipt.key"};

int store_is_coalition(const char *name)
{
    size_t length = strlen(name);
    if (length < 1 || length > MAX_NAME || name[0] == '-' || name[length - 1] == '-') {
        return 0;
    }
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

int store_shelf(const struct interdict_store *store, const char *coalition)
{
    return files_open_directory(store->directory, coalition);
}

int64_t store_number(const char *text, size_t length)
{
    while (length > 0 && strchr(" \t\r\n", text[length - 1])) {
        length--;
    }
    int64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || i >= 18) {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    return length > 0 ? number : -1;
}

int64_t store_current(int shelf)
{
    struct content content;
    enum found found = files_read_whole(shelf, "current", 32, &content);
    if (found != FOUND) {
        return found == NOT_FOUND ? 0 : -1;
    }
    int64_t number = store_number(content.data, content.length);
    free(content.data);
    return number > 0 ? number : -1;
}

void store_generation_name(int64_t number, char name[40])
{
    snprintf(name, 40, "generation-%lld", (long long)number);
}

static int downwards(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? 1 : a > b ? -1 : 0;
}

int64_t *store_generations(int shelf)
{
    char **names = files_names(shelf);
    size_t count = 0, found = 0;
    for (char **name = names; name && *name; name++) {
        count++;
    }
    int64_t *numbers = calloc(count + 1, sizeof *numbers);
    for (size_t i = 0; numbers && i < count; i++) {
        static const char prefix[] = "generation-";
        size_t skip = sizeof prefix - 1;
        int64_t number = strncmp(names[i], prefix, skip) == 0 ? store_number(names[i] + skip, strlen(names[i] + skip)) : -1;
        if (number > 0) {
            numbers[found++] = number;
        }
    }
    files_free_names(names);
    if (numbers) {
        qsort(numbers, found, sizeof *numbers, downwards);
    }
    return numbers;
}

enum found store_receipt_key(int directory, char key[65])
{
    struct content content;
    enum found found = files_read_whole(directory, "receipt.key", 128, &content);
    if (found != FOUND) {
        return found;
    }
    int is_whole = content.length >= 64 && strspn(content.data, "0123456789abcdef") == 64 &&
                   strspn(content.data + 64, " \t\r\n") == content.length - 64;
    if (is_whole) {
        memcpy(key, content.data, 64);
        key[64] = 0;
    }
    explicit_bzero(content.data, content.length);
    free(content.data);
    return is_whole ? FOUND : NOT_READABLE;
}

/* Whether `member.key` is absent or has the form of one: this host never opens what is sealed to it. */
static int is_member_key_fine(int directory)
{
    struct content content;
    enum found found = files_read_whole(directory, "member.key", 128, &content);
    if (found != FOUND) {
        return found == NOT_FOUND;
    }
    static const char prefix[] = "AGE-SECRET-KEY-1";
    size_t skip = sizeof prefix - 1, digits = 0;
    int is_fine = strncmp(content.data, prefix, skip) == 0;
    if (is_fine) {
        digits = strspn(content.data + skip, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L");
        is_fine = digits == 58 && strspn(content.data + skip + digits, " \t\r\n") == content.length - skip - digits;
    }
    explicit_bzero(content.data, content.length);
    free(content.data);
    return is_fine;
}

/* ---------------------------------------------------------------------------------------------- inventory */

static int is_counted(const char *name)
{
    return strcmp(name, SECRETS[0]) == 0 || strcmp(name, SECRETS[1]) == 0 || store_is_coalition(name);
}

static int is_here(int directory, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, strchr(name, '.') ? "%s" : "%s/enrolment.json", name);
    return files_exists(directory, path);
}

static void write_inventory(struct buffer *text, char **names)
{
    int64_t count = 0;
    for (char **name = names; *name; name++) {
        count++;
    }
    buffer_say(text, "interdict-inventory-1 ");
    buffer_number(text, count);
    buffer_say(text, "\n");
    for (char **name = names; *name; name++) {
        buffer_say(text, *name);
        buffer_say(text, "\n");
    }
}

static int by_bytes(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Adds a name where it belongs, unless it is there. */
static char **with(char **names, const char *name)
{
    size_t count = 0;
    for (; names && names[count]; count++) {
        if (strcmp(names[count], name) == 0) {
            return names;
        }
    }
    char **grown = realloc(names, (count + 2) * sizeof *names);
    if (!grown) {
        files_free_names(names);
        return NULL;
    }
    grown[count] = strdup(name);
    grown[count + 1] = NULL;
    if (grown[count]) {
        qsort(grown, count + 1, sizeof *grown, by_bytes);
    }
    return grown;
}

/* What the inventory names. FOUND; NOT_FOUND; NOT_READABLE if it has another form. */
static enum found inventory(int directory, char ***names)
{
    struct content content;
    *names = calloc(1, sizeof **names);
    enum found found = files_read_whole(directory, "inventory.txt", MAX_INVENTORY, &content);
    if (found != FOUND || !*names) {
        return *names ? found : NOT_READABLE;
    }
    char *rest = content.data, *copy = strdup(content.data);
    if (copy && strlen(copy) == content.length) {
        char *line = strtok_r(copy, "\n", &rest);
        while (*names && line && (line = strtok_r(NULL, "\n", &rest))) {
            *names = is_counted(line) ? with(*names, line) : *names;
        }
    }
    struct buffer text = {0};
    if (*names) {
        write_inventory(&text, *names);
    }
    int is_same = text.length == content.length && memcmp(text.data, content.data, text.length) == 0;
    buffer_free(&text);
    free(copy);
    free(content.data);
    return is_same ? FOUND : NOT_READABLE;
}

static int is_lost(int directory)
{
    char **names;
    enum found found = inventory(directory, &names);
    int lost = found == NOT_READABLE;
    for (char **name = names; !lost && name && *name; name++) {
        lost = !is_here(directory, *name);
    }
    files_free_names(names);
    return lost;
}

void store_take_stock(int directory)
{
    char **names, **here = files_names(directory);
    if (inventory(directory, &names) != NOT_READABLE && here) {
        struct buffer before = {0}, after = {0};
        write_inventory(&before, names);
        for (char **name = here; names && *name; name++) {
            names = is_counted(*name) && is_here(directory, *name) ? with(names, *name) : names;
        }
        if (names) {
            write_inventory(&after, names);
        }
        int is_same = before.length == after.length && memcmp(before.data, after.data, after.length) == 0;
        if (names && !after.failed && (!is_same || !files_exists(directory, "inventory.txt"))) {
            files_write(directory, "inventory.txt", after.data, after.length);
        }
        buffer_free(&before);
        buffer_free(&after);
    }
    files_free_names(names);
    files_free_names(here);
}

void store_try_stock(const struct interdict_store *store)
{
    int lock = files_lock(store->directory, "lock", 0, 0);
    if (lock >= 0) {
        store_take_stock(store->directory);
        close(lock);
    }
}

/* ------------------------------------------------------------------------------------------------ the store */

static int damaged(struct interdict_error *error, const struct interdict_store *store, const char *name, const char *why)
{
    return fault(error, INTERDICT_ERROR_STORE_DAMAGED, "%s/%s: %s", store->path, name, why);
}

/* Whether this entry is a coalition: 1 or 0, or an error. */
static int look_at(const struct interdict_store *store, const char *name, struct interdict_error *error)
{
    int shelf = store_is_coalition(name) ? store_shelf(store, name) : -1;
    if (shelf < 0) {
        return 0;
    }
    int is_enrolled = files_exists(shelf, "enrolment.json");
    int result = is_enrolled;
    if (files_exists(shelf, "pages")) {
        result = damaged(error, store, name,
                         "pages of records were removed, and records are loaded whole; delete the folder pages, then refresh");
    } else if (!is_enrolled && files_exists(shelf, "current")) {
        result = damaged(error, store, name, "the enrolment is gone; restore it, or enrol again");
    }
    close(shelf);
    return result;
}

int store_look(struct interdict_store *store, struct interdict_error *error)
{
    char key[65], **names = files_names(store->directory);
    files_free_names(store->coalitions);
    store->coalitions = calloc(1, sizeof *store->coalitions);
    store->count = 0;
    int failed = names && store->coalitions ? 0 : damaged(error, store, ".", "the directory cannot be read");
    for (char **name = names; failed == 0 && *name; name++) {
        int found = look_at(store, *name, error);
        failed = found < 0 ? found : 0;
        if (found == 1) {
            store->coalitions = with(store->coalitions, *name);
            store->count++;
            failed = store->coalitions ? 0 : fault_memory(error);
        }
    }
    files_free_names(names);
    if (failed == 0 && store_receipt_key(store->directory, key) == NOT_READABLE) {
        failed = damaged(error, store, "receipt.key", "damaged; restore it, or interdict state accept makes another");
    }
    explicit_bzero(key, sizeof key);
    if (failed == 0 && !is_member_key_fine(store->directory)) {
        failed = damaged(error, store, "member.key", "damaged; restore it, or interdict state accept makes another");
    }
    store->is_lost = is_lost(store->directory);
    return failed;
}

int store_open(const char *path, struct interdict_store **opened, struct interdict_error *error)
{
    if (!path) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no path");
    }
    struct interdict_store *store = calloc(1, sizeof *store);
    if (!store) {
        return fault_memory(error);
    }
    store->directory = files_open_directory(AT_FDCWD, path);
    store->path = strdup(path);
    char *real = realpath(path, NULL);
    if (real) {
        char *slash = strrchr(real, '/');
        *(slash == real ? slash + 1 : slash) = 0;
    }
    store->parent = real;
    if (store->directory < 0 || !store->path || !real) {
        interdict_store_close(store);
        return fault(error, INTERDICT_ERROR_STORE_MISSING, "%s: there is no state directory here; enrol first", path);
    }
    *opened = store;
    return 0;
}

int interdict_store_open(const char *directory, interdict_store **store, struct interdict_error *error)
{
    fault_clear(error);
    if (!store) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no place for the store");
    }
    *store = NULL;
    struct interdict_store *opened = NULL;
    int failed = store_open(directory, &opened, error);
    if (failed == 0) {
        failed = store_look(opened, error);
    }
    if (failed != 0) {
        interdict_store_close(opened);
        return failed;
    }
    *store = opened;
    return 0;
}

int store_follow(struct interdict_store *store, struct interdict_error *error)
{
    struct stat held, named;
    int directory = open(store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        return fault(error, INTERDICT_ERROR_STORE_DAMAGED, "%s: the state directory is gone; restore it", store->path);
    }
    if (fstat(store->directory, &held) != 0 || fstat(directory, &named) != 0 || held.st_dev != named.st_dev ||
        held.st_ino != named.st_ino) {
        dup3(directory, store->directory, O_CLOEXEC);
    }
    close(directory);
    return 0;
}

void interdict_store_close(interdict_store *store)
{
    if (store) {
        if (store->directory >= 0) {
            close(store->directory);
        }
        files_free_names(store->coalitions);
        free(store->path);
        free(store->parent);
        free(store);
    }
}

size_t interdict_store_count(const interdict_store *store)
{
    return store ? store->count : 0;
}

const char *interdict_store_coalition(const interdict_store *store, size_t index)
{
    return store && index < store->count ? store->coalitions[index] : NULL;
}

int interdict_store_is_lost(const interdict_store *store)
{
    return store && store->is_lost;
}

/* ------------------------------------------------------------------------------------------------- stamps */

static void mix(uint64_t *stamp, const void *data, size_t length)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < length; i++) {
        *stamp = (*stamp ^ bytes[i]) * 0x100000001b3u;
    }
}

static void stamp_file(uint64_t *stamp, int directory, const char *name)
{
    struct stat about;
    if (fstatat(directory, name, &about, 0) == 0) {
        mix(stamp, name, strlen(name));
        mix(stamp, &about.st_mtim, sizeof about.st_mtim);
        mix(stamp, &about.st_size, sizeof about.st_size);
        mix(stamp, &about.st_ino, sizeof about.st_ino);
    }
}

static void stamp_folder(uint64_t *stamp, int directory, const char *name)
{
    int folder = files_open_directory(directory, name);
    char **names = folder < 0 ? NULL : files_names(folder);
    for (char **one = names; one && *one; one++) {
        stamp_file(stamp, folder, *one);
    }
    mix(stamp, name, strlen(name));
    files_free_names(names);
    if (folder >= 0) {
        close(folder);
    }
}

uint64_t store_stamp(const struct interdict_store *store)
{
    static const char *const counted[] = {"current", "history", "enrolment.json", "opened.keys"};
    uint64_t stamp = 0xcbf29ce484222325u;
    char **names = files_names(store->directory);
    for (char **name = names; name && *name; name++) {
        int shelf = store_is_coalition(*name) ? store_shelf(store, *name) : -1;
        for (size_t i = 0; shelf >= 0 && i < sizeof counted / sizeof *counted; i++) {
            stamp_file(&stamp, shelf, counted[i]);
        }
        if (shelf >= 0) {
            mix(&stamp, *name, strlen(*name));
            close(shelf);
        }
    }
    files_free_names(names);
    stamp_folder(&stamp, store->directory, "overrides");
    stamp_folder(&stamp, store->directory, "clearances");
    stamp_file(&stamp, store->directory, "receipt.key");
    return stamp;
}
