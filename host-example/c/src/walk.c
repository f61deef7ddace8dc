#include "walk.h"

#include <interdict.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "text.h"

int walk_is_metadata(const struct fetch *fetch)
{
    return strncmp(fetch->path, "metadata/", 9) == 0;
}

/* What is needed next: 1, or 0 at the end, or an error. */
static int next(interdict_instance *instance, struct fetch *fetch, struct interdict_error *error)
{
    struct interdict_text text;
    int failed = interdict_instance_walk_text(instance, INTERDICT_WALK_NAME, &text, error);
    if (failed != 0 || text.length == 0) {
        return failed;
    }
    if (!files_is_name(text.data, text.length)) {
        return fault(error, INTERDICT_ERROR_ANSWER, "the module gives a file a name that is none");
    }
    memcpy(fetch->name, text.data, text.length);
    fetch->name[text.length] = 0;
    failed = interdict_instance_walk_text(instance, INTERDICT_WALK_PATH, &text, error);
    if (failed != 0) {
        return failed;
    }
    if (text.length >= sizeof fetch->path || memchr(text.data, 0, text.length)) {
        return fault(error, INTERDICT_ERROR_ANSWER, "the module asks for a path that is none");
    }
    memcpy(fetch->path, text.data, text.length);
    fetch->path[text.length] = 0;
    int size = interdict_instance_walk_number(instance, INTERDICT_WALK_MAX_SIZE, error);
    fetch->max_size = size > 0 ? (size_t)size : 0;
    return size < 0 ? size : 1;
}

static int supply(interdict_instance *instance, const char *coalition, const struct fetch *fetch, enum found found,
                  struct content content, int64_t now, struct interdict_error *error)
{
    static const char *const outcomes[] = {[FOUND] = "bytes", [NOT_FOUND] = "not_found", [NOT_READABLE] = "failed"};
    char message[400];
    if (found == FOUND) {
        int failed = interdict_instance_file(instance, content.data, content.length, error);
        if (failed == INTERDICT_ERROR_ANSWER) {
            found = NOT_READABLE; /* there is no room for it */
        } else if (failed != 0) {
            return failed;
        }
    }
    int length = snprintf(message, sizeof message, "{\"coalition\":\"%s\",\"name\":\"%s\",\"outcome\":\"%s\"}", coalition, fetch->name,
                          outcomes[found]);
    return interdict_instance_call(instance, INTERDICT_OPERATION_SUPPLY, message, (size_t)length, now, NULL, error);
}

/* One file: brought, supplied, kept. */
static int step(interdict_instance *instance, const char *coalition, const struct fetch *fetch, int64_t now,
                const struct courier *courier, struct walked *walked, struct interdict_error *error)
{
    struct content content = {NULL, 0};
    struct interdict_error why_not = {0};
    char why[256] = "";
    enum found found = courier->bring(courier->context, fetch, &content, why);
    int failed = supply(instance, coalition, fetch, found, content, now, &why_not);
    if (failed == INTERDICT_ERROR_REFUSED) {
        walked->is_refused = 1;
        if (error) {
            *error = why_not;
            snprintf(error->message, sizeof error->message, "%.256s: %.240s", fetch->path, why[0] ? why : why_not.message);
        }
    } else if (failed != 0) {
        fault_copy(error, &why_not);
    } else if (found == FOUND) {
        failed = interdict_instance_walk_number(instance, INTERDICT_WALK_KEEP, error);
        failed = failed == 1 ? courier->keep(courier->context, fetch, content, error) : failed;
    }
    free(content.data);
    return failed;
}

int walk(interdict_instance *instance, const char *coalition, const char *from, int64_t now, const struct courier *courier,
         struct walked *walked, struct interdict_error *error)
{
    char message[128];
    struct fetch fetch;
    memset(walked, 0, sizeof *walked);
    int length = snprintf(message, sizeof message, "{\"coalition\":\"%s\",\"begin\":\"%s\"}", coalition, from);
    int failed = interdict_instance_call(instance, INTERDICT_OPERATION_POLL, message, (size_t)length, now, NULL, error);
    for (int files = 0; failed == 0 && files < WALK_FILES; files++) {
        int more = next(instance, &fetch, error);
        if (more < 0) {
            return more;
        }
        if (more == 0) {
            walked->is_completed = interdict_instance_walk_number(instance, INTERDICT_WALK_COMPLETED, error) == 1;
            return interdict_instance_walk_text(instance, INTERDICT_WALK_FILES, &walked->files, error);
        }
        failed = step(instance, coalition, &fetch, now, courier, walked, error);
    }
    return failed ? failed : fault(error, INTERDICT_ERROR_ANSWER, "the module asks for more files than there are");
}
