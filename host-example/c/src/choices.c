/* What the module is given besides coalitions and files: secrets, policy, and what people signed. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "loader.h"

enum { MAX_DOCUMENT = 4 << 20, MAX_LIST_ID = 65 };

static int give_secrets(struct loader *loader)
{
    static const char *const receipts[] = {NULL, "findings", "never"};
    char key[65];
    struct buffer message = {0};
    buffer_say(&message, "{\"module\":\"");
    buffer_say(&message, interdict_module_sha256(loader->choices->module));
    buffer_say(&message, "\"");
    if (store_receipt_key(loader->store->directory, key) == FOUND) {
        buffer_say(&message, ",\"receipt_key\":\"");
        buffer_say(&message, key);
        buffer_say(&message, "\"");
    } else if (loader->loading->count > 0) {
        warn(&loader->loading->warnings, "%s/receipt.key is gone, so verdicts have no receipts; restore it", loader->store->path);
    }
    explicit_bzero(key, sizeof key);
    const char *when = receipts[loader->choices->receipts];
    if (when) {
        buffer_say(&message, ",\"receipts\":\"");
        buffer_say(&message, when);
        buffer_say(&message, "\"");
    }
    if (loader->store->is_lost) {
        buffer_say(&message, ",\"state_lost\":true");
        warn(&loader->loading->warnings, "%s lacks something that it had; interdict status names it", loader->store->path);
    }
    buffer_say(&message, "}");
    return loader_configure(loader, &message, loader->error);
}

static int give_policy(struct loader *loader)
{
    struct buffer message = {0};
    if (!loader->choices->policy) {
        return 0;
    }
    buffer_say(&message, "{\"policy\":");
    buffer_add(&message, loader->choices->policy, loader->choices->policy_length);
    buffer_say(&message, "}");
    return loader_configure(loader, &message, loader->error);
}

/* Whether an enrolment names this list. */
static int is_enrolled(const struct loading *loading, const char *coalition, const char *list)
{
    for (size_t i = 0; i < loading->count; i++) {
        const struct loaded *one = &loading->coalitions[i];
        struct value lists, own = {0};
        if (strcmp(one->name, coalition) != 0 ||
            !json_member((struct value){one->enrolment.data, one->enrolment.length}, "lists", &lists)) {
            continue;
        }
        while (json_next(lists, &own)) {
            char name[MAX_LIST_ID + 1];
            if (json_string(own, name, sizeof name) >= 0 && strcmp(name, list) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

/* Warns of lists that the policy requires and no enrolment names, but not before the first enrolment. The module has
   accepted the policy. */
static void warn_of_required(struct loader *loader)
{
    const struct choices *choices = loader->choices;
    struct value required, key = {0}, lists = {0};
    if (loader->loading->count == 0 || !choices->policy ||
        !json_member((struct value){choices->policy, choices->policy_length}, "required", &required)) {
        return;
    }
    while (json_each(required, &key, &lists)) {
        char name[MAX_LIST_ID + 1], list[MAX_LIST_ID + 1];
        struct value one = {0};
        json_string(key, name, sizeof name);
        while (json_next(lists, &one)) {
            json_string(one, list, sizeof list);
            if (!is_enrolled(loader->loading, name, list)) {
                warn(&loader->loading->warnings, "%s of coalition %s is required but not enrolled, so no verdict is clean", list, name);
            }
        }
    }
}

/* Gives all documents of a kind, in base64 with what separates them between; none if `documents` is empty. */
static int give_kind(struct loader *loader, const char *kind, const struct buffer *documents, struct interdict_error *why)
{
    const char *quote = documents->length ? "\"" : "";
    struct buffer message = {0};
    buffer_say(&message, "{\"");
    buffer_say(&message, kind);
    buffer_say(&message, "\":[");
    buffer_say(&message, quote);
    buffer_add(&message, documents->data, documents->length);
    buffer_say(&message, quote);
    buffer_say(&message, "]}");
    return documents->failed ? fault_memory(why) : loader_configure(loader, &message, why);
}

/* Tries one document alone, and adds it to those that are taken. One that is refused is left out. */
static int try_document(struct loader *loader, const char *kind, int folder, const char *name, struct buffer *taken,
                        struct interdict_error *why)
{
    struct content content;
    struct buffer one = {0};
    if (files_read_whole(folder, name, MAX_DOCUMENT, &content) != FOUND) {
        warn(&loader->loading->warnings, "%s/%s cannot be read and is left out", kind, name);
        return 0;
    }
    buffer_base64(&one, content.data, content.length);
    free(content.data);
    int failed = give_kind(loader, kind, &one, why);
    if (failed == INTERDICT_ERROR_REFUSED) {
        warn(&loader->loading->warnings, "%s/%s is left out: %s", kind, name, why->message);
        failed = 0;
    } else if (failed == 0) {
        buffer_say(taken, taken->length ? "\",\"" : "");
        buffer_add(taken, one.data, one.length);
    }
    buffer_free(&one);
    return failed;
}

/* Gives the documents in a folder: each alone first, then all together that were taken. */
static int give_documents(struct loader *loader, const char *kind)
{
    int folder = files_open_directory(loader->store->directory, kind);
    char **names = folder < 0 ? NULL : files_names(folder);
    struct buffer taken = {0}, none = {0};
    struct interdict_error why = {0};
    int failed = 0;
    for (char **name = names; failed == 0 && name && *name; name++) {
        size_t length = strlen(*name);
        if (length > 5 && strcmp(*name + length - 5, ".json") == 0) {
            failed = try_document(loader, kind, folder, *name, &taken, &why);
        }
    }
    if (failed == 0 && taken.length > 0) {
        failed = give_kind(loader, kind, &taken, &why);
    }
    if (failed == INTERDICT_ERROR_REFUSED) { /* what is fine alone can be too much together */
        warn(&loader->loading->warnings, "%s are left out: %s", kind, why.message);
        failed = give_kind(loader, kind, &none, &why);
    }
    buffer_free(&taken);
    files_free_names(names);
    if (folder >= 0) {
        close(folder);
    }
    fault_copy(loader->error, failed ? &why : NULL);
    return failed;
}

/* Warns of sealed keys that nobody opened: the enrolment has no key of their epoch, and there are no others. */
static void warn_of_sealed(struct loader *loader, const struct loaded *one)
{
    char folder[40], text[32];
    struct value keys, key, epoch;
    store_generation_name(one->generation, folder);
    int shelf = store_shelf(loader->store, one->name);
    int directory = shelf < 0 || !one->generation ? -1 : files_open_directory(shelf, folder);
    char **names = directory < 0 || one->keys.count ? NULL : files_names(directory);
    for (char **name = names; name && *name; name++) {
        const char *at = strstr(*name, "epoch-");
        long number = at && strstr(at, ".key.age") ? strtol(at + 6, NULL, 10) : 0;
        int is_known = number == 0;
        snprintf(text, sizeof text, "%ld", number);
        if (json_member((struct value){one->enrolment.data, one->enrolment.length}, "keys", &keys)) {
            for (key = (struct value){NULL, 0}; !is_known && json_next(keys, &key);) {
                is_known = json_member(key, "epoch", &epoch) && json_is(epoch, text);
            }
        }
        if (!is_known) {
            warn(&loader->loading->warnings, "%s: a list key is sealed; run interdict refresh, which opens sealed keys", one->name);
        }
    }
    files_free_names(names);
    if (directory >= 0) {
        close(directory);
    }
    if (shelf >= 0) {
        close(shelf);
    }
}

int loader_finish(struct loader *loader)
{
    int failed = give_secrets(loader);
    failed = failed ? failed : give_policy(loader);
    if (failed == 0) {
        warn_of_required(loader);
    }
    failed = failed ? failed : give_documents(loader, "overrides");
    failed = failed ? failed : give_documents(loader, "clearances");
    for (size_t i = 0; failed == 0 && i < loader->loading->count; i++) {
        warn_of_sealed(loader, &loader->loading->coalitions[i]);
    }
    loader_warn_if_open(loader, loader->store->directory, "", "receipt.key");
    loader_warn_if_open(loader, loader->store->directory, "", "member.key");
    return failed;
}
