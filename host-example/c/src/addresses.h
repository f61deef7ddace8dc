/* Which machines a repository may be on: a coalition's file must not make a gateway ask its own machine or the network
   behind it. */
#ifndef INTERDICT_SRC_ADDRESSES_H
#define INTERDICT_SRC_ADDRESSES_H

#include <sys/socket.h>

/* Loopback, link-local, private, unique local, multicast, unspecified, and version 6 around one of those. */
int address_is_private(const struct sockaddr *address);
/* The same of a host as it is written: an address, or localhost. */
int host_is_private(const char *host);

#endif
