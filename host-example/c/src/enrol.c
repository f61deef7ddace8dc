/* Takes an enrolment into a state directory, after the module has accepted it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enrol.h"
#include "fault.h"

int enrol_coalition(const char *enrolment, size_t length, char name[MAX_NAME + 1], struct interdict_error *error)
{
    struct value member;
    if (!enrolment || length > MAX_ENROLMENT || !json_is_object(enrolment, length) ||
        !json_member((struct value){enrolment, length}, "coalition", &member) ||
        json_string(member, name, MAX_NAME + 1) > MAX_NAME || !store_is_coalition(name)) {
        return fault(error, INTERDICT_ERROR_INVALID, "this is no enrolment");
    }
    return 0;
}

void enrol_message(struct buffer *message, const char *name, struct interdict_text enrolment, const char *history)
{
    buffer_say(message, "{\"name\":\"");
    buffer_say(message, name);
    buffer_say(message, "\",\"history\":");
    buffer_json(message, history, strlen(history));
    buffer_say(message, ",\"enrolment\":");
    buffer_add(message, enrolment.data, enrolment.length);
    buffer_say(message, "}");
}

/* Whether the module takes it, in an instance of its own. */
static int try_it(const interdict_module *module, const char *name, struct interdict_text enrolment, int64_t now,
                  struct interdict_error *error)
{
    interdict_instance *instance = NULL;
    int failed = interdict_instance_new(module, &instance, error);
    struct buffer message = {0};
    buffer_say(&message, "{\"coalitions\":[");
    enrol_message(&message, name, enrolment, "none");
    buffer_say(&message, "]}");
    if (failed == 0 && message.failed) {
        failed = fault_memory(error);
    }
    if (failed == 0) {
        failed = interdict_instance_call(instance, INTERDICT_OPERATION_CONFIGURE, message.data, message.length, now, NULL, error);
    }
    buffer_wipe(&message);
    interdict_instance_free(instance);
    return failed;
}

static int is_same_member(struct value left, struct value right, const char *name)
{
    struct value a, b;
    if (!json_member(left, name, &a) || !json_member(right, name, &b)) {
        return 0;
    }
    char *texts[2] = {malloc(a.length + 1), malloc(b.length + 1)};
    int is_same = texts[0] && texts[1];
    if (is_same) {
        int64_t lengths[2] = {json_string(a, texts[0], a.length + 1), json_string(b, texts[1], b.length + 1)};
        is_same = lengths[0] >= 0 && lengths[0] == lengths[1] && memcmp(texts[0], texts[1], (size_t)lengths[0]) == 0;
    }
    free(texts[0]);
    free(texts[1]);
    return is_same;
}

/* Whether an array of keys has one of this epoch and these digits. */
static int has_key(struct value keys, struct value key)
{
    struct value epoch, other;
    for (struct value one = {NULL, 0}; json_next(keys, &one);) {
        if (json_member(key, "epoch", &epoch) && json_member(one, "epoch", &other) &&
            json_number(epoch, -1) == json_number(other, -2) && is_same_member(key, one, "key")) {
            return 1;
        }
    }
    return 0;
}

/* Whether nothing in the new file is news: the same root, and every key known. */
static int is_known(struct value saved, struct value given)
{
    struct value keys, known;
    if (!is_same_member(saved, given, "root")) {
        return 0;
    }
    if (!json_member(given, "keys", &keys)) {
        return 1;
    }
    for (struct value key = {NULL, 0}; json_next(keys, &key);) {
        if (!json_member(saved, "keys", &known) || !has_key(known, key)) {
            return 0;
        }
    }
    return 1;
}

static int cannot_write(struct interdict_error *error, const char *path)
{
    return fault(error, INTERDICT_ERROR_STORE_DAMAGED, "%s: it cannot be written: %s", path, strerror(errno));
}

static int make_directories(const char *path)
{
    char *copy = strdup(path);
    int failed = copy ? 0 : -1;
    for (char *slash = copy ? strchr(copy + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(copy, 0700);
        *slash = '/';
    }
    free(copy);
    return failed == 0 && (mkdir(path, 0700) == 0 || errno == EEXIST) ? 0 : -1;
}

static int make_receipt_key(int directory, const char *path, struct interdict_error *error)
{
    char text[66];
    unsigned char bytes[32];
    enum found found = store_receipt_key(directory, text);
    explicit_bzero(text, sizeof text);
    if (found == NOT_READABLE) {
        return fault(error, INTERDICT_ERROR_STORE_DAMAGED, "%s/receipt.key: damaged; restore it", path);
    }
    if (found == FOUND) {
        return 0;
    }
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return cannot_write(error, path);
    }
    for (int i = 0; i < 32; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    text[64] = '\n';
    int failed = files_write(directory, "receipt.key", text, 65) == 0 ? 0 : cannot_write(error, path);
    explicit_bzero(text, sizeof text);
    explicit_bzero(bytes, sizeof bytes);
    return failed;
}

/* Whether the directory has the coalition with all that the file says: 1 or 0, or an error. */
static int is_enrolled(int directory, const char *path, const char *name, struct interdict_text enrolment,
                       struct interdict_error *error)
{
    int shelf = files_open_directory(directory, name);
    struct content content = {NULL, 0};
    enum found found = shelf < 0 ? NOT_FOUND : files_read_whole(shelf, "enrolment.json", MAX_ENROLMENT, &content);
    int result = found == FOUND;
    if (found == NOT_READABLE || (found == FOUND && !json_is_object(content.data, content.length))) {
        result = fault(error, INTERDICT_ERROR_STORE_DAMAGED, "%s/%s/enrolment.json is damaged; enrol again with interdict enrol --replace",
                       path, name);
    } else if (found == FOUND &&
               !is_known((struct value){content.data, content.length}, (struct value){enrolment.data, enrolment.length})) {
        result = fault(error, INTERDICT_ERROR_ENROLMENT_DIFFERS,
                       "%s is enrolled with another root or without these keys; interdict enrol FILE merges them", name);
    }
    if (content.data) {
        explicit_bzero(content.data, content.length);
        free(content.data);
    }
    if (shelf >= 0) {
        close(shelf);
    }
    return result;
}

static int save(int directory, const char *path, const char *name, struct interdict_text enrolment,
                struct interdict_error *error)
{
    int known = is_enrolled(directory, path, name, enrolment, error);
    if (known != 0) {
        return known < 0 ? known : 0;
    }
    int shelf = files_make_directory(directory, name) == 0 ? files_open_directory(directory, name) : -1;
    int failed = shelf >= 0 && files_write(shelf, "enrolment.json", enrolment.data, enrolment.length) == 0 ? 0 : cannot_write(error, path);
    if (shelf >= 0) {
        close(shelf);
    }
    return failed;
}

/* Takes the lock and writes what is missing. */
static int enrol_in(int state, const char *path, const char *name, struct interdict_text enrolment,
                    struct interdict_error *error)
{
    int lock = files_lock(state, "lock", 0, LOCK_PATIENCE_MS);
    if (lock < 0) {
        return errno == EWOULDBLOCK ? fault(error, INTERDICT_ERROR_STORE_BUSY, "%s: another process changes it", path)
                                    : cannot_write(error, path);
    }
    int failed = make_receipt_key(state, path, error);
    failed = failed ? failed : save(state, path, name, enrolment, error);
    if (failed == 0) {
        store_take_stock(state);
    }
    close(lock);
    return failed;
}

int interdict_store_enrol(const char *directory, const interdict_module *module, const char *enrolment, size_t length,
                          int64_t now, struct interdict_error *error)
{
    char name[MAX_NAME + 1];
    fault_clear(error);
    if (!directory) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no path");
    }
    struct interdict_text text = {enrolment, length};
    int failed = enrol_coalition(enrolment, length, name, error);
    if (failed == 0) {
        failed = try_it(module, name, text, now, error);
    }
    if (failed != 0) {
        return failed;
    }
    int state = files_open_directory(AT_FDCWD, directory);
    if (state >= 0 && files_exists(state, "receipt.key")) { /* what is there already needs no lock */
        int known = is_enrolled(state, directory, name, text, error);
        if (known != 0) {
            close(state);
            return known < 0 ? known : 0;
        }
    }
    if (state < 0 && make_directories(directory) == 0) {
        state = files_open_directory(AT_FDCWD, directory);
    }
    if (state < 0) {
        return cannot_write(error, directory);
    }
    failed = enrol_in(state, directory, name, text, error);
    close(state);
    return failed;
}
