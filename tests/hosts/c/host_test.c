/* Tests of the C host by itself: what the shared runner cannot see from outside. host_test FIXTURES [NAME] */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <interdict.h>
#include <interdict_host.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addresses.h"
#include "files.h"
#include "gateway.h"
#include "instance.h"
#include "module.h"
#include "repository.h"
#include "text.h"

static int failures;
static struct sigaction at_start;
static const char *fixtures;
static char room[] = "/tmp/interdict-test-XXXXXX";

#define CHECK(what) \
    do { \
        if (!(what)) { \
            printf("    %s:%d: %s\n", __FILE__, __LINE__, #what); \
            failures++; \
        } \
    } while (0)

enum { NOW = 1793599200 };
#define HISTORY \
    "interdict-history-1 se verified=1793599200 polled=1793599200 root=1 timestamp=2 snapshot=2 targets=2 se/merchants=2 " \
    "check=00ce21a04658b60179c6c44528a5c2e8"
static const char POLICY[] = "{\"required\":{\"se\":[\"se/merchants\"]}}";
static const char LISTED[] = "{\"flow\":\"payout\",\"identifiers\":[{\"kind\":\"domain\",\"value\":\"b\\u00fccher.example\"}]}";
static const char CLEAN[] = "{\"flow\":\"payout\",\"identifiers\":[{\"kind\":\"domain\",\"value\":\"flowers.example\"}]}";

const interdict_module *interdict_module_trapping(void);

static void sh(const char *format, const char *a, const char *b)
{
    char line[20000];
    snprintf(line, sizeof line, format, a, b);
    if (system(line) != 0) {
        printf("    %s\n", line);
        failures++;
    }
}

/* A state directory as `interdict refresh` leaves it. */
static const char *loaded_state(void)
{
    static char path[256], line[16384];
    static int number;
    snprintf(path, sizeof path, "%s/loaded-%d", room, ++number);
    snprintf(line, sizeof line,
             "mkdir -p -m 700 %s/se && cp -r %s/generation/files %s/se/generation-1 && cp %s/generation/enrolment.json %s/se && "
             "printf '%%s' '%s' > %s/se/history && echo 1 > %s/se/current && chmod -R go-rwx %s && "
             "printf '%%064d\\n' 7 > %s/receipt.key && chmod 600 %s/receipt.key",
             path, fixtures, path, fixtures, path, HISTORY, path, path, path, path, path);
    sh("%s%s", line, "");
    return path;
}

static int64_t fixed_clock(void *context)
{
    return *(int64_t *)context;
}

static int64_t now = NOW;

static struct interdict_options options(void)
{
    struct interdict_options chosen;
    interdict_options_init(&chosen);
    chosen.policy = (struct interdict_text){POLICY, sizeof POLICY - 1};
    chosen.clock = fixed_clock;
    chosen.clock_context = &now;
    chosen.workers = 2;
    return chosen;
}

static interdict_gateway *opened(const char *path)
{
    struct interdict_options chosen = options();
    struct interdict_error error = {0};
    interdict_gateway *gateway = NULL;
    if (interdict_gateway_open(path, &chosen, &gateway, &error) != 0) {
        printf("    %s: %s\n", interdict_error_word(error.kind), error.message);
        failures++;
    }
    return gateway;
}

static int number_of(interdict_gateway *gateway, const char *request)
{
    struct interdict_verdict *verdict;
    struct interdict_error error = {0};
    int failed = interdict_gateway_screen(gateway, request, strlen(request), INTERDICT_NOW, &verdict, &error);
    int number = failed ? failed : verdict->number;
    interdict_verdict_free(verdict);
    return number;
}

/* ----------------------------------------------------------------------------------------------------- the tests */

static void a_door_does_what_the_table_says(void)
{
    static const struct {
        const char *action, *because, *flow;
        int holds, door;
    } cases[] = {{"allow", "", "payout", 1, INTERDICT_PASS},
                 {"monitor", "record", "onboarding", 0, INTERDICT_PASS},
                 {"review", "record", "payout", 1, INTERDICT_HOLD},
                 {"review", "record", "payout", 0, INTERDICT_REFUSE},
                 {"hold_payout", "candidate", "onboarding", 0, INTERDICT_REFUSE},
                 {"hold_payout", "late", "onboarding", 0, INTERDICT_ERROR_NOT_SCREENED},
                 {"review", "", "authorisation", 0, INTERDICT_PASS},
                 {"block", "", "checkout", 0, INTERDICT_REFUSE},
                 {"Allow", "", "payout", 1, INTERDICT_ERROR_INVALID},
                 {"allow", "", "refund", 1, INTERDICT_ERROR_INVALID},
                 {"", "", "payout", 1, INTERDICT_ERROR_INVALID}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int door = interdict_decide(cases[i].action, strlen(cases[i].action), cases[i].because, strlen(cases[i].because), cases[i].flow,
                                    strlen(cases[i].flow), cases[i].holds, NULL);
        CHECK(door == cases[i].door);
    }
}

static void a_bad_argument_is_an_error_and_no_verdict(void)
{
    struct interdict_error error;
    struct interdict_verdict *verdict = (void *)1;
    interdict_instance *instance = NULL;
    interdict_verdicts *verdicts;
    struct interdict_text answer;
    CHECK(interdict_gateway_screen(NULL, "{}", 2, 0, &verdict, &error) == INTERDICT_ERROR_INVALID && !verdict);
    CHECK(interdict_gateway_open(NULL, NULL, NULL, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_call(NULL, 0, "{}", 2, 0, NULL, NULL) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_new(NULL, NULL, NULL) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_verdict(NULL) == INTERDICT_NO_VERDICT && interdict_instance_is_dead(NULL));
    CHECK(interdict_decide(NULL, 5, NULL, 0, NULL, 0, 1, NULL) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_verdict_decide(NULL, "payout", 6, 1, NULL) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_store_enrol(NULL, NULL, "{}", 2, 0, NULL) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_store_enrol("/nowhere", NULL, "[]", 2, 0, NULL) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_new(NULL, &instance, &error) == 0);
    CHECK(interdict_instance_call(instance, 7, "{}", 2, NOW, &answer, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_call(instance, -1, "{}", 2, NOW, &answer, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_call(instance, 3, NULL, 2, NOW, &answer, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_call(instance, 3, "{}", (size_t)-1, NOW, &answer, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_call(instance, 3, "{}", 2, -2, &answer, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_call(instance, 3, "{}", 2, (int64_t)1 << 32, &answer, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_call(instance, 3, NULL, 0, NOW, &answer, &error) == INTERDICT_ERROR_REFUSED);
    CHECK(error.code == INTERDICT_JSON_SYNTAX && strcmp(error.name, "json_syntax") == 0);
    CHECK(interdict_instance_file(instance, NULL, 1, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_file(instance, "", (size_t)-1, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_walk_number(instance, 99, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_instance_walk_text(instance, 3, &answer, &error) == INTERDICT_ERROR_INVALID);
    interdict_instance_free(instance);
    interdict_gateway *gateway = opened(loaded_state());
    CHECK(interdict_gateway_screen_batch(gateway, NULL, 1, NOW, &verdicts, &error) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_gateway_screen_batch(gateway, "", 0, NOW, &verdicts, &error) == 0 && interdict_verdicts_count(verdicts) == 0);
    interdict_verdicts_free(verdicts);
    CHECK(interdict_gateway_screen(gateway, CLEAN, strlen(CLEAN), -7, &verdict, &error) == INTERDICT_ERROR_INVALID);
    interdict_gateway_free(gateway);
    interdict_gateway_free(NULL);
}

static uint32_t other_major(void *engine)
{
    (void)engine;
    return 2 << 16;
}

static uint8_t *boundless(void *engine, uint64_t *size, uint64_t *maximum)
{
    uint8_t *memory = interdict_module_builtin()->memory(engine, size, maximum);
    *maximum = (uint64_t)4 << 30;
    return memory;
}

static void a_module_without_a_function_or_of_another_major_is_foreign(void)
{
    interdict_module changed = *interdict_module_builtin();
    CHECK(interdict_module_check(NULL, NULL) == 0);
    changed.walk = NULL;
    CHECK(interdict_module_check(&changed, NULL) == INTERDICT_ERROR_FOREIGN_MODULE);
    changed = *interdict_module_builtin();
    changed.operations[INTERDICT_OPERATION_SCREEN] = NULL;
    CHECK(interdict_module_check(&changed, NULL) == INTERDICT_ERROR_FOREIGN_MODULE);
    changed = *interdict_module_builtin();
    changed.abi_version = other_major;
    CHECK(interdict_module_check(&changed, NULL) == INTERDICT_ERROR_FOREIGN_MODULE);
    changed = *interdict_module_builtin();
    changed.memory = boundless;
    CHECK(interdict_module_check(&changed, NULL) == INTERDICT_ERROR_FOREIGN_MODULE);
}

static void a_trap_in_the_module_kills_the_instance_alone(void)
{
    interdict_instance *instance, *other;
    struct interdict_error error;
    struct interdict_text answer;
    struct sigaction action;
    uint64_t size;
    CHECK(interdict_instance_new(NULL, &instance, NULL) == 0 && interdict_instance_new(NULL, &other, NULL) == 0);
    uint8_t *memory = instance_bytes(instance, &size);
    memset(memory + 1024, 0xff, size - 1024);
    CHECK(interdict_instance_call(instance, INTERDICT_OPERATION_SCREEN, CLEAN, strlen(CLEAN), NOW, &answer, &error) == INTERDICT_ERROR_TRAPPED);
    CHECK(interdict_instance_is_dead(instance) && !interdict_instance_is_dead(other));
    CHECK(interdict_instance_call(instance, INTERDICT_OPERATION_STATE, "{}", 2, NOW, &answer, &error) == INTERDICT_ERROR_TRAPPED);
    CHECK(interdict_instance_file(instance, "x", 1, &error) == INTERDICT_ERROR_TRAPPED);
    CHECK(interdict_instance_walk_number(instance, INTERDICT_WALK_KEEP, &error) == INTERDICT_ERROR_TRAPPED);
    CHECK(interdict_instance_verdict(instance) == INTERDICT_NO_VERDICT);
    interdict_instance *clone = NULL;
    CHECK(interdict_instance_clone(instance, &clone, &error) == INTERDICT_ERROR_TRAPPED && !clone);
    CHECK(interdict_instance_call(other, INTERDICT_OPERATION_STATE, "{}", 2, NOW, &answer, &error) == 0);
    CHECK(sigaction(SIGSEGV, NULL, &action) == 0);
    int has_handler = action.sa_sigaction != at_start.sa_sigaction; /* a sanitizer has one of its own */
    CHECK(has_handler == (strstr(interdict_module_runtime(NULL), "guard pages") != NULL));
    interdict_instance_free(instance);
    interdict_instance_free(other);
}

static void memory_stays_as_it_is_from_call_to_call(void)
{
    interdict_gateway *gateway = opened(loaded_state());
    number_of(gateway, LISTED);
    number_of(gateway, CLEAN);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 2000; i++) {
        number_of(gateway, i % 2 ? LISTED : CLEAN);
        now = NOW + i / 100;
    }
    CHECK(mallinfo2().uordblks == before);
    now = NOW;
    interdict_gateway_free(gateway);
    interdict_instance *instance;
    struct interdict_text answer;
    CHECK(interdict_instance_new(NULL, &instance, NULL) == 0);
    interdict_instance_call(instance, INTERDICT_OPERATION_SCREEN, CLEAN, strlen(CLEAN), NOW, &answer, NULL);
    uint64_t size = instance_memory(instance);
    before = mallinfo2().uordblks;
    for (int i = 0; i < 2000; i++) {
        interdict_instance_call(instance, INTERDICT_OPERATION_SCREEN, CLEAN, strlen(CLEAN), NOW + i, &answer, NULL);
    }
    CHECK(instance_memory(instance) == size && mallinfo2().uordblks == before);
    interdict_instance_free(instance);
}

static void a_loaded_gateway_answers_and_so_does_a_clone(void)
{
    interdict_gateway *gateway = opened(loaded_state());
    CHECK(number_of(gateway, CLEAN) == INTERDICT_ALLOW);
    CHECK(number_of(gateway, LISTED) == INTERDICT_BLOCK);
    CHECK(interdict_gateway_selftest(gateway, INTERDICT_NOW, NULL) == 0);
    interdict_gateway_free(gateway);
}

static void count_receipt(void *context, const char *receipt, size_t length, const struct interdict_verdict *verdict)
{
    (void)receipt, (void)verdict;
    *(int *)context += length > 0;
}

static void the_self_test_leaves_no_receipt_with_those_of_merchants(void)
{
    int receipts = 0;
    struct interdict_options chosen = options();
    chosen.on_receipt = count_receipt;
    chosen.receipt_context = &receipts;
    interdict_gateway *gateway;
    CHECK(interdict_gateway_open(loaded_state(), &chosen, &gateway, NULL) == 0);
    CHECK(interdict_gateway_selftest(gateway, INTERDICT_NOW, NULL) == 0);
    CHECK(receipts == 0);
    CHECK(number_of(gateway, LISTED) == INTERDICT_BLOCK);
    CHECK(receipts == 1);
    interdict_gateway_free(gateway);
}

static void the_self_test_of_a_compact_list_asks_for_no_monitored_merchant(void)
{
    char state[512], change[1024], *report = NULL;
    struct content file;
    interdict_gateway *gateway;
    snprintf(change, sizeof change, "s#https://lists.example/se#$(realpath %s)/repositories/compact#; s/: .member.,/: \\\"compact\\\",/",
             fixtures);
    sh("cp %s/generation/enrolment.json %s/compact.json", fixtures, room);
    sh("sed -i \"%s\" %s/compact.json", change, room);
    int folder = files_open_directory(-100, room);
    CHECK(files_read(folder, "compact.json", 1 << 20, &file) == FOUND);
    close(folder);

    struct interdict_options chosen = options();
    chosen.enrolments = &(struct interdict_text){file.data, file.length};
    chosen.enrolment_count = 1;
    snprintf(state, sizeof state, "%s/compact", room);
    CHECK(interdict_gateway_open(state, &chosen, &gateway, NULL) == 0);
    CHECK(interdict_gateway_selftest(gateway, INTERDICT_NOW, NULL) == INTERDICT_ERROR_SELFTEST);
    CHECK(interdict_gateway_refresh(gateway, INTERDICT_NOW, &report, NULL, NULL) == 0);
    CHECK(report && strstr(report, "\"updated\""));
    CHECK(interdict_gateway_selftest(gateway, INTERDICT_NOW, NULL) == 0);
    interdict_text_free(report);
    interdict_gateway_free(gateway);
    free(file.data);
}

static void a_history_that_is_gone_or_damaged_is_a_doubt(void)
{
    const char *path = loaded_state();
    sh("rm %s/se/history%s", path, "");
    interdict_gateway *gateway = opened(path);
    CHECK(number_of(gateway, CLEAN) == INTERDICT_REVIEW + 1 && number_of(gateway, LISTED) == INTERDICT_BLOCK + 1);
    interdict_gateway_free(gateway);
    sh("printf '\\377' > %s/se/history%s", path, "");
    gateway = opened(path);
    char *status;
    size_t length;
    CHECK(number_of(gateway, CLEAN) == INTERDICT_REVIEW + 1);
    CHECK(interdict_gateway_status(gateway, INTERDICT_NOW, &status, &length, NULL) == 0);
    CHECK(strstr(status, "history is damaged") != NULL);
    interdict_text_free(status);
    interdict_gateway_free(gateway);
}

static void a_clock_that_stands_still_is_a_doubt(void)
{
    interdict_instance *instance;
    struct interdict_text answer;
    CHECK(interdict_instance_new(NULL, &instance, NULL) == 0);
    interdict_instance_call(instance, INTERDICT_OPERATION_CONFIGURE, "{\"policy\":{\"without_lists\":true}}", 33, NOW, &answer, NULL);
    for (int i = 0; i < 1000002; i++) {
        interdict_instance_call(instance, INTERDICT_OPERATION_SCREEN, "{}", 2, NOW, &answer, NULL);
    }
    CHECK(interdict_instance_call(instance, INTERDICT_OPERATION_SCREEN, CLEAN, strlen(CLEAN), NOW, &answer, NULL) == 0);
    CHECK(memmem(answer.data, answer.length, "clock_stopped", 13) != NULL);
    interdict_instance_free(instance);
}

static atomic_int stops, wrong, closed;

static void *screens(void *context)
{
    while (!atomic_load(&stops)) {
        int number = number_of(context, LISTED);
        atomic_fetch_add(&closed, number == INTERDICT_ERROR_CLOSED);
        atomic_fetch_add(&wrong, number != INTERDICT_BLOCK && number != INTERDICT_ERROR_CLOSED);
    }
    return NULL;
}

static void closing_during_calls_waits_for_them_and_then_every_call_is_closed(void)
{
    interdict_gateway *gateway = opened(loaded_state());
    pthread_t threads[4];
    char *text;
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, screens, gateway);
    }
    CHECK(interdict_gateway_start_refreshing(gateway, 3600, 0, NULL) == 0);
    CHECK(interdict_gateway_start_refreshing(gateway, 3600, 0, NULL) == INTERDICT_ERROR_INVALID);
    usleep(50000);
    interdict_gateway_close(gateway);
    while (atomic_load(&closed) < 4) {
        usleep(1000);
    }
    atomic_store(&stops, 1);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    interdict_verdicts *verdicts;
    CHECK(atomic_load(&wrong) == 0);
    CHECK(interdict_gateway_screen_batch(gateway, "{}", 2, INTERDICT_NOW, &verdicts, NULL) == INTERDICT_ERROR_CLOSED);
    CHECK(interdict_gateway_refresh(gateway, INTERDICT_NOW, &text, NULL, NULL) == INTERDICT_ERROR_CLOSED);
    CHECK(interdict_gateway_status(gateway, INTERDICT_NOW, &text, NULL, NULL) == INTERDICT_ERROR_CLOSED);
    CHECK(interdict_gateway_reload_if_changed(gateway, INTERDICT_NOW, NULL, NULL) == INTERDICT_ERROR_CLOSED);
    CHECK(interdict_gateway_selftest(gateway, INTERDICT_NOW, NULL) == INTERDICT_ERROR_CLOSED);
    CHECK(interdict_gateway_start_refreshing(gateway, 1, 0, NULL) == INTERDICT_ERROR_CLOSED);
    interdict_gateway_close(gateway);
    interdict_gateway_free(gateway);
}

static size_t in_flight(interdict_gateway *gateway)
{
    pthread_mutex_lock(&gateway->lock);
    size_t count = gateway->in_flight;
    pthread_mutex_unlock(&gateway->lock);
    return count;
}

static void *screens_many(void *gateway)
{
    enum { COUNT = 40000 }; /* more than one call of the module takes */
    interdict_verdicts *verdicts;
    struct buffer lines = {0};
    for (int i = 0; i < COUNT; i++) {
        buffer_say(&lines, i % 20 ? "" : CLEAN);
        buffer_say(&lines, "\n");
    }
    CHECK(interdict_gateway_screen_batch(gateway, lines.data, lines.length, INTERDICT_NOW, &verdicts, NULL) == 0);
    CHECK(interdict_verdicts_count(verdicts) == COUNT);
    interdict_verdicts_free(verdicts);
    buffer_free(&lines);
    return NULL;
}

static void closing_returns_when_no_call_is_left(void)
{
    interdict_gateway *gateway = opened(loaded_state());
    pthread_t thread;
    pthread_create(&thread, NULL, screens_many, gateway);
    while (in_flight(gateway) < 2) { /* the batch, and its call of an instance */
        usleep(100);
    }
    interdict_gateway_close(gateway);
    CHECK(in_flight(gateway) == 0);
    pthread_join(thread, NULL);
    interdict_gateway_free(gateway);
}

static void an_instance_that_trapped_is_replaced(void)
{
    struct interdict_options chosen = options();
    chosen.module = interdict_module_trapping();
    for (chosen.workers = 1; chosen.workers <= 2; chosen.workers++) {
        interdict_gateway *gateway = NULL;
        char *status;
        CHECK(interdict_gateway_open(loaded_state(), &chosen, &gateway, NULL) == 0);
        for (int i = 0; i < 3; i++) {
            CHECK(number_of(gateway, "!") == INTERDICT_ERROR_TRAPPED);
            CHECK(gateway->live->alive == chosen.workers && gateway->live->idle_count == chosen.workers);
            CHECK(number_of(gateway, LISTED) == INTERDICT_BLOCK);
        }
        CHECK(interdict_gateway_status(gateway, INTERDICT_NOW, &status, NULL, NULL) == 0);
        CHECK(strstr(status, "\"traps\":3}") != NULL);
        interdict_text_free(status);
        interdict_gateway_free(gateway);
    }
}

static void *opens_and_screens(void *path)
{
    interdict_gateway *gateway = opened(path);
    char *report;
    CHECK(number_of(gateway, LISTED) == INTERDICT_BLOCK);
    CHECK(interdict_gateway_selftest(gateway, INTERDICT_NOW, NULL) == 0);
    CHECK(interdict_gateway_refresh(gateway, INTERDICT_NOW, &report, NULL, NULL) == 0);
    interdict_text_free(report);
    interdict_gateway_free(gateway);
    return NULL;
}

/* The README says how much of a stack a thread needs. */
static void a_thread_needs_no_large_stack(void)
{
    static char path[4096];
    pthread_attr_t attributes;
    pthread_t thread;
    snprintf(path, sizeof path, "%s", loaded_state());
    sh("sed -i 's#https://lists.example/se#file:%s/repositories/sample#' %s/se/enrolment.json", fixtures, path);
    pthread_attr_init(&attributes);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
    CHECK(pthread_attr_setstacksize(&attributes, 256 << 10) == 0);
#endif
    CHECK(pthread_create(&thread, &attributes, opens_and_screens, path) == 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

static int kind_of_opening(const char *path)
{
    struct interdict_options chosen = options();
    interdict_gateway *gateway = NULL;
    int kind = interdict_gateway_open(path, &chosen, &gateway, NULL);
    interdict_gateway_free(gateway);
    return kind;
}

static void damage_is_named_and_a_pipe_is_not_waited_for(void)
{
    CHECK(kind_of_opening("/nowhere/at/all") == INTERDICT_ERROR_STORE_MISSING);
    const char *path = loaded_state();
    sh("rm %s/receipt.key && mkfifo %s/receipt.key", path, path);
    CHECK(kind_of_opening(path) == INTERDICT_ERROR_STORE_DAMAGED);
    path = loaded_state();
    sh("echo short > %s/receipt.key%s", path, "");
    CHECK(kind_of_opening(path) == INTERDICT_ERROR_STORE_DAMAGED);
    path = loaded_state();
    sh("rm %s/se/enrolment.json%s", path, "");
    CHECK(kind_of_opening(path) == INTERDICT_ERROR_STORE_DAMAGED);
    path = loaded_state();
    sh("mkdir %s/se/pages%s", path, "");
    CHECK(kind_of_opening(path) == INTERDICT_ERROR_STORE_DAMAGED);
    path = loaded_state();
    sh("printf '{},\"history_kept\":false,\"x\":{}' > %s/se/enrolment.json%s", path, "");
    CHECK(kind_of_opening(path) == INTERDICT_ERROR_STORE_DAMAGED);
    path = loaded_state();
    sh("echo x > %s/se/current && mkfifo %s/se/opened.keys", path, path);
    CHECK(kind_of_opening(path) == 0);
}

static void an_enrolment_is_taken_once_and_another_differs(void)
{
    char path[256];
    struct content file;
    interdict_store *store;
    int folder = files_open_directory(-100, fixtures);
    snprintf(path, sizeof path, "%s/made/deep", room);
    CHECK(files_read(folder, "generation/enrolment.json", 1 << 20, &file) == FOUND);
    CHECK(interdict_store_enrol(path, NULL, file.data, file.length, NOW, NULL) == 0);
    CHECK(interdict_store_enrol(path, NULL, file.data, file.length, NOW, NULL) == 0);
    char *key = memmem(file.data, file.length, "f9539dbf", 8);
    CHECK(key != NULL);
    memcpy(key, "00000000", 8);
    CHECK(interdict_store_enrol(path, NULL, file.data, file.length, NOW, NULL) == INTERDICT_ERROR_ENROLMENT_DIFFERS);
    memcpy(file.data, "[", 1);
    CHECK(interdict_store_enrol(path, NULL, file.data, file.length, NOW, NULL) == INTERDICT_ERROR_INVALID);
    CHECK(interdict_store_open(path, &store, NULL) == 0 && interdict_store_count(store) == 1);
    CHECK(strcmp(interdict_store_coalition(store, 0), "se") == 0 && !interdict_store_coalition(store, 1));
    CHECK(!interdict_store_is_lost(store));
    interdict_store_close(store);
    sh("test \"$(stat -c %%a %s/receipt.key %s/se | tr '\\n' ' ')\" = '600 700 '", path, path);
    sh("rm -r %s/se%s", path, "");
    CHECK(interdict_store_open(path, &store, NULL) == 0 && interdict_store_is_lost(store));
    interdict_store_close(store);
    free(file.data);
    close(folder);
}

static void a_batch_answers_every_line_in_order(void)
{
    interdict_gateway *gateway = opened(loaded_state());
    interdict_verdicts *verdicts;
    struct buffer lines = {0};
    enum { COUNT = 70000 };
    for (int i = 0; i < COUNT; i++) {
        buffer_say(&lines, i % 1000 == 1 ? LISTED : i % 1000 == 2 ? CLEAN : "");
        buffer_say(&lines, i + 1 < COUNT ? "\n" : "x");
    }
    CHECK(interdict_gateway_screen_batch(gateway, lines.data, lines.length, INTERDICT_NOW, &verdicts, NULL) == 0);
    CHECK(interdict_verdicts_count(verdicts) == COUNT && !interdict_verdicts_at(verdicts, COUNT));
    int bad = 0;
    for (int i = 0; i < COUNT; i++) {
        const struct interdict_verdict *one = interdict_verdicts_at(verdicts, (size_t)i);
        int expected = i % 1000 == 1 ? INTERDICT_BLOCK : i % 1000 == 2 ? INTERDICT_ALLOW : INTERDICT_NO_VERDICT;
        bad += one->number != expected || (one->code == INTERDICT_JSON_SYNTAX) != (expected == INTERDICT_NO_VERDICT);
        bad += memmem(one->answer.data, one->answer.length, "\"line\"", 6) != NULL;
    }
    CHECK(bad == 0);
    interdict_verdicts_free(verdicts);
    buffer_free(&lines);
    interdict_gateway_free(gateway);
}

static void paths_and_names_that_climb_are_refused(void)
{
    static const char *const below[] = {"metadata/2.root.json", "targets/se/0a.merchants.member-1.filter", "metadata/7...%2Fa~b%20%C3%A5.json"};
    static const char *const above[] = {"", "/etc/passwd", "../x", "a/../b", "a//b", "a/%2e%2e/b", "a/%2E%2E%2Fb", "a%2f", "a%2", "a%+2",
                                        "a%", "a b", "a?b", "a\\b", "a/.b", "a/", "a#b"};
    static const char *const names[] = {"timestamp.json", "12.root.json", "se%2fmerchants.member-1.filter"};
    static const char *const others[] = {"", ".", "..", ".staged", "a/b", "/etc", "a\\b", "a..b", "A", "\303\244"};
    for (size_t i = 0; i < 3; i++) {
        CHECK(repository_is_below_base(below[i]) && files_is_name(names[i], strlen(names[i])));
    }
    for (size_t i = 0; i < sizeof above / sizeof *above; i++) {
        CHECK(!repository_is_below_base(above[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK(!files_is_name(others[i], strlen(others[i])));
    }
}

static void an_address_of_this_machine_or_a_private_network_is_known(void)
{
    static const char *const private[] = {"localhost", "LOCALHOST.", "a.localhost", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.31.255.255",
                                          "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "[::1]", "[::]",
                                          "[fe80::1]", "[fd12::1]", "[ff02::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::1]"};
    static const char *const public[] = {"lists.example", "localhost.example", "1.1.1.1", "172.32.0.1", "100.128.0.1", "[2606:4700::1]",
                                         "[::ffff:1.1.1.1]", "[64:ff9b::101:101]", "[2002:101:101::1]"};
    for (size_t i = 0; i < sizeof private / sizeof *private; i++) {
        CHECK(host_is_private(private[i]));
    }
    for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
        CHECK(!host_is_private(public[i]));
    }
}

static void a_gzip_copy_is_unpacked_no_further_than_it_may(void)
{
    struct intake intake;
    struct content content;
    char why[256], path[256];
    int folder = files_open_directory(-100, room);
    struct content bomb;
    snprintf(path, sizeof path, "%s/bomb.gz", room);
    sh("head -c 30000000 /dev/zero | gzip -9 > %s%s", path, "");
    CHECK(files_read(folder, "bomb.gz", 1 << 20, &bomb) == FOUND);
    CHECK(intake_begin(&intake, 1 << 20, 1) == 0 && !intake_take(&intake, bomb.data, bomb.length));
    CHECK(intake.capacity <= (1 << 20) + 1 && intake_end(&intake, &content, why) == NOT_READABLE);
    CHECK(intake_begin(&intake, 30000000, 1) == 0);
    intake_take(&intake, bomb.data, bomb.length);
    CHECK(intake_end(&intake, &content, why) == FOUND && content.length == 30000000);
    free(content.data);
    CHECK(intake_begin(&intake, 30000000, 1) == 0 && intake_take(&intake, bomb.data, bomb.length - 9));
    CHECK(intake_end(&intake, &content, why) == NOT_READABLE);
    CHECK(intake_begin(&intake, 3, 0) == 0 && intake_take(&intake, "abc", 3) && !intake_take(&intake, "d", 1));
    CHECK(intake_end(&intake, &content, why) == NOT_READABLE);
    free(bomb.data);
    close(folder);
}

static void json_is_read_with_its_escapes_and_never_past_its_end(void)
{
    static const char text[] = " {\"a\":{\"b\":[1,\"]}\"]},\"x\\u0079\":\"\\ud83d\\ude00\\n\",\"n\":-5,\"z\":null} ";
    struct value whole = {text, sizeof text - 1}, member;
    char out[16];
    CHECK(json_is_object(text, sizeof text - 1) && !json_is_object("{}{}", 4) && !json_is_object("[]", 2));
    CHECK(!json_is_object("{\"a\":1", 6) && !json_is_object("{]", 2) && !json_is_object("{\"a}", 4));
    CHECK(json_member(whole, "xy", &member) && json_string(member, out, sizeof out) == 5 && strcmp(out, "\360\237\230\200\n") == 0);
    CHECK(json_string(member, out, 4) == 5 && strcmp(out, "") == 0);
    CHECK(!json_member(whole, "z", &member) && !json_member(whole, "b", &member));
    for (size_t length = 0; length < sizeof text - 1; length++) {
        char *copy = malloc(length + 1); /* a sanitizer sees a byte too far */
        memcpy(copy, text, length);
        struct value cut = {realloc(copy, length ? length : 1), length};
        json_is_object(cut.at, length);
        json_member(cut, "missing", &member);
        free((void *)cut.at);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} TESTS[] = {
#define TEST(name) {#name, name}
    TEST(a_door_does_what_the_table_says),
    TEST(a_bad_argument_is_an_error_and_no_verdict),
    TEST(a_module_without_a_function_or_of_another_major_is_foreign),
    TEST(a_trap_in_the_module_kills_the_instance_alone),
    TEST(memory_stays_as_it_is_from_call_to_call),
    TEST(a_loaded_gateway_answers_and_so_does_a_clone),
    TEST(the_self_test_leaves_no_receipt_with_those_of_merchants),
    TEST(the_self_test_of_a_compact_list_asks_for_no_monitored_merchant),
    TEST(a_history_that_is_gone_or_damaged_is_a_doubt),
    TEST(a_clock_that_stands_still_is_a_doubt),
    TEST(closing_during_calls_waits_for_them_and_then_every_call_is_closed),
    TEST(closing_returns_when_no_call_is_left),
    TEST(an_instance_that_trapped_is_replaced),
    TEST(a_thread_needs_no_large_stack),
    TEST(damage_is_named_and_a_pipe_is_not_waited_for),
    TEST(an_enrolment_is_taken_once_and_another_differs),
    TEST(a_batch_answers_every_line_in_order),
    TEST(paths_and_names_that_climb_are_refused),
    TEST(an_address_of_this_machine_or_a_private_network_is_known),
    TEST(a_gzip_copy_is_unpacked_no_further_than_it_may),
    TEST(json_is_read_with_its_escapes_and_never_past_its_end),
};

int main(int count, char **arguments)
{
    int run = 0;
    fixtures = count > 1 ? arguments[1] : "fixtures";
    sigaction(SIGSEGV, NULL, &at_start);
    if (!mkdtemp(room)) {
        return 2;
    }
    for (size_t i = 0; i < sizeof TESTS / sizeof *TESTS; i++) {
        int before = failures;
        if (count > 2 && strcmp(arguments[2], TESTS[i].name) != 0) {
            continue;
        }
        TESTS[i].run();
        printf("%s - %s\n", failures == before ? "ok" : "FAILED", TESTS[i].name);
        fflush(stdout);
        run++;
    }
    sh("rm -r %s%s", room, "");
    printf("%d tests, %d failures\n", run, failures);
    return failures || run == 0;
}
