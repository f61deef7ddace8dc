/* One engine: every call into generated code goes through run(), where traps end. */
#include <interdict.h>
#include <interdict_host.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fault.h"
#include "instance.h"
#include "module.h"

enum {
    BUFFER = 1 << 14,
    /* The largest buffer that the module hands out. */
    MAX_BUFFER = 64 << 20,
    MAX_FILE = 512 << 20,
    MAX_MEMORY = 1 << 30
};

struct interdict_instance {
    const interdict_module *module;
    void *engine;
    atomic_flag is_entered;
    int is_dead;
    /* In the module's memory, used for ever and exchanged for larger ones. */
    uint32_t in, in_capacity, out, out_capacity;
};

/* One call of generated code. */
struct call {
    enum { INSTANTIATE, GROW, VERSION, ALLOC, FREE, FILE_BEGIN, OPERATION, RESULT, LAST_ERROR, VERDICT, WALK } what;
    uint32_t a, b, c;
    int operation;
    uint32_t result;
};

static void perform(interdict_instance *instance, struct call *call)
{
    const interdict_module *module = instance->module;
    void *engine = instance->engine;
    switch (call->what) {
    case INSTANTIATE:
        module->instantiate(engine);
        break;
    case GROW:
        call->result = (uint32_t)module->grow(engine, call->a);
        break;
    case VERSION:
        call->result = module->abi_version(engine);
        break;
    case ALLOC:
        call->result = module->alloc(engine, call->a);
        break;
    case FREE:
        module->free(engine, call->a, call->b);
        break;
    case FILE_BEGIN:
        call->result = module->file_begin(engine, call->a);
        break;
    case OPERATION:
        call->result = module->operations[call->operation](engine, instance->in, call->a, call->b, instance->out,
                                                           instance->out_capacity);
        break;
    case RESULT:
        call->result = module->result(engine, instance->out, instance->out_capacity);
        break;
    case LAST_ERROR:
        call->result = module->last_error(engine, instance->out, instance->out_capacity);
        break;
    case VERDICT:
        call->result = module->verdict(engine);
        break;
    case WALK:
        call->result = module->walk(engine, call->a, call->b, call->c);
        break;
    }
}

static const uint8_t *base(const interdict_instance *instance)
{
    uint64_t size, maximum;
    return instance->module->memory(instance->engine, &size, &maximum);
}

/* Returns 0, or `trapped` without a message: the instance is dead then. */
static int run(interdict_instance *instance, struct call *call)
{
    jmp_buf target;
    if (instance->is_dead) {
        return INTERDICT_ERROR_TRAPPED;
    }
    if (setjmp(target) != 0) {
        interdict_trap_end();
        instance->is_dead = 1;
        return INTERDICT_ERROR_TRAPPED;
    }
    interdict_trap_begin(&target, base(instance));
    perform(instance, call);
    interdict_trap_end();
    return 0;
}

static int trapped(struct interdict_error *error)
{
    return fault(error, INTERDICT_ERROR_TRAPPED, "the module trapped; the instance is used no more");
}

/* The bytes at a pointer of the module; NULL if they are not all in its memory. */
static uint8_t *at(interdict_instance *instance, uint32_t pointer, uint64_t length)
{
    uint64_t size, maximum;
    uint8_t *memory = instance->module->memory(instance->engine, &size, &maximum);
    return pointer != 0 && (uint64_t)pointer + length <= size ? memory + pointer : NULL;
}

/* ------------------------------------------------------------------------------------------------- module */

static pthread_mutex_t preparing = PTHREAD_MUTEX_INITIALIZER;

static void prepare(const interdict_module *module)
{
    pthread_mutex_lock(&preparing);
    module->prepare();
    pthread_mutex_unlock(&preparing);
}

static int is_whole(const interdict_module *module)
{
    int all = module->sha256 && module->runtime && module->engine_size > 0 && module->prepare && module->instantiate &&
              module->release && module->memory && module->grow && module->abi_version && module->alloc && module->free &&
              module->file_begin && module->result && module->last_error && module->verdict && module->walk;
    for (int i = 0; i < OPERATIONS; i++) {
        all = all && module->operations[i];
    }
    return all;
}

const char *interdict_module_sha256(const interdict_module *module)
{
    return (module ? module : interdict_module_builtin())->sha256;
}

const char *interdict_module_runtime(const interdict_module *module)
{
    return (module ? module : interdict_module_builtin())->runtime;
}

int interdict_module_check(const interdict_module *module, struct interdict_error *error)
{
    interdict_instance *instance = NULL;
    int failed = interdict_instance_new(module, &instance, error);
    interdict_instance_free(instance);
    return failed;
}

/* ------------------------------------------------------------------------------------------------ instance */

static uint32_t allocated(interdict_instance *instance, uint32_t length)
{
    struct call call = {.what = ALLOC, .a = length};
    if (run(instance, &call) != 0 || !at(instance, call.result, length)) {
        return 0;
    }
    return call.result;
}

/* An engine without buffers. */
static int engine_new(const interdict_module *module, interdict_instance **made, struct interdict_error *error)
{
    interdict_instance *instance = calloc(1, sizeof *instance);
    if (!instance || !(instance->engine = calloc(1, module->engine_size))) {
        free(instance);
        return fault_memory(error);
    }
    instance->module = module;
    atomic_flag_clear(&instance->is_entered);
    prepare(module);
    struct call call = {.what = INSTANTIATE};
    if (run(instance, &call) != 0) {
        interdict_instance_free(instance);
        return fault_memory(error);
    }
    *made = instance;
    return 0;
}

static int check(interdict_instance *instance, struct interdict_error *error)
{
    uint64_t size, maximum;
    struct call call = {.what = VERSION};
    if (run(instance, &call) != 0) {
        return trapped(error);
    }
    instance->module->memory(instance->engine, &size, &maximum);
    if (call.result >> 16 != INTERDICT_ABI_MAJOR) {
        return fault(error, INTERDICT_ERROR_FOREIGN_MODULE, "the module speaks another ABI major");
    }
    if (maximum > MAX_MEMORY) {
        return fault(error, INTERDICT_ERROR_FOREIGN_MODULE, "the module's memory has no maximum, or one above 1 GiB");
    }
    return 0;
}

int interdict_instance_new(const interdict_module *module, interdict_instance **instance, struct interdict_error *error)
{
    fault_clear(error);
    if (!instance) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no place for the instance");
    }
    *instance = NULL;
    module = module ? module : interdict_module_builtin();
    if (!is_whole(module)) {
        return fault(error, INTERDICT_ERROR_FOREIGN_MODULE, "the module lacks a function");
    }
    interdict_instance *made = NULL;
    int failed = engine_new(module, &made, error);
    if (failed == 0) {
        failed = check(made, error);
    }
    if (failed == 0) {
        made->in_capacity = made->out_capacity = BUFFER;
        made->in = allocated(made, BUFFER);
        made->out = allocated(made, BUFFER);
        failed = made->in && made->out ? 0 : fault_memory(error);
    }
    if (failed != 0) {
        interdict_instance_free(made);
        return failed;
    }
    *instance = made;
    return 0;
}

static int enter(interdict_instance *instance, struct interdict_error *error)
{
    fault_clear(error);
    if (!instance) {
        return fault(error, INTERDICT_ERROR_INVALID, "there is no instance");
    }
    if (atomic_flag_test_and_set_explicit(&instance->is_entered, memory_order_acquire)) {
        return fault(error, INTERDICT_ERROR_INVALID, "another thread uses the instance");
    }
    return 0;
}

static int leave(interdict_instance *instance, int result)
{
    atomic_flag_clear_explicit(&instance->is_entered, memory_order_release);
    return result;
}

/* The only mutable global of the module is its stack pointer, which is the same between any two calls; so the memory is
   all that a loaded instance has. */
static int cloned(interdict_instance *from, interdict_instance **made, struct interdict_error *error)
{
    if (from->is_dead) {
        return trapped(error);
    }
    int failed = engine_new(from->module, made, error);
    if (failed != 0) {
        return failed;
    }
    uint64_t size, maximum, new_size;
    const uint8_t *memory = from->module->memory(from->engine, &size, &maximum);
    from->module->memory((*made)->engine, &new_size, &maximum);
    struct call call = {.what = GROW, .a = (uint32_t)((size - new_size) >> 16)};
    if (run(*made, &call) != 0 || call.result == 0) {
        interdict_instance_free(*made);
        *made = NULL;
        return fault_memory(error);
    }
    memcpy(from->module->memory((*made)->engine, &new_size, &maximum), memory, size);
    (*made)->in = from->in;
    (*made)->in_capacity = from->in_capacity;
    (*made)->out = from->out;
    (*made)->out_capacity = from->out_capacity;
    return 0;
}

int interdict_instance_clone(interdict_instance *from, interdict_instance **instance, struct interdict_error *error)
{
    int failed = enter(from, error);
    if (failed != 0) {
        return failed;
    }
    if (!instance) {
        return leave(from, fault(error, INTERDICT_ERROR_INVALID, "there is no place for the instance"));
    }
    *instance = NULL;
    return leave(from, cloned(from, instance, error));
}

void interdict_instance_free(interdict_instance *instance)
{
    if (instance) {
        instance->module->release(instance->engine);
        free(instance->engine);
        free(instance);
    }
}

int interdict_instance_is_dead(const interdict_instance *instance)
{
    return !instance || instance->is_dead;
}

uint64_t instance_memory(const interdict_instance *instance)
{
    uint64_t size, maximum;
    instance->module->memory(instance->engine, &size, &maximum);
    return size;
}

uint8_t *instance_bytes(interdict_instance *instance, uint64_t *size)
{
    uint64_t maximum;
    return instance->module->memory(instance->engine, size, &maximum);
}

/* Exchanges a buffer for one with room for `length`. */
static int exchange(interdict_instance *instance, uint32_t *buffer, uint32_t *capacity, size_t length,
                    struct interdict_error *error)
{
    if (length > MAX_BUFFER) {
        return fault(error, INTERDICT_ERROR_INVALID, "the message is larger than any that the module takes");
    }
    uint32_t wanted = *capacity;
    while (wanted < length) {
        wanted *= 2;
    }
    uint32_t larger = allocated(instance, wanted);
    if (!larger) {
        return instance->is_dead ? trapped(error) : fault_memory(error);
    }
    struct call call = {.what = FREE, .a = *buffer, .b = *capacity};
    *buffer = larger;
    *capacity = wanted;
    return run(instance, &call) == 0 ? 0 : trapped(error);
}

/* Runs what answers into `out`: once more with a larger buffer if the answer did not fit. */
static int fetch(interdict_instance *instance, struct call *call, struct interdict_text *answer,
                 struct interdict_error *error)
{
    int failed = run(instance, call);
    int32_t length = failed ? 0 : (int32_t)call->result;
    if (failed == 0 && length > 0 && (uint32_t)length > instance->out_capacity) {
        failed = exchange(instance, &instance->out, &instance->out_capacity, (size_t)length, error);
        if (failed != 0) {
            return failed;
        }
        *call = (struct call){.what = RESULT};
        failed = run(instance, call);
        if (failed == 0 && (int32_t)call->result != length) {
            return fault(error, INTERDICT_ERROR_ANSWER, "the module does not hand out its answer");
        }
    }
    if (failed != 0 || length == INTERDICT_POISONED) {
        instance->is_dead = 1;
        return trapped(error);
    }
    answer->data = (const char *)at(instance, instance->out, instance->out_capacity);
    answer->length = length > 0 ? (size_t)length : 0;
    return answer->data ? 0 : fault(error, INTERDICT_ERROR_ANSWER, "the answer lies outside the module's memory");
}

static int operate(interdict_instance *instance, int operation, const char *message, size_t length, uint32_t now,
                   struct interdict_text *answer, struct interdict_error *error)
{
    if (instance->is_dead) {
        return trapped(error);
    }
    if (length > instance->in_capacity) {
        int failed = exchange(instance, &instance->in, &instance->in_capacity, length, error);
        if (failed != 0) {
            return failed;
        }
    }
    if (length > 0) {
        memcpy(at(instance, instance->in, length), message, length);
    }
    struct call call = {.what = OPERATION, .a = (uint32_t)length, .b = now, .operation = operation};
    int failed = fetch(instance, &call, answer, error);
    int32_t code = (int32_t)call.result;
    if (failed != 0 || call.what == RESULT || code >= 0) {
        return failed;
    }
    /* The error object: its length was not told. */
    call = (struct call){.what = RESULT};
    struct interdict_text object = {NULL, 0};
    failed = fetch(instance, &call, &object, error);
    *answer = object;
    return failed ? failed : fault_refused(error, code, object.data, object.length);
}

int interdict_instance_call(interdict_instance *instance, int operation, const char *message, size_t length,
                            int64_t now, struct interdict_text *answer, struct interdict_error *error)
{
    struct interdict_text given = {NULL, 0};
    if (answer) {
        *answer = given;
    }
    int failed = enter(instance, error);
    if (failed != 0) {
        return failed;
    }
    now = now == INTERDICT_NOW ? (int64_t)time(NULL) : now;
    if (operation < 0 || operation >= OPERATIONS || (!message && length > 0)) {
        failed = fault(error, INTERDICT_ERROR_INVALID, "there is no such operation, or no message");
    } else if (now < 0 || now > UINT32_MAX) {
        failed = fault(error, INTERDICT_ERROR_INVALID, "the time is not within 2^32 seconds from 1970");
    } else {
        failed = operate(instance, operation, message, length, (uint32_t)now, &given, error);
    }
    /* A refusal's object holds its receipt. */
    if (answer && (failed == 0 || failed == INTERDICT_ERROR_REFUSED)) {
        *answer = given;
    }
    return leave(instance, failed);
}

int interdict_instance_file(interdict_instance *instance, const void *bytes, size_t length,
                            struct interdict_error *error)
{
    int failed = enter(instance, error);
    if (failed != 0) {
        return failed;
    }
    if ((!bytes && length > 0) || length > MAX_FILE) {
        return leave(instance, fault(error, INTERDICT_ERROR_INVALID, "there is no file, or it is above 512 MiB"));
    }
    struct call call = {.what = FILE_BEGIN, .a = (uint32_t)length};
    if (run(instance, &call) != 0) {
        return leave(instance, trapped(error));
    }
    uint8_t *place = at(instance, call.result, length);
    if (!place) {
        return leave(instance, fault(error, INTERDICT_ERROR_ANSWER, "the module has no room for the file"));
    }
    if (length > 0) {
        memcpy(place, bytes, length);
    }
    return leave(instance, 0);
}

int interdict_instance_verdict(interdict_instance *instance)
{
    if (enter(instance, NULL) != 0) {
        return INTERDICT_NO_VERDICT;
    }
    struct call call = {.what = VERDICT};
    int number = run(instance, &call) == 0 ? (int32_t)call.result : INTERDICT_NO_VERDICT;
    return leave(instance, number);
}

int interdict_instance_walk_number(interdict_instance *instance, int question, struct interdict_error *error)
{
    int failed = enter(instance, error);
    if (failed != 0) {
        return failed;
    }
    if (question != INTERDICT_WALK_MAX_SIZE && question != INTERDICT_WALK_KEEP && question != INTERDICT_WALK_COMPLETED) {
        return leave(instance, fault(error, INTERDICT_ERROR_INVALID, "no number answers this question"));
    }
    struct call call = {.what = WALK, .a = (uint32_t)question};
    if (run(instance, &call) != 0) {
        return leave(instance, trapped(error));
    }
    int number = (int32_t)call.result;
    return leave(instance, number < 0 ? fault(error, INTERDICT_ERROR_ANSWER, "the module does not answer the question") : number);
}

int interdict_instance_walk_text(interdict_instance *instance, int question, struct interdict_text *text,
                                 struct interdict_error *error)
{
    int failed = enter(instance, error);
    if (failed != 0) {
        return failed;
    }
    if (!text || (question != INTERDICT_WALK_NAME && question != INTERDICT_WALK_PATH && question != INTERDICT_WALK_HISTORY &&
                  question != INTERDICT_WALK_FILES)) {
        return leave(instance, fault(error, INTERDICT_ERROR_INVALID, "no text answers this question"));
    }
    *text = (struct interdict_text){NULL, 0};
    for (int attempt = 0; attempt < 2; attempt++) {
        struct call call = {.what = WALK, .a = (uint32_t)question, .b = instance->out, .c = instance->out_capacity};
        if (run(instance, &call) != 0) {
            return leave(instance, trapped(error));
        }
        int32_t length = (int32_t)call.result;
        if (length < 0) {
            break;
        }
        if ((uint32_t)length <= instance->out_capacity) {
            *text = (struct interdict_text){(const char *)at(instance, instance->out, instance->out_capacity), (size_t)length};
            return leave(instance, 0);
        }
        failed = exchange(instance, &instance->out, &instance->out_capacity, (size_t)length, error);
        if (failed != 0) {
            return leave(instance, failed);
        }
    }
    return leave(instance, fault(error, INTERDICT_ERROR_ANSWER, "the module does not answer the question"));
}
