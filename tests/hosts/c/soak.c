/* The soak: many threads screen while the state is swapped, calls trap, and gateways are closed under them. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

enum { MOST_REQUESTS = 64, MOST_GATEWAYS = 4096, KINDS = 13, MOST_THREADS = 256 };

struct request {
    struct interdict_text message;
    struct interdict_text answers[16];
    size_t count;
};

static struct {
    struct value line;
    struct interdict_text state;
    int64_t now;
    struct request requests[MOST_REQUESTS];
    size_t request_count;
    /* The open one, and every one that was; their handles are freed at the end. */
    _Atomic(interdict_gateway *) current;
    interdict_gateway *all[MOST_GATEWAYS];
    size_t all_count;
    atomic_int stops;
    atomic_long screened, wrong, trapped, swapped, closed, errors[KINDS];
} soak;

static void pause_ms(long milliseconds)
{
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

static void count_error(int kind)
{
    int index = INTERDICT_ERROR_REFUSED - kind;
    if (kind == INTERDICT_ERROR_CLOSED) {
        atomic_fetch_add(&soak.closed, 1);
    } else {
        atomic_fetch_add(&soak.errors[index >= 0 && index < KINDS ? index : KINDS - 1], 1);
    }
}

static int is_among(const struct request *request, struct interdict_text answer)
{
    for (size_t i = 0; i < request->count; i++) {
        if (request->answers[i].length == answer.length && memcmp(request->answers[i].data, answer.data, answer.length) == 0) {
            return 1;
        }
    }
    return 0;
}

static void *screens(void *argument)
{
    unsigned seed = (unsigned)(uintptr_t)argument * 2654435761u + 1;
    while (!atomic_load(&soak.stops)) {
        struct interdict_verdict *verdict;
        struct interdict_error error;
        seed = seed * 1664525u + 1013904223u;
        const struct request *request = &soak.requests[(seed >> 8) % soak.request_count];
        int failed = interdict_gateway_screen(atomic_load(&soak.current), request->message.data, request->message.length, soak.now, &verdict, &error);
        if (failed != 0) {
            count_error(failed);
            pause_ms(failed == INTERDICT_ERROR_CLOSED); /* until there is another */
            continue;
        }
        atomic_fetch_add(&soak.screened, 1);
        if (!is_among(request, verdict->answer) && atomic_fetch_add(&soak.wrong, 1) == 0) {
            fprintf(stderr, "wrong: %.*s\n", (int)verdict->answer.length, verdict->answer.data);
        }
        interdict_verdict_free(verdict);
    }
    return NULL;
}

static void *traps(void *argument)
{
    (void)argument;
    while (!atomic_load(&soak.stops)) {
        struct interdict_verdict *verdict;
        struct interdict_error error;
        int failed = interdict_gateway_screen(atomic_load(&soak.current), "!", 1, soak.now, &verdict, &error);
        if (failed == INTERDICT_ERROR_TRAPPED) {
            atomic_fetch_add(&soak.trapped, 1);
        } else {
            count_error(failed ? failed : INTERDICT_ERROR_ANSWER);
        }
        pause_ms(20);
    }
    return NULL;
}

static void *swaps(void *argument)
{
    char path[4096], staged[4096];
    (void)argument;
    snprintf(path, sizeof path, "%s/se/current", soak.state.data);
    snprintf(staged, sizeof staged, "%s/se/.staged-current", soak.state.data);
    for (int number = 1; !atomic_load(&soak.stops); number = 3 - number) {
        struct interdict_error error;
        FILE *file = fopen(staged, "w");
        if (file) {
            fprintf(file, "%d\n", number);
            fclose(file);
            rename(staged, path);
        }
        int changed, failed = interdict_gateway_reload_if_changed(atomic_load(&soak.current), soak.now, &changed, &error);
        if (failed != 0) {
            count_error(failed);
        } else {
            atomic_fetch_add(&soak.swapped, changed);
        }
        pause_ms(50);
    }
    return NULL;
}

static int open_another(struct interdict_error *error)
{
    interdict_gateway *opened;
    int failed = open_gateway(soak.line, test_module(), &opened, error);
    if (failed == 0 && soak.all_count < MOST_GATEWAYS) {
        soak.all[soak.all_count++] = opened;
        atomic_store(&soak.current, opened);
    }
    return failed;
}

static void *closes(void *argument)
{
    (void)argument;
    while (!atomic_load(&soak.stops)) {
        struct interdict_error error;
        pause_ms(200);
        interdict_gateway_close(atomic_load(&soak.current));
        int failed = open_another(&error);
        if (failed != 0) {
            count_error(failed);
        }
    }
    return NULL;
}

static long resident(void)
{
    long pages = 0, ignored;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        if (fscanf(file, "%ld %ld", &ignored, &pages) != 2) {
            pages = 0;
        }
        fclose(file);
    }
    return pages * sysconf(_SC_PAGESIZE);
}

static void read_requests(struct value line)
{
    struct value all, answers;
    if (!json_member(line, "requests", &all)) {
        return;
    }
    for (struct value one = {NULL, 0}; soak.request_count < MOST_REQUESTS && json_next(all, &one);) {
        struct request *request = &soak.requests[soak.request_count++];
        request->message = member_text(one, "message");
        if (json_member(one, "answers", &answers)) {
            for (struct value text = {NULL, 0}; request->count < 16 && json_next(answers, &text);) {
                request->answers[request->count++] = text_of(text);
            }
        }
    }
}

static void say_number(struct buffer *out, const char *name, int64_t number)
{
    buffer_say(out, out->data[out->length - 1] == '{' ? "\"" : ",\"");
    buffer_say(out, name);
    buffer_say(out, "\":");
    buffer_number(out, number);
}

static void say_all(struct buffer *out, long third, long end)
{
    buffer_say(out, "{");
    say_number(out, "screened", atomic_load(&soak.screened));
    say_number(out, "wrong", atomic_load(&soak.wrong));
    say_number(out, "trapped", atomic_load(&soak.trapped));
    say_number(out, "swapped", atomic_load(&soak.swapped));
    say_number(out, "closed", atomic_load(&soak.closed));
    buffer_say(out, ",\"errors\":{");
    for (int i = 0; i < KINDS; i++) {
        if (atomic_load(&soak.errors[i])) {
            say_number(out, interdict_error_word(INTERDICT_ERROR_REFUSED - i), atomic_load(&soak.errors[i]));
        }
    }
    buffer_say(out, "}");
    say_number(out, "third", third);
    say_number(out, "end", end);
    buffer_say(out, "}");
}

int do_soak(struct value line, struct buffer *out, struct interdict_error *error)
{
    pthread_t threads[MOST_THREADS + 3];
    size_t count = (size_t)member_number(line, "threads", 4), started = 0;
    long milliseconds = (long)member_number(line, "seconds", 2) * 1000;
    memset(&soak, 0, sizeof soak);
    soak.line = line;
    soak.state = member_text(line, "state");
    soak.now = member_number(line, "now", 0);
    read_requests(line);
    int failed = open_another(error);
    if (failed != 0 || soak.request_count == 0) {
        return failed ? failed : INTERDICT_ERROR_INVALID;
    }
    count = count < MOST_THREADS ? count : MOST_THREADS;
    for (size_t i = 0; i < count; i++) {
        started += pthread_create(&threads[started], NULL, screens, (void *)(uintptr_t)i) == 0;
    }
    started += pthread_create(&threads[started], NULL, swaps, NULL) == 0;
    started += pthread_create(&threads[started], NULL, closes, NULL) == 0;
    if (getenv("INTERDICT_TEST_MODULE")) {
        started += pthread_create(&threads[started], NULL, traps, NULL) == 0;
    }
    pause_ms(milliseconds / 3);
    long third = resident();
    pause_ms(milliseconds - milliseconds / 3);
    long end = resident();
    atomic_store(&soak.stops, 1);
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    for (size_t i = 0; i < soak.all_count; i++) {
        interdict_gateway_free(soak.all[i]);
    }
    say_all(out, third, end);
    return 0;
}
