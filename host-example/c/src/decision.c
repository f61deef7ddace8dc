/* Verdicts as the module writes them, and what a door does with one. */
#include "verdict.h"

#include <interdict.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

static const char *const ACTIONS[] = {"allow", "monitor", "review", "hold_payout", "block"};
static const char *const FLOWS[] = {"onboarding", "authorisation", "payout", "checkout"};

/* Its place among the words from 1; 0 if it is none of them. */
static int place(const char *text, size_t length, const char *const *words, int count)
{
    for (int i = 0; text && i < count; i++) {
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0) {
            return i + 1;
        }
    }
    return 0;
}

static int is(const char *text, size_t length, const char *word)
{
    return place(text, length, &word, 1);
}

int interdict_decide(const char *action, size_t action_length, const char *because, size_t because_length,
                     const char *flow, size_t flow_length, int holds, struct interdict_error *error)
{
    fault_clear(error);
    int number = 10 * place(action, action_length, ACTIONS, 5);
    int at = place(flow, flow_length, FLOWS, 4);
    if (number == 0 || (!because && because_length > 0)) {
        return fault(error, INTERDICT_ERROR_INVALID, "an action is allow, monitor, review, hold_payout or block");
    }
    if (at == 0) {
        return fault(error, INTERDICT_ERROR_INVALID, "a flow is onboarding, authorisation, checkout or payout");
    }
    int door = interdict_decision(number, (enum interdict_flow)at);
    if (door != INTERDICT_HOLD || holds) {
        return door;
    }
    if (is(because, because_length, "record") || is(because, because_length, "candidate")) {
        return INTERDICT_REFUSE;
    }
    return fault(error, INTERDICT_ERROR_NOT_SCREENED, "this door cannot hold, and nothing that was found is a listing");
}

int interdict_verdict_decide(const struct interdict_verdict *verdict, const char *flow, size_t flow_length, int holds,
                             struct interdict_error *error)
{
    if (!verdict) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no verdict");
    }
    if (verdict->code != 0) {
        return fault(error, INTERDICT_ERROR_INVALID, "the request was refused, so there is no verdict; its answer says why");
    }
    return interdict_decide(verdict->action, strlen(verdict->action), verdict->because, strlen(verdict->because), flow,
                            flow_length, holds, error);
}

/* Takes over one member of an answer. */
static void take(struct interdict_verdict *verdict, struct value key, struct value member, int *has_degraded)
{
    struct value code;
    if (json_named(key, "action")) {
        json_string(member, verdict->action, sizeof verdict->action);
    } else if (json_named(key, "because")) {
        json_string(member, verdict->because, sizeof verdict->because);
    } else if (json_named(key, "score")) {
        verdict->score = (int)json_number(member, 0);
    } else if (json_named(key, "degraded")) {
        verdict->degraded = json_is(member, "true");
        *has_degraded = verdict->degraded || json_is(member, "false");
    } else if (json_named(key, "error") && json_member(member, "code", &code) && code.length > 1 && code.at[0] == '-') {
        verdict->code = -(int)json_number((struct value){code.at + 1, code.length - 1}, 0);
    }
}

int verdict_read(struct interdict_text answer, struct interdict_verdict *verdict)
{
    struct value object = {answer.data, answer.length}, key, member = {NULL, 0};
    int has_degraded = 0;
    memset(verdict, 0, sizeof *verdict);
    verdict->number = INTERDICT_NO_VERDICT;
    verdict->answer = answer;
    /* The receipt comes after all that is read here. */
    while (json_each(object, &key, &member) && !json_named(key, "receipt")) {
        take(verdict, key, member, &has_degraded);
    }
    if (verdict->code < 0) {
        return 1;
    }
    int number = 10 * place(verdict->action, strlen(verdict->action), ACTIONS, 5);
    /* A degraded `allow` has no number: no module answers one. */
    if (number == 0 || !has_degraded || (number == INTERDICT_ALLOW && verdict->degraded)) {
        return 0;
    }
    verdict->number = number + verdict->degraded;
    return 1;
}

int verdict_new(struct interdict_text answer, struct interdict_verdict **made)
{
    struct interdict_verdict *verdict = malloc(sizeof *verdict + answer.length + 1);
    if (!verdict) {
        return -1;
    }
    char *text = (char *)(verdict + 1);
    memcpy(text, answer.data, answer.length);
    text[answer.length] = 0;
    if (!verdict_read((struct interdict_text){text, answer.length}, verdict)) {
        free(verdict);
        return 0;
    }
    *made = verdict;
    return 1;
}

struct interdict_text verdict_receipt(const struct interdict_verdict *verdict)
{
    struct value object = {verdict->answer.data, verdict->answer.length}, about, receipt;
    int has_error = json_member(object, "error", &about);
    if (!json_member(has_error ? about : object, "receipt", &receipt)) {
        return (struct interdict_text){NULL, 0};
    }
    return (struct interdict_text){receipt.at, receipt.length};
}

void interdict_verdict_free(struct interdict_verdict *verdict)
{
    free(verdict);
}
