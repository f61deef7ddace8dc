/* The module that the library was built with, but a `screen` message that begins with `!` traps. The trap is raised in the
   middle of the call, as the generated code does it. */
#include <interdict_host.h>
#include <string.h>

#include "module.h"

#include "wasm-rt.h"

static const interdict_module *real;

static uint32_t screen(void *engine, uint32_t in, uint32_t in_length, uint32_t now, uint32_t out, uint32_t out_length)
{
    uint64_t size, maximum;
    const uint8_t *memory = real->memory(engine, &size, &maximum);
    if (in_length > 0 && memory[in] == '!') {
        wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE);
    }
    return real->operations[INTERDICT_OPERATION_SCREEN](engine, in, in_length, now, out, out_length);
}

const interdict_module *interdict_module_trapping(void);

const interdict_module *interdict_module_trapping(void)
{
    static interdict_module module;
    if (!real) { /* the driver's first thread asks first */
        module = *interdict_module_builtin();
        real = interdict_module_builtin();
        module.operations[INTERDICT_OPERATION_SCREEN] = screen;
    }
    return &module;
}
