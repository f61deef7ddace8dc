/* What wasm2c's code needs besides itself: memory, one table, traps. It takes the place of wasm-rt-impl.c, which keeps
   one trap buffer and one depth of calls for the whole program in some versions, and may install a handler for SIGSEGV.
   Here both belong to the thread, and every access is checked in the generated code, so there is no handler.

   INTERDICT_GUARD_PAGES is the other way: accesses are not checked, 8 GiB of addresses lie around the memory, and a
   handler turns a fault inside them into a trap. Any other fault goes to the handler that was there before. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "wasm-rt.h"

#include "module.h"

enum { PAGE = 65536 };

_Thread_local jmp_buf *interdict_trap_target;
_Thread_local uint32_t wasm_rt_call_stack_depth;

#if INTERDICT_GUARD_PAGES
#include <pthread.h>
#include <signal.h>

#define RESERVED ((size_t)8 << 30)

static _Thread_local const uint8_t *guarded;
static struct sigaction before;

static void on_fault(int number, siginfo_t *info, void *context)
{
    const uint8_t *at = info->si_addr;
    if (interdict_trap_target && guarded && at >= guarded && at < guarded + RESERVED) {
        longjmp(*interdict_trap_target, WASM_RT_TRAP_OOB);
    }
    if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(number, info, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(number);
    } else {
        sigaction(number, &before, NULL);
    }
}

static pthread_once_t installed = PTHREAD_ONCE_INIT;

static void install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &before);
}
#endif

void interdict_trap_begin(jmp_buf *target, const void *engine_memory)
{
    interdict_trap_target = target;
    wasm_rt_call_stack_depth = 0;
#if INTERDICT_GUARD_PAGES
    guarded = engine_memory;
#else
    (void)engine_memory;
#endif
}

void interdict_trap_end(void)
{
    interdict_trap_target = NULL;
}

void wasm_rt_trap(wasm_rt_trap_t code)
{
    if (!interdict_trap_target) {
        abort(); /* generated code runs nowhere else than in a call */
    }
    longjmp(*interdict_trap_target, (int)code);
}

bool wasm_rt_is_initialized(void)
{
    return true;
}

/* ------------------------------------------------------------------------------------------------- memory */

static size_t reserved(const wasm_rt_memory_t *memory)
{
#if INTERDICT_GUARD_PAGES
    (void)memory;
    return RESERVED;
#else
    return (size_t)memory->max_pages * PAGE;
#endif
}

/* All addresses that the memory may ever have are reserved, and given pages as it grows: it never moves, and what it
   never used costs nothing. */
static void allocate(wasm_rt_memory_t *memory, uint32_t pages, uint32_t max_pages)
{
    memory->max_pages = max_pages;
    memory->pages = pages;
    memory->size = pages * PAGE;
    void *data = mmap(NULL, reserved(memory), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) {
        memory->data = NULL;
        wasm_rt_trap(WASM_RT_TRAP_OOB);
    }
    memory->data = data;
#if INTERDICT_GUARD_PAGES
    pthread_once(&installed, install);
#endif
    if (pages > 0 && mprotect(data, memory->size, PROT_READ | PROT_WRITE) != 0) {
        wasm_rt_trap(WASM_RT_TRAP_OOB);
    }
#if INTERDICT_GUARD_PAGES
    guarded = memory->data;
#endif
}

static uint32_t grow(wasm_rt_memory_t *memory, uint64_t delta)
{
    uint32_t old_pages = (uint32_t)memory->pages;
    if (delta > memory->max_pages - memory->pages) {
        return UINT32_MAX;
    }
    if (delta > 0 && mprotect(memory->data + memory->size, delta * PAGE, PROT_READ | PROT_WRITE) != 0) {
        return UINT32_MAX;
    }
    memory->pages = (uint32_t)(old_pages + delta);
    memory->size = memory->size + (uint32_t)(delta * PAGE);
    return old_pages;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory)
{
    if (memory->data) {
        munmap(memory->data, reserved(memory));
        memory->data = NULL;
    }
}

#if INTERDICT_RUNTIME_64
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t pages, uint64_t max_pages, bool is64, uint32_t page_size)
{
    memory->is64 = is64;
    memory->page_size = page_size;
    if (is64 || page_size != PAGE) {
        wasm_rt_trap(WASM_RT_TRAP_OOB);
    }
    allocate(memory, (uint32_t)pages, (uint32_t)max_pages);
    memory->data_end = memory->data + reserved(memory);
}

uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t pages)
{
    return grow(memory, pages);
}
#else
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint32_t pages, uint32_t max_pages)
{
    allocate(memory, pages, max_pages);
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint32_t pages)
{
    return grow(memory, pages);
}

/* Two types of functions are equal if they have equal parameters and results. Called by `prepare` alone. */
uint32_t wasm_rt_register_func_type(uint32_t parameters, uint32_t results, ...)
{
    enum { MOST_TYPES = 256, LONGEST = 30 };
    static unsigned char types[MOST_TYPES][LONGEST + 2];
    static uint32_t count;
    unsigned char type[LONGEST + 2] = {0};
    if (parameters + results > LONGEST || count == MOST_TYPES) {
        abort(); /* the build runs `prepare` of each module */
    }
    type[0] = (unsigned char)parameters;
    type[1] = (unsigned char)results;
    va_list all;
    va_start(all, results);
    for (uint32_t i = 0; i < parameters + results; i++) {
        type[2 + i] = (unsigned char)(1 + va_arg(all, wasm_rt_type_t));
    }
    va_end(all);
    for (uint32_t i = 0; i < count; i++) {
        if (memcmp(types[i], type, sizeof type) == 0) {
            return i + 1;
        }
    }
    memcpy(types[count], type, sizeof type);
    return ++count;
}
#endif

/* -------------------------------------------------------------------------------------------------- table */

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *table, uint32_t elements, uint32_t max_elements)
{
    table->data = calloc(elements ? elements : 1, sizeof *table->data);
    if (!table->data) {
        wasm_rt_trap(WASM_RT_TRAP_OOB);
    }
    table->size = elements;
    table->max_size = max_elements;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table)
{
    free(table->data);
    table->data = NULL;
}
