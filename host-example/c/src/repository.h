/* Where a coalition's files come from: a directory or a web server. It needs no trust, because the module verifies every
   byte; what is bounded here is how much it may send and how long it may take. */
#ifndef INTERDICT_SRC_REPOSITORY_H
#define INTERDICT_SRC_REPOSITORY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "files.h"

struct patience {
    uint32_t connect, response, file;
    /* When the whole refresh must have ended, by now_ms(). */
    int64_t until;
};

struct repository {
    /* Of a directory: its real path. */
    char *directory;
    /* Of a web server. */
    struct http *http;
    struct patience patience;
};

/* A location is a path, a file: URL, or an HTTP(S) URL. Relative paths start at `parent`. 0, or -1 and `why`. */
int repository_open(struct repository *repository, const char *location, const char *parent, int allows_private,
                    struct patience patience, const atomic_int *is_closing, char why[256]);
void repository_close(struct repository *repository);
/* One file of at most `max_size` bytes; of a target first its gzip copy. */
enum found repository_bring(struct repository *repository, const char *path, size_t max_size, int is_target,
                            struct content *content, char why[256]);
/* Whether a path stays below its base: segments of plain characters, others percent-encoded in the one usual way. */
int repository_is_below_base(const char *path);
/* Milliseconds of a clock that never goes back. */
int64_t now_ms(void);

/* A file as it arrives: bounded, and unpacked if it is a gzip copy. */
struct intake {
    size_t max_size;
    /* Bytes that may still arrive. */
    size_t transfer_left;
    struct content content;
    size_t capacity;
    int is_too_large, is_broken, is_done;
    void *unpacker;
};

int intake_begin(struct intake *intake, size_t max_size, int is_gzip);
/* Takes a piece. 0 if nothing more is wanted. */
int intake_take(struct intake *intake, const void *data, size_t length);
/* The whole file: FOUND, or NOT_READABLE and `why`. Frees everything else. */
enum found intake_end(struct intake *intake, struct content *content, char why[256]);

struct http;
struct http *http_open(const char *location, int allows_private, const atomic_int *is_closing, char why[256]);
void http_close(struct http *http);
enum found http_bring(struct http *http, const char *path, const char *suffix, const struct patience *patience,
                      struct intake *intake, char why[256]);

#endif
