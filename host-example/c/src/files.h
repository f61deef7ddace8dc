/* Files that are whole or absent, within a directory that is open. No name leads out of it, no pipe is waited for. */
#ifndef INTERDICT_SRC_FILES_H
#define INTERDICT_SRC_FILES_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a file, freed with free(). */
struct content {
    char *data;
    size_t length;
};

enum found { FOUND, NOT_FOUND, NOT_READABLE };

/* Whether a name from the module stays in its directory: 1 to 200 of a-z 0-9 . - _ %, no dot in front, no `..`. */
int files_is_name(const char *name, size_t length);
/* A directory within another, or -1. AT_FDCWD is the working directory. */
int files_open_directory(int directory, const char *name);
/* The first `most` bytes of a regular file. */
enum found files_read(int directory, const char *name, size_t most, struct content *content);
/* The same of a file that must not be longer: a longer one is not readable. */
enum found files_read_whole(int directory, const char *name, size_t most, struct content *content);
int files_exists(int directory, const char *name);
/* Makes a directory for its owner alone, in place of anything else of this name. 0, or -1 and errno. */
int files_make_directory(int directory, const char *name);
/* Replaces a file in one step, forced to the disk. 0, or -1 and errno. */
int files_write(int directory, const char *name, const void *data, size_t length);
/* Gives a file a second name in another directory, or copies it. 0, or -1 and errno. */
int files_link(int from, const char *name, int to);
/* Removes whatever has this name, with all that is in it. 0, or -1 and errno. */
int files_clear(int directory, const char *name);
/* Forces a directory to the disk. */
int files_sync(int directory);
/* Takes a lock: its file, -1 if another has it after 200 ms (errno EWOULDBLOCK) or for any other reason. Closing it gives
   it back. */
int files_lock(int directory, const char *name, int is_shared, int patience_ms);
/* Names in a directory, in the order of their bytes; NULL at the end. NULL if it cannot be read. */
char **files_names(int directory);
void files_free_names(char **names);

#endif
