#define _GNU_SOURCE
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_MS = 10, DEEPEST = 16, CHUNK = 1 << 16 };

int files_is_name(const char *name, size_t length)
{
    if (length < 1 || length > 200 || name[0] == '.') {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        int is_allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '%';
        if (!is_allowed || (c == '.' && i + 1 < length && name[i + 1] == '.')) {
            return 0;
        }
    }
    return 1;
}

int files_open_directory(int directory, const char *name)
{
    return openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Opens a regular file without waiting for anybody. */
static int open_regular(int directory, const char *name, int flags)
{
    struct stat about;
    int file = openat(directory, name, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    if (file >= 0 && (fstat(file, &about) != 0 || !S_ISREG(about.st_mode))) {
        close(file);
        errno = EINVAL;
        return -1;
    }
    return file;
}

enum found files_read(int directory, const char *name, size_t most, struct content *content)
{
    *content = (struct content){NULL, 0};
    int file = open_regular(directory, name, O_RDONLY);
    if (file < 0) {
        return errno == ENOENT || errno == ENOTDIR ? NOT_FOUND : NOT_READABLE;
    }
    struct stat about;
    size_t capacity = fstat(file, &about) == 0 && about.st_size > 0 ? (size_t)about.st_size : 0;
    capacity = capacity < most ? capacity : most;
    char *data = malloc(capacity + 1);
    size_t length = 0;
    while (data && length < most) {
        if (length == capacity) { /* it grew, or there is one more byte to look for */
            size_t larger = capacity + CHUNK < most ? capacity + CHUNK : most;
            char *grown = realloc(data, larger + 1);
            if (!grown) {
                free(data);
                data = NULL;
                break;
            }
            data = grown;
            capacity = larger;
        }
        ssize_t count = read(file, data + length, capacity - length);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            free(data);
            data = NULL;
        }
        if (count <= 0) {
            break;
        }
        length += (size_t)count;
    }
    close(file);
    if (!data) {
        return NOT_READABLE;
    }
    data[length] = 0;
    *content = (struct content){data, length};
    return FOUND;
}

enum found files_read_whole(int directory, const char *name, size_t most, struct content *content)
{
    enum found found = files_read(directory, name, most + 1, content);
    if (found == FOUND && content->length > most) {
        free(content->data);
        *content = (struct content){NULL, 0};
        return NOT_READABLE;
    }
    return found;
}

int files_exists(int directory, const char *name)
{
    struct stat about;
    return fstatat(directory, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
}

int files_sync(int directory)
{
    return fsync(directory);
}

int files_make_directory(int directory, const char *name)
{
    struct stat about;
    if (fstatat(directory, name, &about, 0) == 0 && S_ISDIR(about.st_mode)) {
        return 0;
    }
    if (files_clear(directory, name) != 0) {
        return -1;
    }
    return mkdirat(directory, name, 0700);
}

static int write_all(int file, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t count = write(file, data, length);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return -1;
        }
        data += count;
        length -= (size_t)count;
    }
    return fsync(file);
}

/* Makes a new file, whole and on the disk. */
static int create(int directory, const char *name, const void *data, size_t length)
{
    int file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return -1;
    }
    int failed = write_all(file, data, length);
    return close(file) == 0 && failed == 0 ? 0 : -1;
}

int files_write(int directory, const char *name, const void *data, size_t length)
{
    char staged[256];
    struct stat about;
    snprintf(staged, sizeof staged, ".staged-%s", name);
    if (files_clear(directory, staged) != 0 || create(directory, staged, data, length) != 0) {
        return -1;
    }
    if (fstatat(directory, name, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(about.st_mode) &&
        files_clear(directory, name) != 0) {
        return -1;
    }
    return renameat(directory, staged, directory, name) == 0 ? files_sync(directory) : -1;
}

int files_link(int from, const char *name, int to)
{
    if (linkat(from, name, to, name, 0) == 0) {
        return 0;
    }
    struct content content;
    if (files_read(from, name, SIZE_MAX >> 2, &content) != FOUND) {
        return -1;
    }
    int failed = create(to, name, content.data, content.length);
    free(content.data);
    return failed;
}

static int clear_at(int directory, const char *name, int depth)
{
    if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) {
        return 0;
    }
    if ((errno != EISDIR && errno != EPERM) || depth > DEEPEST) {
        return -1;
    }
    int inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = inner < 0 ? NULL : fdopendir(inner);
    if (!entries) {
        if (inner >= 0) {
            close(inner);
        }
        return -1;
    }
    int failed = 0;
    for (struct dirent *entry; failed == 0 && (entry = readdir(entries));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            failed = clear_at(dirfd(entries), entry->d_name, depth + 1);
        }
    }
    closedir(entries);
    return failed ? failed : unlinkat(directory, name, AT_REMOVEDIR);
}

int files_clear(int directory, const char *name)
{
    return clear_at(directory, name, 0);
}

int files_lock(int directory, const char *name, int is_shared, int patience_ms)
{
    int file = open_regular(directory, name, O_WRONLY | O_CREAT);
    if (file < 0) {
        return -1;
    }
    for (int waited = 0;; waited += PAUSE_MS) {
        if (flock(file, (is_shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0) {
            return file;
        }
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited >= patience_ms) {
            int why = errno;
            close(file);
            errno = why;
            return -1;
        }
        nanosleep(&(struct timespec){0, PAUSE_MS * 1000000L}, NULL);
    }
}

static int by_bytes(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

char **files_names(int directory)
{
    int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);
    if (!entries) {
        if (again >= 0) {
            close(again);
        }
        return NULL;
    }
    size_t count = 0, capacity = 16;
    char **names = calloc(capacity + 1, sizeof *names);
    for (struct dirent *entry; names && (entry = readdir(entries));) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (count == capacity) {
            capacity *= 2;
            char **grown = realloc(names, (capacity + 1) * sizeof *names);
            if (!grown) {
                files_free_names(names);
                names = NULL;
                break;
            }
            names = grown;
        }
        names[count] = strdup(entry->d_name);
        count += names[count] != NULL;
        names[count] = NULL;
    }
    closedir(entries);
    if (names) {
        qsort(names, count, sizeof *names, by_bytes);
    }
    return names;
}

void files_free_names(char **names)
{
    for (char **name = names; name && *name; name++) {
        free(*name);
    }
    free(names);
}
