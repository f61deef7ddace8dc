/* The generated code of one module behind the table of module.h. CMake compiles it once for each module, with
   INTERDICT_GENERATED, the generated header; INTERDICT_SYMBOL, the name of the function that gives the table; and the
   names that this version of wasm2c gives to exports. A function that the module lacks is an error of the compiler. */
#include <interdict_host.h>

#include "module.h"
#include INTERDICT_GENERATED

#define ENGINE(engine) ((INTERDICT_ENGINE *)(engine))

static void prepare(void)
{
    INTERDICT_PREPARE();
}

static void instantiate(void *engine)
{
    INTERDICT_INSTANTIATE(ENGINE(engine));
}

static void release(void *engine)
{
    INTERDICT_RELEASE(ENGINE(engine));
}

static uint8_t *memory(void *engine, uint64_t *size, uint64_t *maximum)
{
    const wasm_rt_memory_t *memory = INTERDICT_MEMORY(ENGINE(engine));
    *size = memory->size;
    *maximum = (uint64_t)memory->max_pages << 16;
    return memory->data;
}

static int grow(void *engine, uint64_t pages)
{
    wasm_rt_memory_t *memory = INTERDICT_MEMORY(ENGINE(engine));
    return (uint32_t)wasm_rt_grow_memory(memory, (uint32_t)pages) != UINT32_MAX;
}

#define OPERATION(name) \
    static uint32_t name(void *engine, uint32_t in, uint32_t in_length, uint32_t now, uint32_t out, uint32_t out_length) \
    { \
        return INTERDICT_EXPORT(name)(ENGINE(engine), in, in_length, now, out, out_length); \
    }
OPERATION(configure)
OPERATION(poll)
OPERATION(supply)
OPERATION(screen)
OPERATION(screen_batch)
OPERATION(state)
OPERATION(describe)

static uint32_t abi_version(void *engine)
{
    INTERDICT_EXPORT(abi_v1)(ENGINE(engine));
    return INTERDICT_EXPORT(abi_version)(ENGINE(engine));
}

static uint32_t allocate(void *engine, uint32_t length)
{
    return INTERDICT_EXPORT(alloc)(ENGINE(engine), length);
}

static void give_back(void *engine, uint32_t pointer, uint32_t length)
{
    INTERDICT_EXPORT(free)(ENGINE(engine), pointer, length);
}

static uint32_t file_begin(void *engine, uint32_t length)
{
    return INTERDICT_EXPORT(file_begin)(ENGINE(engine), length);
}

static uint32_t result(void *engine, uint32_t out, uint32_t out_length)
{
    return INTERDICT_EXPORT(result)(ENGINE(engine), out, out_length);
}

static uint32_t last_error(void *engine, uint32_t out, uint32_t out_length)
{
    return INTERDICT_EXPORT(last_error)(ENGINE(engine), out, out_length);
}

static uint32_t verdict(void *engine)
{
    return INTERDICT_EXPORT(verdict)(ENGINE(engine));
}

static uint32_t walk(void *engine, uint32_t question, uint32_t out, uint32_t out_length)
{
    return INTERDICT_EXPORT(walk)(ENGINE(engine), question, out, out_length);
}

const interdict_module *INTERDICT_SYMBOL(void);

const interdict_module *INTERDICT_SYMBOL(void)
{
    static const interdict_module module = {
        .sha256 = INTERDICT_SHA256,
        .runtime = INTERDICT_RUNTIME,
        .engine_size = sizeof(INTERDICT_ENGINE),
        .prepare = prepare,
        .instantiate = instantiate,
        .release = release,
        .memory = memory,
        .grow = grow,
        .abi_version = abi_version,
        .alloc = allocate,
        .free = give_back,
        .file_begin = file_begin,
        .operations = {configure, poll, supply, screen, screen_batch, state, describe},
        .result = result,
        .last_error = last_error,
        .verdict = verdict,
        .walk = walk,
    };
    return &module;
}
