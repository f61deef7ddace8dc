/* Measures what a host costs, with a clock that advances. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

enum { SAMPLES = 5, BATCH = 1000, MOST_REQUESTS = 1024 };

static struct interdict_text requests[MOST_REQUESTS];
static size_t request_count;
static int64_t first_now, began;

static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t bench_now(void)
{
    return first_now + (nanoseconds() - began) / 1000000000;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static double median(double *samples, int count)
{
    qsort(samples, (size_t)count, sizeof *samples, by_size);
    return samples[count / 2];
}

static int screen_once(void *context, size_t number)
{
    struct interdict_verdict *verdict;
    struct interdict_text request = requests[number % request_count];
    int failed = interdict_gateway_screen(context, request.data, request.length, bench_now(), &verdict, NULL);
    interdict_verdict_free(verdict);
    return failed;
}

static int call_once(void *context, size_t number)
{
    struct interdict_text answer, request = requests[number % request_count];
    return interdict_instance_call(context, INTERDICT_OPERATION_SCREEN, request.data, request.length, bench_now(), &answer, NULL);
}

static struct interdict_text batch;

static int batch_once(void *context, size_t number)
{
    interdict_verdicts *verdicts;
    (void)number;
    int failed = interdict_gateway_screen_batch(context, batch.data, batch.length, bench_now(), &verdicts, NULL);
    interdict_verdicts_free(verdicts);
    return failed;
}

/* Nanoseconds of a call: the median of several samples of this many milliseconds. -1 if one fails. */
static double measured(int (*call)(void *, size_t), void *context, int64_t milliseconds)
{
    double samples[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        int64_t start = nanoseconds(), now = start;
        size_t calls = 0;
        while (now - start < milliseconds * 1000000) {
            for (int k = 0; k < 8; k++) {
                if (call(context, calls++) != 0) {
                    return -1;
                }
            }
            now = nanoseconds();
        }
        samples[i] = (double)(now - start) / (double)calls;
    }
    return median(samples, SAMPLES);
}

static void say(struct buffer *out, const char *name, double number)
{
    char text[64];
    snprintf(text, sizeof text, "%s\"%s\":%.3f", out->length > 1 ? "," : "", name, number);
    buffer_say(out, text);
}

static long resident(void)
{
    long pages = 0, ignored;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%ld %ld", &ignored, &pages) != 2) {
        pages = 0;
    }
    if (file) {
        fclose(file);
    }
    return pages * sysconf(_SC_PAGESIZE);
}

/* A loaded instance by itself, for calls without a gateway. */
static int load_bare(struct value line, interdict_instance **bare, struct interdict_error *error);

int do_bench(struct value line, struct buffer *out, struct interdict_error *error)
{
    struct value all;
    struct buffer lines = {0};
    interdict_gateway *gateway = NULL;
    interdict_instance *empty = NULL, *bare = NULL, *copy = NULL;
    int64_t milliseconds = member_number(line, "milliseconds", 200);
    began = nanoseconds();
    first_now = member_number(line, "now", (int64_t)time(NULL));
    request_count = 0;
    if (json_member(line, "requests", &all)) {
        for (struct value one = {NULL, 0}; request_count < MOST_REQUESTS && json_next(all, &one);) {
            requests[request_count++] = text_of(one);
        }
    }
    if (request_count == 0) {
        return INTERDICT_ERROR_INVALID;
    }
    for (size_t i = 0; i < BATCH; i++) {
        buffer_add(&lines, requests[i % request_count].data, requests[i % request_count].length);
        buffer_say(&lines, "\n");
    }
    batch = (struct interdict_text){lines.data, lines.length};
    int64_t start = nanoseconds();
    int failed = interdict_instance_new(NULL, &empty, error);
    int64_t started = nanoseconds();
    failed = failed ? failed : open_gateway(line, NULL, &gateway, error);
    int64_t loaded = nanoseconds();
    failed = failed ? failed : load_bare(line, &bare, error);
    int64_t before = nanoseconds();
    failed = failed ? failed : interdict_instance_clone(bare, &copy, error);
    int64_t cloned = nanoseconds();
    if (failed == 0) {
        buffer_say(out, "{");
        say(out, "start_ms", (double)(started - start) / 1e6);
        say(out, "load_ms", (double)(loaded - started) / 1e6);
        say(out, "clone_ms", (double)(cloned - before) / 1e6);
        interdict_instance_free(copy);
        interdict_instance_free(empty);
        say(out, "single_ns", measured(screen_once, gateway, milliseconds));
        say(out, "bare_ns", measured(call_once, bare, milliseconds));
        interdict_instance_free(bare);
        say(out, "batch_ns", measured(batch_once, gateway, milliseconds) / BATCH);
        say(out, "memory_bytes", (double)resident());
        buffer_say(out, "}");
    }
    interdict_gateway_free(gateway);
    buffer_free(&lines);
    for (size_t i = 0; i < request_count; i++) {
        free_text(requests[i]);
    }
    return failed;
}

struct replay {
    interdict_instance *instance;
    const char *folder;
    int64_t now;
};

static struct interdict_text read_file(const char *path)
{
    struct buffer all = {0};
    char piece[65536];
    FILE *file = fopen(path, "rb");
    for (size_t count; file && (count = fread(piece, 1, sizeof piece, file)) > 0;) {
        buffer_add(&all, piece, count);
    }
    if (file) {
        fclose(file);
    }
    return (struct interdict_text){all.data, all.length};
}

static int replay_all(struct replay *replay, struct interdict_error *error)
{
    static const char poll[] = "{\"coalition\":\"se\",\"begin\":\"store\"}";
    struct interdict_text name;
    int failed = interdict_instance_call(replay->instance, INTERDICT_OPERATION_POLL, poll, sizeof poll - 1, replay->now, NULL, error);
    while (failed == 0 && interdict_instance_walk_text(replay->instance, INTERDICT_WALK_NAME, &name, error) == 0 && name.length > 0) {
        char path[4096], message[512];
        int size = snprintf(path, sizeof path, "%s/%.*s", replay->folder, (int)name.length, name.data);
        struct interdict_text file = size < (int)sizeof path ? read_file(path) : (struct interdict_text){NULL, 0};
        int length = snprintf(message, sizeof message, "{\"coalition\":\"se\",\"name\":\"%.*s\",\"outcome\":\"%s\"}", (int)name.length,
                              name.data, file.data ? "bytes" : "not_found");
        failed = file.data ? interdict_instance_file(replay->instance, file.data, file.length, error) : 0;
        free_text(file);
        failed = failed ? failed : interdict_instance_call(replay->instance, INTERDICT_OPERATION_SUPPLY, message, (size_t)length, replay->now, NULL, error);
    }
    return failed;
}

static int load_bare(struct value line, interdict_instance **bare, struct interdict_error *error)
{
    char path[4096];
    struct interdict_text state = member_text(line, "state"), policy = member_text(line, "policy");
    struct buffer message = {0};
    snprintf(path, sizeof path, "%s/se/enrolment.json", state.data);
    struct interdict_text enrolment = read_file(path);
    snprintf(path, sizeof path, "%s/receipt.key", state.data);
    struct interdict_text key = read_file(path);
    snprintf(path, sizeof path, "%s/se/history", state.data);
    struct interdict_text history = read_file(path);
    snprintf(path, sizeof path, "%s/se/current", state.data);
    struct interdict_text current = read_file(path);
    buffer_say(&message, "{\"coalitions\":[{\"enrolment\":");
    buffer_add(&message, enrolment.data, enrolment.length);
    buffer_say(&message, ",\"history\":");
    buffer_json(&message, history.data ? history.data : "none", history.data ? history.length : 4);
    buffer_say(&message, "}],\"policy\":");
    buffer_add(&message, policy.data, policy.length);
    if (key.length >= 64) {
        buffer_say(&message, ",\"receipt_key\":\"");
        buffer_add(&message, key.data, 64);
        buffer_say(&message, "\"");
    }
    struct interdict_text receipts = member_text(line, "receipts");
    if (receipts.data) {
        buffer_say(&message, ",");
        say_member(&message, "receipts", receipts.data, receipts.length);
        free_text(receipts);
    }
    buffer_say(&message, "}");
    int failed = interdict_instance_new(NULL, bare, error);
    failed = failed ? failed : interdict_instance_call(*bare, INTERDICT_OPERATION_CONFIGURE, message.data, message.length, first_now, NULL, error);
    snprintf(path, sizeof path, "%s/se/generation-%d", state.data, current.data ? atoi(current.data) : 0);
    struct replay replay = {*bare, path, first_now};
    failed = failed ? failed : replay_all(&replay, error);
    free_text(state);
    free_text(policy);
    free_text(enrolment);
    free_text(key);
    free_text(history);
    free_text(current);
    buffer_free(&message);
    return failed;
}
