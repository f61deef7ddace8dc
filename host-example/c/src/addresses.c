#define _GNU_SOURCE
#include "addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* The special ranges of RFC 6890 that are not of the internet. */
static int is_private_4(const uint8_t *a)
{
    return a[0] == 0 || a[0] >= 224 || a[0] == 127 || a[0] == 10 || (a[0] == 172 && a[1] >= 16 && a[1] < 32) ||
           (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254) || (a[0] == 100 && a[1] >= 64 && a[1] < 128) ||
           (a[0] == 192 && a[1] == 0 && a[2] == 0) || (a[0] == 198 && (a[1] == 18 || a[1] == 19));
}

/* The same, and addresses that carry one of version 4: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056). */
static int is_private_6(const uint8_t *a)
{
    static const uint8_t zeros[10];
    static const uint8_t nat64[4] = {0, 0x64, 0xff, 0x9b};
    if (memcmp(a, zeros, 10) == 0) {
        return (a[10] == 0 && a[11] == 0) || is_private_4(a + 12);
    }
    if (memcmp(a, nat64, 4) == 0) {
        return (a[4] == 0 && a[5] == 1) || is_private_4(a + 12);
    }
    if (a[0] == 0x20 && a[1] == 0x02) {
        return is_private_4(a + 2);
    }
    return (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0x80)) || a[0] == 0xff;
}

int address_is_private(const struct sockaddr *address)
{
    switch (address->sa_family) {
    case AF_INET:
        return is_private_4((const uint8_t *)&((const struct sockaddr_in *)address)->sin_addr);
    case AF_INET6:
        return is_private_6(((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr);
    default:
        return 1;
    }
}

int host_is_private(const char *host)
{
    char name[256];
    uint8_t bytes[16];
    size_t length = strlen(host);
    if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    while (length > 0 && host[length - 1] == '.') {
        length--;
    }
    if (length >= sizeof name) {
        return 1;
    }
    memcpy(name, host, length);
    name[length] = 0;
    if (inet_pton(AF_INET, name, bytes) == 1) {
        return is_private_4(bytes);
    }
    if (inet_pton(AF_INET6, name, bytes) == 1) {
        return is_private_6(bytes);
    }
    static const char local[] = "localhost";
    size_t tail = sizeof local - 1;
    return length >= tail && strcasecmp(name + length - tail, local) == 0 && (length == tail || name[length - tail - 1] == '.');
}
