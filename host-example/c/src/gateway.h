/* A gateway: a pool of loaded instances that is replaced as a whole. */
#ifndef INTERDICT_SRC_GATEWAY_H
#define INTERDICT_SRC_GATEWAY_H

#include <interdict_host.h>
#include <pthread.h>
#include <stdatomic.h>

#include "load.h"

/* Instances that were loaded from the same files. */
struct set {
    /* Calls that use it, and one more while it is live. */
    size_t references;
    interdict_instance **idle;
    size_t idle_count;
    /* Idle ones and those in calls. */
    size_t alive;
    /* What it was loaded from; without an instance. */
    struct loading about;
};

/* How the last refresh of a coalition ended. */
struct refreshed {
    char name[MAX_NAME + 1];
    const char *outcome;
    char why[512];
    int64_t time;
};

struct interdict_gateway {
    /* Guards everything up to the next comment; held for moments. */
    pthread_mutex_t lock;
    /* An instance came back, the set was swapped, a call ended. */
    pthread_cond_t changed;
    /* The refreshing thread is to stop. */
    pthread_cond_t stopping;
    struct set *live;
    int is_closed;
    size_t in_flight;
    uint64_t traps;
    struct refreshed *refreshed;
    size_t refreshed_count;
    int has_thread, stops;
    pthread_t thread;
    uint32_t interval, jitter;
    /* Read by a transfer under way. */
    atomic_int is_closing;
    /* Held by whoever loads and swaps; never while a repository is waited for. */
    pthread_mutex_t maintenance;
    /* Held by the one refresh under way. */
    pthread_mutex_t refreshing;
    /* Of `maintenance`. */
    struct interdict_store *store;
    /* Never changed. */
    struct choices choices;
    unsigned workers;
    interdict_clock clock;
    void *clock_context;
    interdict_on_receipt on_receipt;
    void *receipt_context;
    int allows_all;
    struct names allowed;
    uint32_t patience_connect, patience_response, patience_file, patience_refresh;
};

/* Begins a call that takes no instance: `closed`, or 0 and then gateway_end(). */
int gateway_begin(interdict_gateway *gateway, struct interdict_error *error);
void gateway_end(interdict_gateway *gateway);
/* The time of a call; -1 if it is out of range. */
int64_t gateway_now(interdict_gateway *gateway, int64_t now);

/* Screens and hands no receipt out. After a refusal the verdict holds it if somebody wants receipts, and else is NULL. */
int gateway_ask(interdict_gateway *gateway, const char *request, size_t length, int64_t now,
                struct interdict_verdict **verdict, struct interdict_error *error);
/* Hands the receipt of a verdict or a refusal to whoever asked for receipts. */
void gateway_tell_receipt(interdict_gateway *gateway, const struct interdict_verdict *verdict);

/* Takes an instance of the live set, waiting for one. Give it back with pool_return(). */
int pool_take(interdict_gateway *gateway, int64_t now, struct set **set, interdict_instance **instance,
              struct interdict_error *error);
/* The same within gateway_begin() and gateway_end(): also when the gateway was closed meanwhile. */
int pool_take_more(interdict_gateway *gateway, int64_t now, struct set **set, interdict_instance **instance,
                   struct interdict_error *error);
/* Gives it back. One that died is replaced by a clone of another, or loaded again. */
void pool_return(interdict_gateway *gateway, int64_t now, struct set *set, interdict_instance *instance);
/* A set of `workers` instances from what was loaded, which it takes over. */
int pool_set(interdict_gateway *gateway, struct loading *loading, struct set **made, struct interdict_error *error);
/* Makes a set the live one. The old one goes when its last call has ended. */
void pool_swap(interdict_gateway *gateway, struct set *set);
void pool_leave(interdict_gateway *gateway, struct set *set);
/* Loads the directory and swaps. The caller holds `maintenance`. */
int pool_reload(interdict_gateway *gateway, int64_t now, struct interdict_error *error);
/* An instance that was loaded by itself, with a handle of the directory of its own. */
int pool_load(interdict_gateway *gateway, int64_t now, struct loading *loading, struct interdict_error *error);

/* Refreshes all coalitions, one after the other, and notes how each ended. */
int refresh_all(interdict_gateway *gateway, int64_t now, struct interdict_error *error);
void refresh_note(interdict_gateway *gateway, const char *coalition, const char *outcome, const char *why, int64_t now);

#endif
