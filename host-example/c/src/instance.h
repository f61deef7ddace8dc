/* What the library and its tests know of an instance beyond the public functions. */
#ifndef INTERDICT_SRC_INSTANCE_H
#define INTERDICT_SRC_INSTANCE_H

#include <interdict_host.h>

/* Bytes of its memory. */
uint64_t instance_memory(const interdict_instance *instance);
/* The memory itself, for tests that damage it. */
uint8_t *instance_bytes(interdict_instance *instance, uint64_t *size);

#endif
