/* A module as wasm2c compiled it: what the generated code of one .wasm file offers to this library. */
#ifndef INTERDICT_SRC_MODULE_H
#define INTERDICT_SRC_MODULE_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

enum { OPERATIONS = 7 };

struct interdict_module {
    const char *sha256;
    const char *runtime;
    /* Of one engine, the generated struct. */
    size_t engine_size;
    /* Before the first engine of the program; only one thread may be in it. */
    void (*prepare)(void);
    void (*instantiate)(void *engine);
    void (*release)(void *engine);
    /* The memory's first byte, which moves when it grows. */
    uint8_t *(*memory)(void *engine, uint64_t *size, uint64_t *maximum);
    /* Adds pages; 0 if there is no room. */
    int (*grow)(void *engine, uint64_t pages);
    uint32_t (*abi_version)(void *engine);
    uint32_t (*alloc)(void *engine, uint32_t length);
    void (*free)(void *engine, uint32_t pointer, uint32_t length);
    uint32_t (*file_begin)(void *engine, uint32_t length);
    /* In the order of enum interdict_operation. */
    uint32_t (*operations[OPERATIONS])(void *engine, uint32_t in, uint32_t in_length, uint32_t now, uint32_t out,
                                       uint32_t out_length);
    uint32_t (*result)(void *engine, uint32_t out, uint32_t out_length);
    uint32_t (*last_error)(void *engine, uint32_t out, uint32_t out_length);
    uint32_t (*verdict)(void *engine);
    uint32_t (*walk)(void *engine, uint32_t question, uint32_t out, uint32_t out_length);
};

/* Where a trap of this thread jumps to; NULL outside calls. */
extern _Thread_local jmp_buf *interdict_trap_target;

/* Begins a call: traps jump to `target` until interdict_trap_end(). */
void interdict_trap_begin(jmp_buf *target, const void *engine_memory);
void interdict_trap_end(void);

#endif
