/* Screening any number of lines: in calls that the module takes, and again those whose answers had no room. */
#include <interdict.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "gateway.h"
#include "verdict.h"

struct interdict_verdicts {
    struct interdict_verdict *all;
    size_t count;
    /* The answers of each call. */
    char **texts;
    size_t text_count;
};

/* A batch under way: the lines that are still to be answered, by their places. */
struct batch {
    struct interdict_text *lines;
    size_t *left;
    size_t left_count;
    interdict_verdicts *verdicts;
};

size_t interdict_verdicts_count(const interdict_verdicts *verdicts)
{
    return verdicts ? verdicts->count : 0;
}

const struct interdict_verdict *interdict_verdicts_at(const interdict_verdicts *verdicts, size_t index)
{
    return verdicts && index < verdicts->count ? &verdicts->all[index] : NULL;
}

void interdict_verdicts_free(interdict_verdicts *verdicts)
{
    if (verdicts) {
        for (size_t i = 0; i < verdicts->text_count; i++) {
            free(verdicts->texts[i]);
        }
        free(verdicts->texts);
        free(verdicts->all);
        free(verdicts);
    }
}

static size_t count_lines(const char *lines, size_t length)
{
    size_t count = 0;
    for (const char *at = lines, *end = lines + length; at < end; count++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        at = feed ? feed + 1 : end;
    }
    return count;
}

static int batch_new(struct batch *batch, const char *lines, size_t length, struct interdict_error *error)
{
    size_t count = count_lines(lines, length);
    batch->lines = calloc(count + 1, sizeof *batch->lines);
    batch->left = calloc(count + 1, sizeof *batch->left);
    batch->verdicts = calloc(1, sizeof *batch->verdicts);
    if (batch->verdicts) {
        batch->verdicts->all = calloc(count + 1, sizeof *batch->verdicts->all);
    }
    if (!batch->lines || !batch->left || !batch->verdicts || !batch->verdicts->all) {
        return fault_memory(error);
    }
    batch->verdicts->count = batch->left_count = count;
    const char *at = lines, *end = lines + length;
    for (size_t i = 0; i < count; i++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        const char *stop = feed ? feed : end;
        batch->lines[i] = (struct interdict_text){at, (size_t)(stop - at)};
        batch->left[i] = i;
        at = stop + 1;
    }
    return 0;
}

/* Takes the number off an answer, which is its last member. 0 if it is not this number. */
static int take_number_off(char *answer, size_t *length, size_t number)
{
    char member[40];
    size_t size = (size_t)snprintf(member, sizeof member, ",\"line\":%zu}", number);
    if (*length < size || memcmp(answer + *length - size, member, size) != 0) {
        return 0;
    }
    *length -= size - 1;
    answer[*length - 1] = '}';
    return 1;
}

/* Reads the answers to the first `sent` lines that were left; those that had no room stay left. */
static int read_answers(struct batch *batch, size_t sent, char *text, size_t length, struct interdict_error *error)
{
    char *at = text, *end = text + length;
    size_t late = 0;
    for (size_t i = 0; i < sent; i++) {
        char *feed = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        char *stop = feed ? feed : end;
        size_t size = (size_t)(stop - at), line = batch->left[i];
        struct interdict_verdict *verdict = &batch->verdicts->all[line];
        if (at >= end || !take_number_off(at, &size, i) || !verdict_read((struct interdict_text){at, size}, verdict)) {
            return fault(error, INTERDICT_ERROR_ANSWER, "the module did not answer every line");
        }
        if (verdict->code == INTERDICT_ANSWER_TOO_LARGE) {
            if (i == 0) {
                return fault(error, INTERDICT_ERROR_ANSWER, "a line's answer is too large");
            }
            batch->left[late++] = line;
        }
        at = stop + 1;
    }
    if (at < end) {
        return fault(error, INTERDICT_ERROR_ANSWER, "the module answered more lines than there were");
    }
    memmove(batch->left + late, batch->left + sent, (batch->left_count - sent) * sizeof *batch->left);
    batch->left_count -= sent - late;
    return 0;
}

/* Sends as many lines as one call takes. */
static int send_some(interdict_gateway *gateway, struct batch *batch, int64_t now, struct interdict_error *error)
{
    struct set *set;
    interdict_instance *instance;
    struct interdict_text answer;
    struct buffer message = {0};
    size_t sent = 0;
    while (sent < batch->left_count && sent < INTERDICT_MAX_BATCH_LINES) {
        struct interdict_text line = batch->lines[batch->left[sent]];
        if (sent > 0 && message.length + line.length + 1 > INTERDICT_MAX_BATCH) {
            break;
        }
        buffer_add(&message, line.data, line.length);
        buffer_say(&message, "\n");
        sent++;
    }
    int failed = message.failed ? fault_memory(error) : pool_take_more(gateway, now, &set, &instance, error);
    if (failed != 0) {
        buffer_free(&message);
        return failed;
    }
    failed = interdict_instance_call(instance, INTERDICT_OPERATION_SCREEN_BATCH, message.data, message.length, now, &answer, error);
    interdict_verdicts *verdicts = batch->verdicts;
    char **texts = failed ? NULL : realloc(verdicts->texts, (verdicts->text_count + 1) * sizeof *texts);
    char *text = texts ? malloc(answer.length + 1) : NULL;
    verdicts->texts = texts ? texts : verdicts->texts;
    if (text) {
        memcpy(text, answer.data, answer.length);
        texts[verdicts->text_count++] = text;
    } else if (failed == 0) {
        failed = fault_memory(error);
    }
    size_t length = answer.length;
    pool_return(gateway, now, set, instance);
    buffer_free(&message);
    return failed ? failed : read_answers(batch, sent, text, length, error);
}

int interdict_gateway_screen_batch(interdict_gateway *gateway, const char *lines, size_t length, int64_t now,
                                   interdict_verdicts **verdicts, struct interdict_error *error)
{
    struct batch batch = {0};
    if (verdicts) {
        *verdicts = NULL;
    }
    if (!gateway || !verdicts || (!lines && length > 0) || length > PTRDIFF_MAX) {
        return fault(error, INTERDICT_ERROR_INVALID, "there are no lines, or no place for the verdicts");
    }
    if ((now = gateway_now(gateway, now)) < 0) {
        return fault(error, INTERDICT_ERROR_INVALID, "a time is seconds since 1970, below 2^32");
    }
    int failed = gateway_begin(gateway, error);
    if (failed != 0) {
        return failed;
    }
    failed = batch_new(&batch, lines ? lines : "", length, error);
    while (failed == 0 && batch.left_count > 0) {
        failed = send_some(gateway, &batch, now, error);
    }
    gateway_end(gateway);
    free(batch.lines);
    free(batch.left);
    if (failed != 0) {
        interdict_verdicts_free(batch.verdicts);
        return failed;
    }
    for (size_t i = 0; i < batch.verdicts->count; i++) {
        gateway_tell_receipt(gateway, &batch.verdicts->all[i]);
    }
    *verdicts = batch.verdicts;
    return 0;
}
