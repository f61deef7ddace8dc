#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fault.h"
#include "gateway.h"

int64_t gateway_now(interdict_gateway *gateway, int64_t now)
{
    if (now == INTERDICT_NOW) {
        now = gateway->clock ? gateway->clock(gateway->clock_context) : (int64_t)time(NULL);
    }
    return now >= 0 && now <= UINT32_MAX ? now : -1;
}

static void set_free(struct set *set)
{
    for (size_t i = 0; i < set->idle_count; i++) {
        interdict_instance_free(set->idle[i]);
    }
    free(set->idle);
    loading_free(&set->about);
    free(set);
}

/* The caller holds the lock. The set goes with its last reference. */
static struct set *released(struct set *set)
{
    return --set->references == 0 ? set : NULL;
}

void pool_leave(interdict_gateway *gateway, struct set *set)
{
    pthread_mutex_lock(&gateway->lock);
    struct set *gone = released(set);
    gateway->in_flight--;
    pthread_cond_broadcast(&gateway->changed);
    pthread_mutex_unlock(&gateway->lock);
    if (gone) {
        set_free(gone);
    }
}

int gateway_begin(interdict_gateway *gateway, struct interdict_error *error)
{
    fault_clear(error);
    if (!gateway) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no gateway");
    }
    pthread_mutex_lock(&gateway->lock);
    int is_closed = gateway->is_closed;
    gateway->in_flight += !is_closed;
    pthread_mutex_unlock(&gateway->lock);
    return is_closed ? fault(error, INTERDICT_ERROR_CLOSED, "the gateway is closed") : 0;
}

void gateway_end(interdict_gateway *gateway)
{
    pthread_mutex_lock(&gateway->lock);
    gateway->in_flight--;
    pthread_cond_broadcast(&gateway->changed);
    pthread_mutex_unlock(&gateway->lock);
}

int pool_load(interdict_gateway *gateway, int64_t now, struct loading *loading, struct interdict_error *error)
{
    struct interdict_store own = {.path = gateway->store->path, .parent = gateway->store->parent};
    own.directory = fcntl(gateway->store->directory, F_DUPFD_CLOEXEC, 0);
    if (own.directory < 0) {
        return fault(error, INTERDICT_ERROR_STORE_DAMAGED, "%s cannot be opened", own.path);
    }
    int failed = load(&own, &gateway->choices, now, loading, error);
    files_free_names(own.coalitions);
    close(own.directory);
    return failed;
}

int pool_set(interdict_gateway *gateway, struct loading *loading, struct set **made, struct interdict_error *error)
{
    struct set *set = calloc(1, sizeof *set);
    interdict_instance **idle = calloc(gateway->workers, sizeof *idle);
    int failed = set && idle ? 0 : fault_memory(error);
    if (failed != 0) {
        free(set);
        free(idle);
        interdict_instance_free(loading->instance);
        loading_free(loading);
        return failed;
    }
    set->references = 1;
    set->idle = idle;
    set->about = *loading;
    set->about.instance = NULL;
    idle[set->idle_count++] = loading->instance;
    while (failed == 0 && set->idle_count < gateway->workers) {
        failed = interdict_instance_clone(idle[0], &idle[set->idle_count], error);
        set->idle_count += failed == 0;
    }
    set->alive = set->idle_count;
    memset(loading, 0, sizeof *loading);
    if (failed != 0) {
        set_free(set);
        return failed;
    }
    *made = set;
    return 0;
}

void pool_swap(interdict_gateway *gateway, struct set *set)
{
    pthread_mutex_lock(&gateway->lock);
    struct set *old = gateway->live ? released(gateway->live) : NULL;
    gateway->live = set;
    pthread_cond_broadcast(&gateway->changed);
    pthread_mutex_unlock(&gateway->lock);
    if (old) {
        set_free(old);
    }
}

int pool_reload(interdict_gateway *gateway, int64_t now, struct interdict_error *error)
{
    struct loading loading = {0};
    struct set *set = NULL;
    int failed = pool_load(gateway, now, &loading, error);
    if (failed == 0) {
        failed = pool_set(gateway, &loading, &set, error);
    }
    if (failed == 0) {
        pool_swap(gateway, set);
    }
    return failed;
}

/* Another instance of a set: a clone of one that is idle, or one that is loaded again. NULL if neither is possible. */
static interdict_instance *another(interdict_gateway *gateway, struct set *set, int64_t now)
{
    interdict_instance *made = NULL, *model = NULL;
    pthread_mutex_lock(&gateway->lock);
    if (set->idle_count > 0) {
        model = set->idle[--set->idle_count];
    }
    pthread_mutex_unlock(&gateway->lock);
    if (model) {
        interdict_instance_clone(model, &made, NULL);
        pthread_mutex_lock(&gateway->lock);
        set->idle[set->idle_count++] = model;
        pthread_cond_broadcast(&gateway->changed);
        pthread_mutex_unlock(&gateway->lock);
        return made;
    }
    struct loading loading = {0};
    if (pool_load(gateway, now, &loading, NULL) == 0) {
        made = loading.instance;
        loading_free(&loading);
    }
    return made;
}

/* A call that began before the gateway was closed may go on. */
static int take(interdict_gateway *gateway, int64_t now, int has_begun, struct set **taken, interdict_instance **instance,
                struct interdict_error *error)
{
    fault_clear(error);
    pthread_mutex_lock(&gateway->lock);
    while ((has_begun || !gateway->is_closed) && gateway->live->idle_count == 0 && gateway->live->alive > 0) {
        pthread_cond_wait(&gateway->changed, &gateway->lock);
    }
    if (gateway->is_closed && !has_begun) {
        pthread_mutex_unlock(&gateway->lock);
        return fault(error, INTERDICT_ERROR_CLOSED, "the gateway is closed");
    }
    struct set *set = gateway->live;
    interdict_instance *found = NULL;
    set->references++;
    gateway->in_flight++;
    if (set->idle_count > 0) {
        found = set->idle[--set->idle_count];
    } else {
        set->alive++; /* all died, and none could be loaded: this call tries again */
    }
    pthread_mutex_unlock(&gateway->lock);
    if (!found && !(found = another(gateway, set, now))) {
        pthread_mutex_lock(&gateway->lock);
        set->alive--;
        pthread_mutex_unlock(&gateway->lock);
        pool_leave(gateway, set);
        return fault(error, INTERDICT_ERROR_TRAPPED, "every instance trapped, and no other can be loaded");
    }
    *taken = set;
    *instance = found;
    return 0;
}

int pool_take(interdict_gateway *gateway, int64_t now, struct set **set, interdict_instance **instance,
              struct interdict_error *error)
{
    return take(gateway, now, 0, set, instance, error);
}

int pool_take_more(interdict_gateway *gateway, int64_t now, struct set **set, interdict_instance **instance,
                   struct interdict_error *error)
{
    return take(gateway, now, 1, set, instance, error);
}

void pool_return(interdict_gateway *gateway, int64_t now, struct set *set, interdict_instance *instance)
{
    if (interdict_instance_is_dead(instance)) {
        interdict_instance_free(instance);
        pthread_mutex_lock(&gateway->lock);
        gateway->traps++;
        int is_live = set == gateway->live && !gateway->is_closed;
        pthread_mutex_unlock(&gateway->lock);
        instance = is_live ? another(gateway, set, now) : NULL;
    }
    pthread_mutex_lock(&gateway->lock);
    if (instance) {
        set->idle[set->idle_count++] = instance;
    } else {
        set->alive--;
    }
    struct set *gone = released(set);
    gateway->in_flight--;
    int is_awaited = gateway->is_closed || !instance;
    if (is_awaited) {
        pthread_cond_broadcast(&gateway->changed);
    } else {
        pthread_cond_signal(&gateway->changed);
    }
    pthread_mutex_unlock(&gateway->lock);
    if (gone) {
        set_free(gone);
    }
}
