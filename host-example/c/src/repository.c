#define _GNU_SOURCE
#include "repository.h"

#include <errno.h>
#include <fcntl.h>
#include <interdict_host.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if INTERDICT_ZLIB
#include <zlib.h>
#endif

/* Pieces lie on the stack, of which a thread may have little. */
enum { CHUNK = 1 << 14, MAX_PATH = 1000 };

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Characters that are never encoded: RFC 3986, 2.3. */
static int is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int repository_is_below_base(const char *path)
{
    size_t length = strlen(path);
    if (length == 0 || length > MAX_PATH) {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        int begins = i == 0 || path[i - 1] == '/';
        if (begins && (path[i] == '.' || path[i] == '/')) {
            return 0;
        }
        if (path[i] == '%') {
            int high = digit(path[i + 1]), low = high < 0 ? -1 : digit(path[i + 2]);
            if (low < 0 || is_unreserved((unsigned char)(high << 4 | low))) {
                return 0;
            }
            i += 2;
        } else if (path[i] != '/' && !is_unreserved((unsigned char)path[i])) {
            return 0;
        }
    }
    return path[length - 1] != '/';
}

/* --------------------------------------------------------------------------------------------------- intake */

int intake_begin(struct intake *intake, size_t max_size, int is_gzip)
{
    memset(intake, 0, sizeof *intake);
    intake->max_size = max_size;
    intake->transfer_left = max_size;
    if (!is_gzip) {
        return 0;
    }
    /* Deflate stores what it cannot compress with five bytes in front of each block; the rest is for the header. */
    intake->transfer_left = max_size + max_size / 1024 + 1024;
#if INTERDICT_ZLIB
    z_stream *unpacker = calloc(1, sizeof *unpacker);
    if (unpacker && inflateInit2(unpacker, 15 + 16) == Z_OK) {
        intake->unpacker = unpacker;
        return 0;
    }
    free(unpacker);
#endif
    return -1;
}

static void add(struct intake *intake, const void *data, size_t length)
{
    size_t whole = intake->content.length + length;
    if (whole > intake->max_size) {
        intake->is_too_large = 1;
        return;
    }
    if (whole + 1 > intake->capacity) {
        size_t capacity = whole * 2 < intake->max_size ? whole * 2 : intake->max_size;
        char *grown = realloc(intake->content.data, capacity + 1);
        if (!grown) {
            intake->is_broken = 1;
            return;
        }
        intake->content.data = grown;
        intake->capacity = capacity + 1;
    }
    if (length > 0) {
        memcpy(intake->content.data + intake->content.length, data, length);
    }
    intake->content.length = whole;
}

#if INTERDICT_ZLIB
static void unpack(struct intake *intake, const void *data, size_t length)
{
    unsigned char out[CHUNK];
    z_stream *stream = intake->unpacker;
    stream->next_in = (unsigned char *)data;
    stream->avail_in = (unsigned)length;
    int state = Z_OK;
    while (state == Z_OK && !intake->is_too_large && !intake->is_broken) {
        stream->next_out = out;
        stream->avail_out = sizeof out;
        state = inflate(stream, Z_NO_FLUSH);
        add(intake, out, sizeof out - stream->avail_out);
        if (state == Z_BUF_ERROR || (state == Z_OK && stream->avail_in == 0 && stream->avail_out > 0)) {
            return;
        }
    }
    intake->is_done = state == Z_STREAM_END;
    intake->is_broken |= state != Z_OK && state != Z_STREAM_END;
}
#endif

int intake_take(struct intake *intake, const void *data, size_t length)
{
    if (length > intake->transfer_left) {
        intake->is_too_large = 1;
    } else if (intake->unpacker) {
        intake->transfer_left -= length;
#if INTERDICT_ZLIB
        unpack(intake, data, length);
#endif
    } else {
        intake->transfer_left -= length;
        add(intake, data, length);
    }
    return !intake->is_too_large && !intake->is_broken && !intake->is_done;
}

enum found intake_end(struct intake *intake, struct content *content, char why[256])
{
    int is_cut = intake->unpacker && !intake->is_done;
#if INTERDICT_ZLIB
    if (intake->unpacker) {
        inflateEnd(intake->unpacker);
        free(intake->unpacker);
    }
#endif
    if (!intake->content.data) {
        add(intake, NULL, 0);
    }
    if (intake->is_too_large || intake->is_broken || is_cut || !intake->content.data) {
        snprintf(why, 256, intake->is_too_large ? "the file is larger than it can be" : "the file could not be read whole");
        free(intake->content.data);
        return NOT_READABLE;
    }
    *content = intake->content;
    return FOUND;
}

/* ------------------------------------------------------------------------------------------------- directories */

static enum found bring_file(const struct repository *repository, const char *path, const char *suffix, size_t max_size,
                             int is_gzip, struct content *content, char why[256])
{
    char joined[4096];
    struct stat about;
    size_t base = strlen(repository->directory);
    /* Without its base no file counts as missing: a disk that is not there does not say which root is the newest. */
    if (stat(repository->directory, &about) != 0 || !S_ISDIR(about.st_mode)) {
        snprintf(why, 256, "the repository's directory is gone");
        return NOT_READABLE;
    }
    if (snprintf(joined, sizeof joined, "%s/%s%s", repository->directory, path, suffix) >= (int)sizeof joined) {
        return NOT_READABLE;
    }
    char *real = realpath(joined, NULL);
    if (!real) {
        snprintf(why, 256, "%s", strerror(errno));
        return errno == ENOENT ? NOT_FOUND : NOT_READABLE;
    }
    int is_below = strncmp(real, repository->directory, base) == 0 && (real[base] == '/' || base == 1);
    int file = is_below ? open(real, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    free(real);
    if (file < 0 || fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        snprintf(why, 256, "not a file within the repository");
        if (file >= 0) {
            close(file);
        }
        return NOT_READABLE;
    }
    struct intake intake;
    char piece[CHUNK];
    ssize_t count;
    enum found found = NOT_READABLE;
    if (intake_begin(&intake, max_size, is_gzip) == 0) {
        while ((count = read(file, piece, sizeof piece)) > 0 && intake_take(&intake, piece, (size_t)count)) {
        }
        intake.is_broken |= count < 0;
        found = intake_end(&intake, content, why);
    }
    close(file);
    return found;
}

/* ------------------------------------------------------------------------------------------------------- both */

static enum found bring_form(struct repository *repository, const char *path, size_t max_size, int is_gzip,
                             struct content *content, char why[256])
{
    const char *suffix = is_gzip ? ".gz" : "";
    if (repository->directory) {
        return bring_file(repository, path, suffix, max_size, is_gzip, content, why);
    }
    struct intake intake;
    if (intake_begin(&intake, max_size, is_gzip) != 0) {
        return NOT_READABLE;
    }
    enum found found = http_bring(repository->http, path, suffix, &repository->patience, &intake, why);
    if (found != FOUND) {
        char ignored[256];
        struct content partial = {NULL, 0};
        if (intake.is_too_large) {
            return intake_end(&intake, &partial, why);
        }
        if (intake_end(&intake, &partial, ignored) == FOUND) {
            free(partial.data);
        }
        return found;
    }
    return intake_end(&intake, content, why);
}

enum found repository_bring(struct repository *repository, const char *path, size_t max_size, int is_target,
                            struct content *content, char why[256])
{
    why[0] = 0;
    if (!repository_is_below_base(path)) {
        snprintf(why, 256, "the module asks for a path outside the repository");
        return NOT_READABLE;
    }
    if (now_ms() >= repository->patience.until) {
        snprintf(why, 256, "the repository took longer than a refresh may");
        return NOT_READABLE;
    }
    if (is_target && bring_form(repository, path, max_size, 1, content, why) == FOUND) {
        return FOUND;
    }
    why[0] = 0;
    return bring_form(repository, path, max_size, 0, content, why);
}

int repository_open(struct repository *repository, const char *location, const char *parent, int allows_private,
                    struct patience patience, const atomic_int *is_closing, char why[256])
{
    memset(repository, 0, sizeof *repository);
    repository->patience = patience;
    const char *path = location;
    if (strncmp(location, "file:", 5) == 0) {
        path = location + 5;
        path += strncmp(path, "//localhost/", 12) == 0 ? 11 : strncmp(path, "//", 2) == 0 ? 2 : 0;
    } else if (strstr(location, "://")) {
        repository->http = http_open(location, allows_private, is_closing, why);
        return repository->http ? 0 : -1;
    }
    char joined[4096];
    snprintf(joined, sizeof joined, "%s%s%s", path[0] == '/' ? "" : parent, path[0] == '/' ? "" : "/", path);
    repository->directory = realpath(joined, NULL);
    if (!repository->directory) {
        snprintf(why, 256, "the repository: %s", strerror(errno));
        return -1;
    }
    return 0;
}

void repository_close(struct repository *repository)
{
    free(repository->directory);
    http_close(repository->http);
    memset(repository, 0, sizeof *repository);
}
