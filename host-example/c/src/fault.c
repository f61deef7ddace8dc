#include "fault.h"

#include <interdict.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static const char *const WORDS[] = {"refused",    "trapped",           "foreign_module", "answer",   "store_missing", "store_damaged",
                                    "store_busy", "enrolment_differs", "not_screened",   "selftest", "closed",        "invalid"};

_Static_assert(INTERDICT_ERROR_REFUSED == INTERDICT_HOST_CODES - 1, "kinds begin below the module's codes");

const char *interdict_error_word(int kind)
{
    int index = INTERDICT_ERROR_REFUSED - kind;
    int is_known = kind <= INTERDICT_ERROR_REFUSED && kind >= INTERDICT_ERROR_INVALID;
    return is_known ? WORDS[index] : "unknown";
}

/* Removes the beginning of a character that was cut. */
static void mend(char *text, size_t capacity)
{
    size_t length = strlen(text);
    if (length + 1 < capacity) {
        return;
    }
    while (length > 0 && ((unsigned char)text[length - 1] & 0xc0) == 0x80) {
        length--;
    }
    if (length > 0 && ((unsigned char)text[length - 1] & 0x80)) {
        length--;
    }
    text[length] = 0;
}

int fault(struct interdict_error *error, int kind, const char *format, ...)
{
    if (error) {
        fault_clear(error);
        error->kind = kind;
        va_list all;
        va_start(all, format);
        vsnprintf(error->message, sizeof error->message, format, all);
        va_end(all);
        mend(error->message, sizeof error->message);
    }
    return kind;
}

int fault_copy(struct interdict_error *to, const struct interdict_error *from)
{
    if (to && from && to != from) {
        *to = *from;
    }
    return from ? from->kind : 0;
}

void fault_clear(struct interdict_error *error)
{
    if (error) {
        error->kind = error->code = 0;
        error->name[0] = error->path[0] = error->message[0] = 0;
    }
}

int fault_refused(struct interdict_error *error, int code, const char *object, size_t length)
{
    if (!error) {
        return INTERDICT_ERROR_REFUSED;
    }
    fault(error, INTERDICT_ERROR_REFUSED, "the module refused");
    error->code = code;
    struct value about, member;
    if (json_member((struct value){object, length}, "error", &about)) {
        if (json_member(about, "name", &member)) {
            json_string(member, error->name, sizeof error->name);
        }
        if (json_member(about, "path", &member)) {
            json_string(member, error->path, sizeof error->path);
        }
        if (json_member(about, "message", &member)) {
            json_string(member, error->message, sizeof error->message);
        }
    }
    return INTERDICT_ERROR_REFUSED;
}

int fault_memory(struct interdict_error *error)
{
    return fault(error, INTERDICT_ERROR_TRAPPED, "memory ran out");
}

void interdict_text_free(char *text)
{
    free(text);
}
