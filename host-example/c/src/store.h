/* The state directory, docs/store.md. */
#ifndef INTERDICT_SRC_STORE_H
#define INTERDICT_SRC_STORE_H

#include <interdict_host.h>
#include <stdint.h>

#include "files.h"
#include "text.h"

enum {
    LOCK_PATIENCE_MS = 200,
    MAX_ENROLMENT = 4 << 20,
    /* More than the longest history: 256 lists with ids of 65 bytes. */
    MAX_HISTORY = 32 << 10,
    MAX_KEYS = 64 << 10,
    MAX_INVENTORY = 4 << 10,
    MAX_NAME = 32
};

struct interdict_store {
    int directory;
    char *path;
    /* Where relative paths of repositories start. */
    char *parent;
    char **coalitions;
    size_t count;
    int is_lost;
};

/* Whether it is a coalition's name: 1 to 32 of a-z 0-9 -, no hyphen at either end. */
int store_is_coalition(const char *name);
/* A coalition's directory, or -1. */
int store_shelf(const struct interdict_store *store, const char *coalition);
/* The number that a text gives, with white space at its end; -1 if it is none. */
int64_t store_number(const char *text, size_t length);
/* The generation that `current` names; 0 if there is none, -1 if it is damaged. */
int64_t store_current(int shelf);
/* The numbers of all generations, the highest first; 0 at the end. NULL if memory ran out. */
int64_t *store_generations(int shelf);
void store_generation_name(int64_t number, char name[40]);
/* The receipt key: 64 digits and a zero byte. FOUND, NOT_FOUND, or NOT_READABLE if it is damaged. */
enum found store_receipt_key(int directory, char key[65]);
/* Adds what is new in the directory to its inventory. The caller has the lock. A damaged one stays as it is. */
void store_take_stock(int directory);
/* The same, if nobody has the lock. */
void store_try_stock(const struct interdict_store *store);
/* What was changed when, of all that instances are built from. */
uint64_t store_stamp(const struct interdict_store *store);
int store_open(const char *path, struct interdict_store **opened, struct interdict_error *error);
/* Goes on with what has the directory's name now: it may have been replaced as a whole. An error if there is none. */
int store_follow(struct interdict_store *store, struct interdict_error *error);
/* Reads the enrolments again. */
int store_look(struct interdict_store *store, struct interdict_error *error);

#endif
