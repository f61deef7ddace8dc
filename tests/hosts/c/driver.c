/* The driver of the shared tests: answers each line of JSON on standard input with one on standard output. It uses the
   library's public functions alone; text.h is only its JSON. driver FIXTURES */
#define _GNU_SOURCE
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static _Atomic int64_t clock_now;
static atomic_long receipts;
static interdict_gateway *gateway;
static interdict_instance *instance;
static const char *fixtures = ".";

const interdict_module *test_module(void)
{
    return getenv("INTERDICT_TEST_MODULE") ? interdict_module_trapping() : interdict_module_builtin();
}

void set_clock(int64_t now)
{
    atomic_store(&clock_now, now);
}

int64_t told_clock(void *context)
{
    (void)context;
    return atomic_load(&clock_now);
}

static void count_receipt(void *context, const char *receipt, size_t length, const struct interdict_verdict *verdict)
{
    (void)context;
    (void)receipt;
    (void)length;
    (void)verdict;
    atomic_fetch_add(&receipts, 1);
}

/* ----------------------------------------------------------------------------------------------------- JSON */

struct interdict_text text_of(struct value value)
{
    char *data = malloc(value.length + 1);
    int64_t length = json_string(value, data, value.length + 1);
    if (length < 0) { /* an object or array as it is */
        memcpy(data, value.at, value.length);
        length = (int64_t)value.length;
        data[length] = 0;
    }
    return (struct interdict_text){data, (size_t)length};
}

int has(struct value object, const char *name)
{
    struct value member;
    return json_member(object, name, &member);
}

struct interdict_text member_text(struct value object, const char *name)
{
    struct value member;
    return json_member(object, name, &member) ? text_of(member) : (struct interdict_text){NULL, 0};
}

int64_t member_number(struct value object, const char *name, int64_t otherwise)
{
    struct value member;
    return json_member(object, name, &member) ? json_number(member, otherwise) : otherwise;
}

static int member_is_true(struct value object, const char *name, int otherwise)
{
    struct value member;
    return json_member(object, name, &member) ? json_is(member, "true") : otherwise;
}

void free_text(struct interdict_text text)
{
    free((void *)text.data);
}

static struct interdict_text base64_of(struct interdict_text text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char *out = malloc(text.length + 1);
    size_t length = 0;
    unsigned long bits = 0;
    int count = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char *found = text.data[i] ? strchr(digits, text.data[i]) : NULL;
        if (found) {
            bits = bits << 6 | (unsigned long)(found - digits);
            count += 6;
            if (count >= 8) {
                count -= 8;
                out[length++] = (unsigned char)(bits >> count);
            }
        }
    }
    free_text(text);
    return (struct interdict_text){(char *)out, length};
}

static struct interdict_text file_of(struct interdict_text path)
{
    char joined[4096];
    snprintf(joined, sizeof joined, "%s/%s", fixtures, path.data);
    FILE *file = fopen(joined, "rb");
    struct buffer all = {0};
    char piece[65536];
    for (size_t count; file && (count = fread(piece, 1, sizeof piece, file)) > 0;) {
        buffer_add(&all, piece, count);
    }
    if (file) {
        fclose(file);
    }
    free_text(path);
    return (struct interdict_text){all.data, all.length};
}

void say_member(struct buffer *out, const char *name, const char *text, size_t length)
{
    buffer_say(out, "\"");
    buffer_say(out, name);
    buffer_say(out, "\":");
    buffer_json(out, text, length);
}

void say_error(struct buffer *out, const struct interdict_error *error)
{
    const char *word = interdict_error_word(error->kind);
    buffer_say(out, "{\"error\":{");
    say_member(out, "kind", word, strlen(word));
    if (error->kind == INTERDICT_ERROR_REFUSED) {
        buffer_say(out, ",\"code\":");
        buffer_number(out, error->code);
        buffer_say(out, ",");
        say_member(out, "name", error->name, strlen(error->name));
        buffer_say(out, ",");
        say_member(out, "path", error->path, strlen(error->path));
    }
    buffer_say(out, ",");
    say_member(out, "text", error->message, strlen(error->message));
    buffer_say(out, "}}");
}

/* ------------------------------------------------------------------------------------------------ the corpus */

static int operation_of(struct interdict_text name)
{
    static const char *const names[] = {"configure", "poll", "supply", "screen", "screen_batch", "state", "describe"};
    for (int i = 0; i < 7; i++) {
        if (strcmp(names[i], name.data) == 0) {
            return i;
        }
    }
    return -1;
}

static void answer_operation(struct value line, struct buffer *out)
{
    struct interdict_error error = {0};
    struct interdict_text op = member_text(line, "op"), answer = {NULL, 0}, message, file = {NULL, 0};
    if (strcmp(op.data, "new") == 0) {
        interdict_instance_free(instance);
        instance = NULL;
        free_text(op);
        if (interdict_instance_new(NULL, &instance, &error) != 0) {
            say_error(out, &error);
        } else {
            buffer_say(out, "{\"code\":0,\"out\":\"\"}");
        }
        return;
    }
    message = has(line, "in_base64") ? base64_of(member_text(line, "in_base64")) : member_text(line, "in");
    int has_file = has(line, "file_base64") || has(line, "file");
    if (has_file) {
        file = has(line, "file") ? file_of(member_text(line, "file")) : base64_of(member_text(line, "file_base64"));
    }
    int failed = has_file ? interdict_instance_file(instance, file.data ? file.data : "", file.length, &error) : 0;
    failed = failed ? failed : interdict_instance_call(instance, operation_of(op), message.data, message.length,
                                                       member_number(line, "now", INTERDICT_NOW), &answer, &error);
    if (failed == 0) {
        buffer_say(out, "{\"code\":0,");
        say_member(out, "out", answer.data, answer.length);
    } else {
        buffer_say(out, "{\"code\":");
        buffer_number(out, failed == INTERDICT_ERROR_REFUSED ? error.code : failed == INTERDICT_ERROR_TRAPPED ? -4 : failed);
        buffer_say(out, ",\"out\":\"\",");
        say_member(out, "error", error.message, strlen(error.message));
    }
    buffer_say(out, "}");
    free_text(op);
    free_text(message);
    free_text(file);
}

/* ----------------------------------------------------------------------------------------------- the gateway */

static uint32_t patience_of(struct value line, const char *name, uint32_t otherwise)
{
    struct value patience;
    return json_member(line, "patience", &patience) ? (uint32_t)member_number(patience, name, otherwise) : otherwise;
}

int open_gateway(struct value line, const interdict_module *module, interdict_gateway **opened, struct interdict_error *error)
{
    struct interdict_options options;
    struct interdict_text enrolments[16], state = member_text(line, "state"), policy = member_text(line, "policy");
    struct interdict_text when = member_text(line, "receipts");
    struct value all;
    size_t count = 0;
    interdict_options_init(&options);
    if (json_member(line, "enrolments", &all)) {
        for (struct value one = {NULL, 0}; count < 16 && json_next(all, &one);) {
            enrolments[count++] = text_of(one);
        }
    }
    options.policy = policy;
    options.enrolments = enrolments;
    options.enrolment_count = count;
    options.workers = (unsigned)member_number(line, "workers", 0);
    options.receipts = !when.data ? 0 : strcmp(when.data, "findings") == 0 ? 1 : strcmp(when.data, "never") == 0 ? 2 : 0;
    options.module = module;
    options.clock = told_clock;
    options.on_receipt = count_receipt;
    options.allow_private_all = member_is_true(line, "private", 0);
    options.patience_connect = patience_of(line, "connect", options.patience_connect);
    options.patience_response = patience_of(line, "response", options.patience_response);
    options.patience_file = patience_of(line, "file", options.patience_file);
    options.patience_refresh = patience_of(line, "refresh", options.patience_refresh);
    set_clock(member_number(line, "now", (int64_t)time(NULL)));
    int failed = interdict_gateway_open(state.data ? state.data : "", &options, opened, error);
    for (size_t i = 0; i < count; i++) {
        free_text(enrolments[i]);
    }
    free_text(state);
    free_text(policy);
    free_text(when);
    return failed;
}

static int do_about(struct value line, struct buffer *out, struct interdict_error *error)
{
    (void)line;
    (void)error;
    const char *runtime = interdict_module_runtime(NULL), *sha256 = interdict_module_sha256(NULL);
    buffer_say(out, "{");
    say_member(out, "language", COMPILER, strlen(COMPILER));
    buffer_say(out, ",");
    say_member(out, "runtime", runtime, strlen(runtime));
    /* There is no interpreter in the program: the module's functions are its own. */
    buffer_say(out, ",\"compiled\":true,");
    say_member(out, "module", sha256, strlen(sha256));
    buffer_say(out, "}");
    return 0;
}

static int do_open(struct value line, struct buffer *out, struct interdict_error *error)
{
    interdict_gateway_free(gateway);
    gateway = NULL;
    atomic_store(&receipts, 0);
    buffer_say(out, "{}");
    return open_gateway(line, test_module(), &gateway, error);
}

static int do_screen(struct value line, struct buffer *out, struct interdict_error *error)
{
    struct interdict_verdict *verdict;
    struct interdict_text message = member_text(line, "message");
    int failed = interdict_gateway_screen(gateway, message.data, message.length, member_number(line, "now", INTERDICT_NOW), &verdict, error);
    free_text(message);
    if (failed == 0) {
        buffer_say(out, "{");
        say_member(out, "answer", verdict->answer.data, verdict->answer.length);
        buffer_say(out, ",");
        say_member(out, "action", verdict->action, strlen(verdict->action));
        buffer_say(out, "}");
        interdict_verdict_free(verdict);
    }
    return failed;
}

static int do_batch(struct value line, struct buffer *out, struct interdict_error *error)
{
    interdict_verdicts *verdicts;
    struct value given;
    struct buffer all = {0};
    struct interdict_text lines = {NULL, 0};
    if (json_member(line, "lines", &given) && given.at[0] == '[') {
        for (struct value one = {NULL, 0}; json_next(given, &one);) {
            struct interdict_text text = text_of(one);
            buffer_add(&all, text.data, text.length);
            buffer_say(&all, "\n");
            free_text(text);
        }
        lines = (struct interdict_text){all.data, all.length};
    } else {
        lines = member_text(line, "lines");
    }
    int failed = interdict_gateway_screen_batch(gateway, lines.data, lines.length, member_number(line, "now", INTERDICT_NOW), &verdicts, error);
    free_text(lines);
    if (failed != 0) {
        return failed;
    }
    buffer_say(out, "{\"answers\":[");
    for (size_t i = 0; i < interdict_verdicts_count(verdicts); i++) {
        const struct interdict_verdict *one = interdict_verdicts_at(verdicts, i);
        buffer_say(out, i ? "," : "");
        buffer_json(out, one->answer.data, one->answer.length);
    }
    buffer_say(out, "]}");
    interdict_verdicts_free(verdicts);
    return 0;
}

static int do_refresh(struct value line, struct buffer *out, struct interdict_error *error)
{
    char *report;
    size_t length;
    int failed = interdict_gateway_refresh(gateway, member_number(line, "now", INTERDICT_NOW), &report, &length, error);
    if (failed == 0) {
        buffer_add(out, report, length);
        interdict_text_free(report);
    }
    return failed;
}

static int do_status(struct value line, struct buffer *out, struct interdict_error *error)
{
    char *status;
    size_t length;
    int failed = interdict_gateway_status(gateway, member_number(line, "now", INTERDICT_NOW), &status, &length, error);
    if (failed == 0) {
        buffer_add(out, status, length);
        interdict_text_free(status);
    }
    return failed;
}

static int do_reload(struct value line, struct buffer *out, struct interdict_error *error)
{
    int changed = 0;
    set_clock(member_number(line, "now", told_clock(NULL)));
    int failed = interdict_gateway_reload_if_changed(gateway, member_number(line, "now", INTERDICT_NOW), &changed, error);
    buffer_say(out, changed ? "true" : "false");
    return failed;
}

static int do_selftest(struct value line, struct buffer *out, struct interdict_error *error)
{
    buffer_say(out, "{}");
    return interdict_gateway_selftest(gateway, member_number(line, "now", INTERDICT_NOW), error);
}

static int do_close(struct value line, struct buffer *out, struct interdict_error *error)
{
    (void)line;
    (void)error;
    interdict_gateway_close(gateway);
    buffer_say(out, "{}");
    return 0;
}

static int do_decide(struct value line, struct buffer *out, struct interdict_error *error)
{
    static const char *const doors[] = {"", "\"pass\"", "\"hold\"", "\"refuse\""};
    struct interdict_text action = member_text(line, "action"), because = member_text(line, "because"), flow = member_text(line, "flow");
    int door = interdict_decide(action.data, action.length, because.data, because.length, flow.data, flow.length,
                                member_is_true(line, "holds", 1), error);
    free_text(action);
    free_text(because);
    free_text(flow);
    buffer_say(out, door > 0 ? doors[door] : "");
    return door < 0 ? door : 0;
}

static int do_receipts(struct value line, struct buffer *out, struct interdict_error *error)
{
    (void)line;
    (void)error;
    buffer_say(out, "{\"count\":");
    buffer_number(out, atomic_load(&receipts));
    buffer_say(out, "}");
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct value line, struct buffer *out, struct interdict_error *error);
} TASKS[] = {{"about", do_about},     {"open", do_open},         {"screen", do_screen}, {"batch", do_batch},   {"refresh", do_refresh},
             {"status", do_status},   {"reload", do_reload},     {"selftest", do_selftest}, {"close", do_close}, {"decide", do_decide},
             {"receipts", do_receipts}, {"soak", do_soak},       {"bench", do_bench}};

static void answer_task(struct value line, struct buffer *out)
{
    struct interdict_error error = {0};
    struct interdict_text name = member_text(line, "do");
    struct buffer inner = {0};
    int failed = INTERDICT_ERROR_INVALID;
    snprintf(error.message, sizeof error.message, "there is no such task");
    error.kind = failed;
    for (size_t i = 0; i < sizeof TASKS / sizeof *TASKS; i++) {
        if (strcmp(TASKS[i].name, name.data) == 0) {
            failed = TASKS[i].run(line, &inner, &error);
        }
    }
    free_text(name);
    if (failed != 0) {
        say_error(out, &error);
    } else {
        buffer_say(out, "{\"ok\":");
        buffer_add(out, inner.data, inner.length);
        buffer_say(out, "}");
    }
    buffer_free(&inner);
}

int main(int count, char **arguments)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    fixtures = count > 1 ? arguments[1] : fixtures;
    set_clock((int64_t)time(NULL));
    interdict_instance_new(NULL, &instance, NULL);
    while ((length = getline(&line, &capacity, stdin)) > 0) {
        struct buffer out = {0};
        struct value whole = {line, (size_t)length};
        if (has(whole, "do")) {
            answer_task(whole, &out);
        } else {
            answer_operation(whole, &out);
        }
        buffer_say(&out, "\n");
        fwrite(out.data, 1, out.length, stdout);
        fflush(stdout);
        buffer_free(&out);
    }
    free(line);
    interdict_instance_free(instance);
    interdict_gateway_free(gateway);
    return 0;
}
