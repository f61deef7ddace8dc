/* Texts: a buffer that grows, and a reader of JSON that the module wrote or accepted. */
#ifndef INTERDICT_SRC_TEXT_H
#define INTERDICT_SRC_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include <interdict_host.h>

/* A text under construction. If memory runs out, `failed` is set and the rest is left out. */
struct buffer {
    char *data;
    size_t length, capacity;
    int failed;
};

void buffer_add(struct buffer *buffer, const void *data, size_t length);
void buffer_say(struct buffer *buffer, const char *text);
void buffer_number(struct buffer *buffer, int64_t number);
/* A JSON string of UTF-8, with its quotes. */
void buffer_json(struct buffer *buffer, const char *data, size_t length);
void buffer_base64(struct buffer *buffer, const void *data, size_t length);
void buffer_free(struct buffer *buffer);
/* Like buffer_free, after overwriting what may be a secret. */
void buffer_wipe(struct buffer *buffer);

/* A part of a JSON text. */
struct value {
    const char *at;
    size_t length;
};

/* Whether the text is one JSON object and nothing else, so that it cannot break out of a message that it is put
   into: brackets and strings are closed. What it holds is the module's business. */
int json_is_object(const char *text, size_t length);
/* A member of an object. 0 if there is none, or it is null. */
int json_member(struct value object, const char *name, struct value *member);
/* The next member; begin with an empty `member`. 0 at the end. */
int json_each(struct value object, struct value *key, struct value *member);
/* Whether a key, with its quotes and escapes, is this name. */
int json_named(struct value key, const char *name);
/* The next element of an array; begin with an empty `element`. 0 at the end. */
int json_next(struct value array, struct value *element);
/* Writes a JSON string, without escapes and with a zero byte, cut to fit between characters. Its whole length, or -1 if
   the value is no string. */
int64_t json_string(struct value value, char *out, size_t capacity);
/* A whole number; `otherwise` if the value is none. */
int64_t json_number(struct value value, int64_t otherwise);
int json_is(struct value value, const char *literal);

#endif
