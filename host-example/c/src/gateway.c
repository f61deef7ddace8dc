#define _GNU_SOURCE
#include <interdict.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "gateway.h"
#include "verdict.h"

enum { MOST_WORKERS = 1024, DEFAULT_WORKERS = 4 };

void interdict_options_init(struct interdict_options *options)
{
    if (options) {
        memset(options, 0, sizeof *options);
        options->size = sizeof *options;
        options->patience_connect = options->patience_response = 10000;
        options->patience_file = 60000;
        options->patience_refresh = 600000;
    }
}

/* ------------------------------------------------------------------------------------------------- opening */

static int check_options(const struct interdict_options *options, struct interdict_error *error)
{
    const char *wrong = NULL;
    if (options->size != sizeof *options) {
        wrong = "the options were not made by interdict_options_init()";
    } else if (options->receipts < INTERDICT_RECEIPTS_ALWAYS || options->receipts > INTERDICT_RECEIPTS_NEVER) {
        wrong = "receipts are always, findings or never";
    } else if (options->workers > MOST_WORKERS) {
        wrong = "there are too many workers";
    } else if (options->policy.data && (options->policy.length > INTERDICT_MAX_CONFIGURE ||
                                        !json_is_object(options->policy.data, options->policy.length))) {
        wrong = "the policy is no JSON object";
    } else if ((!options->policy.data && options->policy.length > 0) || (!options->enrolments && options->enrolment_count > 0) ||
               (!options->allow_private && options->allow_private_count > 0)) {
        wrong = "a length is given without its data";
    }
    return wrong ? fault(error, INTERDICT_ERROR_INVALID, "%s", wrong) : 0;
}

static unsigned default_workers(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > DEFAULT_WORKERS ? DEFAULT_WORKERS : (unsigned)count;
}

static int take_options(interdict_gateway *gateway, const struct interdict_options *options, struct interdict_error *error)
{
    gateway->workers = options->workers ? options->workers : default_workers();
    gateway->clock = options->clock;
    gateway->clock_context = options->clock_context;
    gateway->on_receipt = options->on_receipt;
    gateway->receipt_context = options->receipt_context;
    gateway->allows_all = options->allow_private_all;
    gateway->patience_connect = options->patience_connect;
    gateway->patience_response = options->patience_response;
    gateway->patience_file = options->patience_file;
    gateway->patience_refresh = options->patience_refresh;
    gateway->choices.module = options->module ? options->module : interdict_module_builtin();
    gateway->choices.receipts = options->receipts;
    if (options->policy.data) {
        gateway->choices.policy = malloc(options->policy.length + 1);
        if (!gateway->choices.policy) {
            return fault_memory(error);
        }
        memcpy(gateway->choices.policy, options->policy.data, options->policy.length);
        gateway->choices.policy_length = options->policy.length;
    }
    for (size_t i = 0; i < options->allow_private_count; i++) {
        char name[MAX_NAME + 1] = "";
        if (options->allow_private[i].length <= MAX_NAME) {
            memcpy(name, options->allow_private[i].data, options->allow_private[i].length);
        }
        names_add(&gateway->allowed, name);
    }
    return 0;
}

/* Enrols what the directory lacks. */
static int enrol_all(const char *directory, const struct interdict_options *options, int64_t now,
                     struct interdict_error *error)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < options->enrolment_count; i++) {
        struct interdict_text enrolment = options->enrolments[i];
        failed = interdict_store_enrol(directory, options->module, enrolment.data, enrolment.length, now, error);
    }
    return failed;
}

static void gateway_destroy(interdict_gateway *gateway)
{
    pthread_mutex_destroy(&gateway->lock);
    pthread_cond_destroy(&gateway->changed);
    pthread_cond_destroy(&gateway->stopping);
    pthread_mutex_destroy(&gateway->maintenance);
    pthread_mutex_destroy(&gateway->refreshing);
    interdict_store_close(gateway->store);
    names_free(&gateway->allowed);
    free(gateway->choices.policy);
    free(gateway->refreshed);
    free(gateway);
}

static void init_locks(interdict_gateway *gateway)
{
    pthread_condattr_t monotonic;
    pthread_mutex_init(&gateway->lock, NULL);
    pthread_mutex_init(&gateway->maintenance, NULL);
    pthread_mutex_init(&gateway->refreshing, NULL);
    pthread_cond_init(&gateway->changed, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&gateway->stopping, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

int interdict_gateway_open(const char *directory, const struct interdict_options *options,
                           interdict_gateway **opened, struct interdict_error *error)
{
    struct interdict_options defaults;
    fault_clear(error);
    if (!opened || !directory) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no path, or no place for the gateway");
    }
    *opened = NULL;
    interdict_options_init(&defaults);
    options = options ? options : &defaults;
    int failed = check_options(options, error);
    if (failed != 0) {
        return failed;
    }
    interdict_gateway *gateway = calloc(1, sizeof *gateway);
    if (!gateway) {
        return fault_memory(error);
    }
    init_locks(gateway);
    failed = take_options(gateway, options, error);
    int64_t now = gateway_now(gateway, INTERDICT_NOW);
    if (failed == 0 && now < 0) {
        failed = fault(error, INTERDICT_ERROR_INVALID, "the clock gives no time");
    }
    failed = failed ? failed : enrol_all(directory, options, now, error);
    failed = failed ? failed : store_open(directory, &gateway->store, error);
    failed = failed ? failed : pool_reload(gateway, now, error);
    if (failed != 0) {
        gateway_destroy(gateway);
        return failed;
    }
    *opened = gateway;
    return 0;
}

void interdict_gateway_close(interdict_gateway *gateway)
{
    if (!gateway) {
        return;
    }
    atomic_store(&gateway->is_closing, 1);
    interdict_gateway_stop_refreshing(gateway, NULL);
    pthread_mutex_lock(&gateway->lock);
    gateway->is_closed = 1;
    pthread_cond_broadcast(&gateway->changed);
    while (gateway->in_flight > 0) {
        pthread_cond_wait(&gateway->changed, &gateway->lock);
    }
    struct set *set = gateway->live;
    gateway->live = NULL;
    if (set) {
        gateway->in_flight++; /* pool_leave() takes it back */
    }
    pthread_mutex_unlock(&gateway->lock);
    if (set) {
        pool_leave(gateway, set);
    }
}

void interdict_gateway_free(interdict_gateway *gateway)
{
    if (gateway) {
        interdict_gateway_close(gateway);
        gateway_destroy(gateway);
    }
}

/* ------------------------------------------------------------------------------------------------ screening */

void gateway_tell_receipt(interdict_gateway *gateway, const struct interdict_verdict *verdict)
{
    struct interdict_text receipt = gateway->on_receipt ? verdict_receipt(verdict) : (struct interdict_text){NULL, 0};
    if (receipt.length > 0) {
        gateway->on_receipt(gateway->receipt_context, receipt.data, receipt.length, verdict);
    }
}

/* Copies an answer out of the instance, and has its number looked at. */
static int read_answer(interdict_instance *instance, struct interdict_text answer, struct interdict_verdict **made,
                       struct interdict_error *error)
{
    int number = interdict_instance_verdict(instance);
    int read = verdict_new(answer, made);
    if (read < 0) {
        return fault_memory(error);
    }
    if (read == 0 || (*made)->code != 0 || (*made)->number != number) {
        interdict_verdict_free(*made);
        *made = NULL;
        return fault(error, INTERDICT_ERROR_ANSWER, "the module's answer is not one that this host understands");
    }
    return 0;
}

int gateway_ask(interdict_gateway *gateway, const char *request, size_t length, int64_t now,
                struct interdict_verdict **verdict, struct interdict_error *error)
{
    struct set *set;
    interdict_instance *instance;
    struct interdict_text answer;
    *verdict = NULL;
    int failed = pool_take(gateway, now, &set, &instance, error);
    if (failed != 0) {
        return failed;
    }
    failed = interdict_instance_call(instance, INTERDICT_OPERATION_SCREEN, request, length, now, &answer, error);
    if (failed == 0) {
        failed = read_answer(instance, answer, verdict, error);
    } else if (failed == INTERDICT_ERROR_REFUSED && gateway->on_receipt) {
        verdict_new(answer, verdict);
    }
    pool_return(gateway, now, set, instance);
    return failed;
}

int interdict_gateway_screen(interdict_gateway *gateway, const char *request, size_t length, int64_t now,
                             struct interdict_verdict **verdict, struct interdict_error *error)
{
    if (verdict) {
        *verdict = NULL;
    }
    if (!gateway || !verdict || (!request && length > 0)) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no request, or no place for the verdict");
    }
    if ((now = gateway_now(gateway, now)) < 0) {
        return fault(error, INTERDICT_ERROR_INVALID, "a time is seconds since 1970, below 2^32");
    }
    struct interdict_verdict *made;
    int failed = gateway_ask(gateway, request, length, now, &made, error);
    if (made) {
        gateway_tell_receipt(gateway, made);
    }
    if (failed != 0) {
        interdict_verdict_free(made);
        return failed;
    }
    *verdict = made;
    return 0;
}
