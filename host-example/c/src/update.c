/* What a gateway does besides screening: reloading, refreshing in the background, saying how it is. */
#define _GNU_SOURCE
#include <interdict.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "fault.h"
#include "gateway.h"

enum { HOUR = 3600 };

static int invalid_time(struct interdict_error *error)
{
    return fault(error, INTERDICT_ERROR_INVALID, "there is no gateway, or the time is not in seconds since 1970");
}

/* ------------------------------------------------------------------------------------------------ reloading */

int interdict_gateway_reload_if_changed(interdict_gateway *gateway, int64_t now, int *changed,
                                        struct interdict_error *error)
{
    if (changed) {
        *changed = 0;
    }
    if (!gateway || (now = gateway_now(gateway, now)) < 0) {
        return invalid_time(error);
    }
    int failed = gateway_begin(gateway, error);
    if (failed != 0) {
        return failed;
    }
    pthread_mutex_lock(&gateway->maintenance);
    pthread_mutex_lock(&gateway->lock);
    uint64_t live = gateway->live->about.stamp;
    pthread_mutex_unlock(&gateway->lock);
    failed = store_follow(gateway->store, error);
    if (failed == 0 && store_stamp(gateway->store) != live) {
        failed = pool_reload(gateway, now, error);
        if (changed) {
            *changed = failed == 0;
        }
    }
    pthread_mutex_unlock(&gateway->maintenance);
    gateway_end(gateway);
    return failed;
}

/* ----------------------------------------------------------------------------------------------- refreshing */

void refresh_note(interdict_gateway *gateway, const char *coalition, const char *outcome, const char *why, int64_t now)
{
    pthread_mutex_lock(&gateway->lock);
    struct refreshed *place = NULL;
    for (size_t i = 0; i < gateway->refreshed_count; i++) {
        if (strcmp(gateway->refreshed[i].name, coalition) == 0) {
            place = &gateway->refreshed[i];
        }
    }
    if (!place) {
        struct refreshed *grown = realloc(gateway->refreshed, (gateway->refreshed_count + 1) * sizeof *grown);
        if (grown) {
            gateway->refreshed = grown;
            place = &grown[gateway->refreshed_count++];
            memset(place, 0, sizeof *place);
            snprintf(place->name, sizeof place->name, "%s", coalition);
        }
    }
    if (place) {
        place->outcome = outcome;
        place->time = now;
        snprintf(place->why, sizeof place->why, "%s", why ? why : "");
    }
    pthread_mutex_unlock(&gateway->lock);
}

/* `"outcome":…` and `"why":…` of one coalition. */
static void say_outcome(struct buffer *text, const struct refreshed *one)
{
    buffer_say(text, "\"outcome\":\"");
    buffer_say(text, one->outcome);
    buffer_say(text, "\"");
    if (one->why[0]) {
        buffer_say(text, ",\"why\":");
        buffer_json(text, one->why, strlen(one->why));
    }
}

static int hand_out(struct buffer *text, char **out, size_t *length, struct interdict_error *error)
{
    if (text->failed) {
        buffer_free(text);
        return fault_memory(error);
    }
    if (length) {
        *length = text->length;
    }
    *out = text->data;
    return 0;
}

int interdict_gateway_refresh(interdict_gateway *gateway, int64_t now, char **report, size_t *report_length,
                              struct interdict_error *error)
{
    struct buffer text = {0};
    if (report) {
        *report = NULL;
    }
    if (!gateway || (now = gateway_now(gateway, now)) < 0) {
        return invalid_time(error);
    }
    int failed = gateway_begin(gateway, error);
    if (failed != 0) {
        return failed;
    }
    pthread_mutex_lock(&gateway->refreshing);
    failed = store_follow(gateway->store, error);
    failed = failed ? failed : refresh_all(gateway, now, error);
    pthread_mutex_lock(&gateway->lock);
    buffer_say(&text, "{\"coalitions\":[");
    for (size_t i = 0; i < gateway->refreshed_count; i++) {
        if (!gateway->refreshed[i].name[0]) {
            continue; /* what went wrong with all of them in the background: for the status */
        }
        buffer_say(&text, text.data[text.length - 1] == '}' ? ",{\"coalition\":\"" : "{\"coalition\":\"");
        buffer_say(&text, gateway->refreshed[i].name);
        buffer_say(&text, "\",");
        say_outcome(&text, &gateway->refreshed[i]);
        buffer_say(&text, "}");
    }
    buffer_say(&text, "]}");
    pthread_mutex_unlock(&gateway->lock);
    pthread_mutex_unlock(&gateway->refreshing);
    gateway_end(gateway);
    if (failed != 0 || !report) {
        buffer_free(&text);
        return failed;
    }
    return hand_out(&text, report, report_length, error);
}

/* -------------------------------------------------------------------------------------------------- status */

static void say_rest(interdict_gateway *gateway, const struct set *set, struct buffer *text)
{
    pthread_mutex_lock(&gateway->lock);
    buffer_say(text, ",\"refreshed\":{");
    for (size_t i = 0; i < gateway->refreshed_count; i++) {
        buffer_say(text, i ? ",\"" : "\"");
        buffer_say(text, gateway->refreshed[i].name);
        buffer_say(text, "\":{\"time\":");
        buffer_number(text, gateway->refreshed[i].time);
        buffer_say(text, ",");
        say_outcome(text, &gateway->refreshed[i]);
        buffer_say(text, "}");
    }
    buffer_say(text, "},\"warnings\":[");
    for (size_t i = 0; i < set->about.warnings.count; i++) {
        const char *warning = set->about.warnings.all[i];
        buffer_say(text, i ? "," : "");
        buffer_json(text, warning, strlen(warning));
    }
    buffer_say(text, "],\"traps\":");
    buffer_number(text, (int64_t)gateway->traps);
    buffer_say(text, "}");
    pthread_mutex_unlock(&gateway->lock);
}

int interdict_gateway_status(interdict_gateway *gateway, int64_t now, char **status, size_t *length,
                             struct interdict_error *error)
{
    struct set *set;
    interdict_instance *instance;
    struct interdict_text answer;
    struct value coalitions;
    struct buffer text = {0};
    if (status) {
        *status = NULL;
    }
    if (!gateway || !status || (now = gateway_now(gateway, now)) < 0) {
        return invalid_time(error);
    }
    int failed = pool_take(gateway, now, &set, &instance, error);
    if (failed != 0) {
        return failed;
    }
    failed = interdict_instance_call(instance, INTERDICT_OPERATION_STATE, "{}", 2, now, &answer, error);
    if (failed == 0 && !json_member((struct value){answer.data, answer.length}, "coalitions", &coalitions)) {
        failed = fault(error, INTERDICT_ERROR_ANSWER, "the module does not say what is live");
    }
    if (failed == 0) {
        buffer_say(&text, "{\"coalitions\":");
        buffer_add(&text, coalitions.at, coalitions.length);
        say_rest(gateway, set, &text);
    }
    pool_return(gateway, now, set, instance);
    if (failed != 0) {
        buffer_free(&text);
        return failed;
    }
    return hand_out(&text, status, length, error);
}

/* ------------------------------------------------------------------------------------------------ self-test */

/* Whether lists were asked, and none of them is a member edition. */
static int is_compact(struct interdict_text answer)
{
    struct value lists, edition;
    int count = 0;
    if (!json_member((struct value){answer.data, answer.length}, "lists", &lists)) {
        return 0;
    }
    for (struct value one = {NULL, 0}; json_next(lists, &one); count++) {
        if (!json_member(one, "edition", &edition) || json_is(edition, "\"member\"")) {
            return 0;
        }
    }
    return count > 0;
}

static int test_one(interdict_gateway *gateway, const char *name, int is_listed, int64_t now, struct interdict_error *error)
{
    char request[128];
    struct interdict_verdict *verdict;
    int length = snprintf(request, sizeof request, "{\"flow\":\"onboarding\",\"identifiers\":[{\"kind\":\"domain\",\"value\":\"%s\"}]}", name);
    int failed = gateway_ask(gateway, request, (size_t)length, now, &verdict, error);
    if (failed != 0) {
        interdict_verdict_free(verdict);
        return failed;
    }
    int found = strcmp(verdict->because, "record") == 0 || strcmp(verdict->because, "candidate") == 0;
    struct value reasons, code;
    if (json_member((struct value){verdict->answer.data, verdict->answer.length}, "reasons", &reasons)) {
        for (struct value one = {NULL, 0}; !found && json_next(reasons, &one);) {
            found = json_member(one, "code", &code) && (json_is(code, "\"listed\"") || json_is(code, "\"candidate\""));
        }
    }
    int is_left_out = strcmp(name, "monitor.listed.test") == 0 && is_compact(verdict->answer);
    interdict_verdict_free(verdict);
    if (found != is_listed && !is_left_out) {
        return fault(error, INTERDICT_ERROR_SELFTEST, is_listed ? "%s is not found" : "%s is found", name);
    }
    return 0;
}

int interdict_gateway_selftest(interdict_gateway *gateway, int64_t now, struct interdict_error *error)
{
    static const char *const listed[] = {"monitor.listed.test", "review.listed.test", "hold-payout.listed.test", "block.listed.test"};
    if (!gateway || (now = gateway_now(gateway, now)) < 0) {
        return invalid_time(error);
    }
    int failed = test_one(gateway, "clean.test", 0, now, error);
    for (size_t i = 0; failed == 0 && i < sizeof listed / sizeof *listed; i++) {
        failed = test_one(gateway, listed[i], 1, now, error);
    }
    return failed;
}

/* --------------------------------------------------------------------------------------------- in the background */

static uint32_t random_below(uint32_t most)
{
    uint32_t number = 0;
    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != (ssize_t)sizeof number) {
        number = (uint32_t)time(NULL);
    }
    return most ? number % most : 0;
}

/* Waits; whether to go on after it. */
static int wait_for(interdict_gateway *gateway, uint64_t milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    uint64_t nanoseconds = (uint64_t)until.tv_nsec + milliseconds % 1000 * 1000000;
    until.tv_sec += (time_t)(milliseconds / 1000 + nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    pthread_mutex_lock(&gateway->lock);
    while (!gateway->stops && pthread_cond_timedwait(&gateway->stopping, &gateway->lock, &until) == 0) {
    }
    int goes_on = !gateway->stops;
    pthread_mutex_unlock(&gateway->lock);
    return goes_on;
}

static void *refresh_for_ever(void *argument)
{
    interdict_gateway *gateway = argument;
    uint64_t wait = random_below(gateway->jitter * 1000);
    while (wait_for(gateway, wait)) {
        struct interdict_error error = {0};
        int failed = interdict_can_fetch() ? interdict_gateway_refresh(gateway, INTERDICT_NOW, NULL, NULL, &error)
                                           : interdict_gateway_reload_if_changed(gateway, INTERDICT_NOW, NULL, &error);
        if (failed != 0 && failed != INTERDICT_ERROR_CLOSED) {
            refresh_note(gateway, "", "failed", error.message, gateway_now(gateway, INTERDICT_NOW));
        }
        wait = (uint64_t)gateway->interval * 1000 + random_below(gateway->jitter * 1000);
    }
    return NULL;
}

int interdict_gateway_start_refreshing(interdict_gateway *gateway, uint32_t interval, uint32_t jitter,
                                       struct interdict_error *error)
{
    int failed = gateway_begin(gateway, error);
    if (failed != 0) {
        return failed;
    }
    pthread_mutex_lock(&gateway->lock);
    if (gateway->has_thread) {
        failed = fault(error, INTERDICT_ERROR_INVALID, "the gateway is refreshing already; stop it first");
    } else if (jitter > UINT32_MAX / 1000) {
        failed = fault(error, INTERDICT_ERROR_INVALID, "the jitter is too long");
    } else {
        gateway->interval = interval ? interval : HOUR;
        gateway->jitter = jitter;
        gateway->stops = 0;
        gateway->has_thread = pthread_create(&gateway->thread, NULL, refresh_for_ever, gateway) == 0;
        failed = gateway->has_thread ? 0 : fault_memory(error);
    }
    pthread_mutex_unlock(&gateway->lock);
    gateway_end(gateway);
    return failed;
}

int interdict_gateway_stop_refreshing(interdict_gateway *gateway, struct interdict_error *error)
{
    fault_clear(error);
    if (!gateway) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no gateway");
    }
    pthread_mutex_lock(&gateway->lock);
    int has_thread = gateway->has_thread;
    pthread_t thread = gateway->thread;
    gateway->has_thread = 0;
    gateway->stops = 1;
    pthread_cond_broadcast(&gateway->stopping);
    pthread_mutex_unlock(&gateway->lock);
    if (has_thread) {
        pthread_join(thread, NULL);
    }
    return 0;
}
