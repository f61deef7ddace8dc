#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_add(struct buffer *buffer, const void *data, size_t length)
{
    if (buffer->failed || length == 0) {
        return;
    }
    if (length >= SIZE_MAX / 4 - buffer->length) {
        buffer->failed = 1;
        return;
    }
    if (buffer->length + length + 1 > buffer->capacity) {
        size_t capacity = (buffer->length + length + 1) * 2;
        char *grown = realloc(buffer->data, capacity);
        if (!grown) {
            buffer->failed = 1;
            return;
        }
        buffer->data = grown;
        buffer->capacity = capacity;
    }
    memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
    buffer->data[buffer->length] = 0;
}

void buffer_say(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_number(struct buffer *buffer, int64_t number)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)number);
    buffer_add(buffer, text, (size_t)length);
}

void buffer_json(struct buffer *buffer, const char *data, size_t length)
{
    buffer_say(buffer, "\"");
    size_t plain = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)data[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\') {
            continue;
        }
        char escape[8];
        int escaped = snprintf(escape, sizeof escape, "\\u%04x", byte);
        buffer_add(buffer, data + plain, i - plain);
        buffer_add(buffer, escape, (size_t)escaped);
        plain = i + 1;
    }
    buffer_add(buffer, data + plain, length - plain);
    buffer_say(buffer, "\"");
}

void buffer_base64(struct buffer *buffer, const void *data, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < length; i += 3) {
        unsigned long three = (unsigned long)bytes[i] << 16;
        three |= i + 1 < length ? (unsigned long)bytes[i + 1] << 8 : 0;
        three |= i + 2 < length ? bytes[i + 2] : 0;
        char four[4] = {digits[three >> 18 & 63], digits[three >> 12 & 63], digits[three >> 6 & 63], digits[three & 63]};
        if (i + 1 >= length) {
            four[2] = '=';
        }
        if (i + 2 >= length) {
            four[3] = '=';
        }
        buffer_add(buffer, four, sizeof four);
    }
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    memset(buffer, 0, sizeof *buffer);
}

void buffer_wipe(struct buffer *buffer)
{
    volatile char *data = buffer->data;
    for (size_t i = 0; i < buffer->capacity; i++) {
        data[i] = 0;
    }
    buffer_free(buffer);
}

/* ---------------------------------------------------------------------------------------------- the reader */

enum { DEEPEST = 128 };

static size_t skip_space(const char *text, size_t length, size_t at)
{
    while (at < length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) {
        at++;
    }
    return at;
}

/* The place after a string that begins here; 0 if it does not end. */
static size_t skip_string(const char *text, size_t length, size_t at)
{
    for (at++; at < length; at++) {
        if (text[at] == '\\') {
            at++;
        } else if (text[at] == '"') {
            return at + 1;
        }
    }
    return 0;
}

/* The place after a value that begins here; 0 if it is none. Inside brackets only brackets and strings count. */
static size_t skip_value(const char *text, size_t length, size_t at)
{
    char open[DEEPEST];
    int depth = 0;
    while (at < length) {
        char byte = text[at];
        if (byte == '"') {
            at = skip_string(text, length, at);
            if (at == 0) {
                return 0;
            }
        } else if (byte == '{' || byte == '[') {
            if (depth == DEEPEST) {
                return 0;
            }
            open[depth++] = byte == '{' ? '}' : ']';
            at++;
            continue;
        } else if (byte == '}' || byte == ']') {
            if (depth == 0 || open[--depth] != byte) {
                return 0;
            }
            at++;
        } else if (depth > 0) {
            at++;
            continue;
        } else {
            size_t begin = at;
            while (at < length && !strchr(",:]} \t\r\n", text[at])) {
                at++;
            }
            return at > begin ? at : 0;
        }
        if (depth == 0) {
            return at;
        }
    }
    return 0;
}

int json_is_object(const char *text, size_t length)
{
    size_t at = skip_space(text, length, 0);
    if (at == length || text[at] != '{') {
        return 0;
    }
    at = skip_value(text, length, at);
    return at > 0 && skip_space(text, length, at) == length;
}

int json_each(struct value object, struct value *key, struct value *member)
{
    const char *text = object.at;
    size_t length = object.length, at = skip_space(text, length, 0);
    if (at == length || text[at] != '{') {
        return 0;
    }
    if (member->at) {
        at = skip_space(text, length, (size_t)(member->at - text) + member->length);
        if (at == length || text[at] != ',') {
            return 0;
        }
    }
    at = skip_space(text, length, at + 1);
    size_t end = at < length && text[at] == '"' ? skip_string(text, length, at) : 0;
    if (end == 0) {
        return 0;
    }
    *key = (struct value){text + at, end - at};
    at = skip_space(text, length, end);
    if (at == length || text[at] != ':') {
        return 0;
    }
    at = skip_space(text, length, at + 1);
    end = skip_value(text, length, at);
    *member = (struct value){text + at, end - at};
    return end > 0;
}

int json_named(struct value key, const char *name)
{
    char text[64];
    size_t length = strlen(name);
    if (key.length == length + 2 && memcmp(key.at + 1, name, length) == 0) {
        return 1;
    }
    if (!memchr(key.at, '\\', key.length)) {
        return 0;
    }
    return json_string(key, text, sizeof text) == (int64_t)length && memcmp(text, name, length) == 0;
}

int json_member(struct value object, const char *name, struct value *member)
{
    struct value key, one = {NULL, 0};
    while (json_each(object, &key, &one)) {
        if (json_named(key, name)) {
            *member = one;
            return !json_is(one, "null");
        }
    }
    return 0;
}

int json_next(struct value array, struct value *element)
{
    const char *text = array.at;
    size_t length = array.length, at = skip_space(text, length, 0);
    if (at == length || text[at] != '[') {
        return 0;
    }
    if (element->at) {
        at = skip_space(text, length, (size_t)(element->at - text) + element->length);
        if (at == length || text[at] != ',') {
            return 0;
        }
    }
    at = skip_space(text, length, at + 1);
    if (at < length && text[at] == ']') {
        return 0;
    }
    size_t end = skip_value(text, length, at);
    *element = (struct value){text + at, end - at};
    return end > 0;
}

/* Four hexadecimal digits; -1 if they are none. */
static long unit(const char *at, const char *end)
{
    long value = 0;
    if (end - at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) {
            return -1;
        }
        value = value << 4 | digit;
    }
    return value;
}

static size_t utf8(unsigned long character, char *out)
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    out[0] = (char)((0xf00 >> length & 0xff) | character);
    return length;
}

/* Reads one character of a string, which ends before its quote. Its length in UTF-8, 0 if it is malformed. */
static size_t character(const char **at, const char *end, char out[4])
{
    if (**at != '\\') {
        out[0] = *(*at)++;
        size_t length = 1;
        while (length < 4 && *at < end && ((unsigned char)**at & 0xc0) == 0x80 && ((unsigned char)out[0] & 0x80)) {
            out[length++] = *(*at)++;
        }
        return length;
    }
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (++*at >= end) {
        return 0;
    }
    char letter = *(*at)++;
    if (letter != 'u') {
        const char *found = letter ? strchr(letters, letter) : NULL;
        out[0] = found ? meanings[found - letters] : 0;
        return found ? 1 : 0;
    }
    long high = unit(*at, end);
    if (high < 0) {
        return 0;
    }
    *at += 4;
    if (high < 0xd800 || high > 0xdfff) {
        return utf8((unsigned long)high, out);
    }
    long low = end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? unit(*at + 2, end) : -1;
    if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) {
        return 0;
    }
    *at += 6;
    return utf8(0x10000 + ((unsigned long)(high - 0xd800) << 10) + (unsigned long)(low - 0xdc00), out);
}

int64_t json_string(struct value value, char *out, size_t capacity)
{
    if (capacity > 0) {
        out[0] = 0;
    }
    if (value.length < 2 || value.at[0] != '"') {
        return -1;
    }
    const char *at = value.at + 1, *end = value.at + value.length - 1;
    int64_t whole = 0;
    size_t written = 0;
    int is_cut = 0;
    while (at < end) {
        char bytes[4];
        size_t length = character(&at, end, bytes);
        if (length == 0) {
            return -1;
        }
        whole += (int64_t)length;
        is_cut |= written + length + 1 > capacity;
        if (!is_cut) {
            memcpy(out + written, bytes, length);
            written += length;
            out[written] = 0;
        }
    }
    return whole;
}

int64_t json_number(struct value value, int64_t otherwise)
{
    int64_t number = 0;
    if (value.length == 0 || value.length > 16) {
        return otherwise;
    }
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') {
            return otherwise;
        }
        number = number * 10 + (value.at[i] - '0');
    }
    return number;
}

int json_is(struct value value, const char *literal)
{
    return value.length == strlen(literal) && memcmp(value.at, literal, value.length) == 0;
}
