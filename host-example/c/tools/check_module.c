/* check_module FILE: whether a module is one that a host accepts (docs/abi.md, "What a host accepts"): no imports, the
   functions that this host calls, no export of another name, a memory of at most 1 GiB. Runs when the library is built,
   because afterwards the module is machine code. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const NEEDED[] = {"abi_v1", "abi_version", "alloc", "free", "file_begin", "configure", "poll", "supply", "screen",
                                     "screen_batch", "state", "describe", "result", "last_error", "verdict", "walk"};
enum { NEEDED_COUNT = sizeof NEEDED / sizeof *NEEDED, FUNCTION = 0, MEMORY = 2, GLOBAL = 3, MOST = 64 << 20, MOST_PAGES = 16384 };

static const uint8_t *at, *end;
static const char *const REFUSED = "the module is not one that a host accepts";

static void refuse(const char *why, const char *name, size_t length)
{
    fprintf(stderr, "%s: %s%s%.*s\n", REFUSED, why, length ? " " : "", (int)length, name);
    exit(1);
}

static uint32_t number(void)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        if (at >= end) {
            refuse("it is cut", "", 0);
        }
        uint8_t byte = *at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            return (uint32_t)value;
        }
    }
    refuse("a number is malformed", "", 0);
    return 0;
}

static const char *name(uint32_t *length)
{
    *length = number();
    if (*length > (size_t)(end - at)) {
        refuse("it is cut", "", 0);
    }
    const char *text = (const char *)at;
    at += *length;
    return text;
}

static void exports(void)
{
    int found[NEEDED_COUNT] = {0}, has_memory = 0;
    for (uint32_t count = number(); count > 0; count--) {
        uint32_t length;
        const char *text = name(&length);
        int kind = at < end ? *at++ : -1;
        number();
        int is_ours = length > 10 && memcmp(text, "interdict_", 10) == 0 && kind == FUNCTION;
        int is_linkers = kind == GLOBAL && ((length == 10 && memcmp(text, "__data_end", 10) == 0) ||
                                            (length == 11 && memcmp(text, "__heap_base", 11) == 0));
        int is_memory = kind == MEMORY && length == 6 && memcmp(text, "memory", 6) == 0;
        if (!is_ours && !is_linkers && !is_memory) {
            refuse("it exports", text, length);
        }
        has_memory |= is_memory;
        for (int i = 0; is_ours && i < NEEDED_COUNT; i++) {
            found[i] |= strlen(NEEDED[i]) == length - 10 && memcmp(NEEDED[i], text + 10, length - 10) == 0;
        }
    }
    for (int i = 0; i < NEEDED_COUNT; i++) {
        if (!found[i]) {
            refuse("it does not export interdict_", NEEDED[i], strlen(NEEDED[i]));
        }
    }
    if (!has_memory) {
        refuse("it does not export its memory", "", 0);
    }
}

static void memories(void)
{
    if (number() != 1) {
        refuse("it has not exactly one memory", "", 0);
    }
    uint32_t flags = number();
    number();
    if (flags != 1 || number() > MOST_PAGES) {
        refuse("its memory has no maximum, one above 1 GiB, or is of another kind", "", 0);
    }
}

int main(int count, char **arguments)
{
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    uint8_t *bytes = malloc(MOST);
    if (!file || !bytes) {
        fprintf(stderr, "check_module FILE\n");
        return 2;
    }
    size_t length = fread(bytes, 1, MOST, file);
    fclose(file);
    if (length < 8 || memcmp(bytes, "\0asm\1\0\0\0", 8) != 0) {
        refuse("it is no WebAssembly module", "", 0);
    }
    const uint8_t *whole = bytes + length;
    int has_exports = 0, has_memory = 0;
    for (at = bytes + 8; at < whole;) {
        int section = *at++;
        end = whole;
        uint32_t size = number();
        if (size > (size_t)(whole - at)) {
            refuse("it is cut", "", 0);
        }
        const uint8_t *next = at + size;
        end = next;
        if (section == 2 && number() != 0) {
            refuse("it imports something", "", 0);
        } else if (section == 5) {
            memories();
            has_memory = 1;
        } else if (section == 7) {
            exports();
            has_exports = 1;
        }
        at = next;
    }
    if (!has_exports || !has_memory) {
        refuse("it has no memory, or exports nothing", "", 0);
    }
    free(bytes);
    return 0;
}
