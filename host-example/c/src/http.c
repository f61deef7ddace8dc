/* Files from a web server, by libcurl. */
#define _GNU_SOURCE
#include <interdict_host.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "addresses.h"
#include "repository.h"

int interdict_can_fetch(void)
{
    return INTERDICT_FETCHES;
}

#if !INTERDICT_FETCHES

struct http *http_open(const char *location, int allows_private, const atomic_int *is_closing, char why[256])
{
    (void)location;
    (void)allows_private;
    (void)is_closing;
    snprintf(why, 256, "this library was built without libcurl; another program must refresh the state directory");
    return NULL;
}

void http_close(struct http *http)
{
    (void)http;
}

enum found http_bring(struct http *http, const char *path, const char *suffix, const struct patience *patience,
                      struct intake *intake, char why[256])
{
    (void)http;
    (void)path;
    (void)suffix;
    (void)patience;
    (void)intake;
    snprintf(why, 256, "this library was built without libcurl");
    return NOT_READABLE;
}

#else

#include <curl/curl.h>
#include <pthread.h>

enum { MAX_REDIRECTS = 3, TURN_MS = 50 };

static const char *const PRIVATE = "the repository is on this machine or in a private network; if that is meant, allow it";

struct http {
    CURL *easy;
    CURLM *multi;
    /* With name and password, if the location has them. Never shown. */
    char *base;
    int allows_private, is_proxied;
    /* Of the transfer under way. */
    int was_private, has_answer;
    struct intake *intake;
    const atomic_int *is_closing;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http *http = context;
    (void)purpose;
    if (!http->allows_private && !http->is_proxied && address_is_private(&address->addr)) {
        http->was_private = 1;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_data(char *data, size_t size, size_t count, void *context)
{
    struct http *http = context;
    long status = 0;
    curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        return size * count <= 1 << 16 ? size * count : 0; /* what it says beside an error */
    }
    /* A piece after the end of a gzip copy is not wanted, and no error. */
    return intake_take(http->intake, data, size * count) || http->intake->is_done ? size * count : 0;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct http *http = context;
    (void)data;
    http->has_answer = 1;
    return size * count;
}

/* Whether the environment names a proxy for this scheme: then it is the proxy that is asked, wherever it is. */
static int has_proxy(const char *scheme)
{
    const char *https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    const char *http[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    int is_https = strcmp(scheme, "https") == 0;
    const char **names = is_https ? https : http;
    for (size_t i = 0; i < (is_https ? 4u : 3u); i++) {
        const char *value = getenv(names[i]);
        if (value && value[0]) {
            return 1;
        }
    }
    return 0;
}

static int check_location(struct http *http, const char *location, char why[256])
{
    CURLU *url = curl_url();
    char *scheme = NULL, *host = NULL, *query = NULL, *fragment = NULL;
    int is_fine = url && curl_url_set(url, CURLUPART_URL, location, 0) == CURLUE_OK &&
                  curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                  curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK && host[0] &&
                  (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
                  curl_url_get(url, CURLUPART_QUERY, &query, 0) != CURLUE_OK &&
                  curl_url_get(url, CURLUPART_FRAGMENT, &fragment, 0) != CURLUE_OK;
    if (!is_fine) {
        snprintf(why, 256, "a repository is a path, or a URL that starts with https:, http: or file:");
    } else if (!http->allows_private && host_is_private(host)) {
        snprintf(why, 256, "%s", PRIVATE);
        is_fine = 0;
    } else {
        http->is_proxied = has_proxy(scheme);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(query);
    curl_free(fragment);
    curl_url_cleanup(url);
    return is_fine;
}

static void configure(struct http *http)
{
    CURL *easy = http->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "interdict-c/" INTERDICT_VERSION);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, NULL);
    if (http->is_proxied && !http->allows_private) {
        curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* nothing past the proxy, whose address is not looked at */
    }
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, http);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
}

struct http *http_open(const char *location, int allows_private, const atomic_int *is_closing, char why[256])
{
    pthread_once(&once, start);
    struct http *http = calloc(1, sizeof *http);
    if (!http) {
        snprintf(why, 256, "memory ran out");
        return NULL;
    }
    http->allows_private = allows_private;
    http->is_closing = is_closing;
    http->base = strdup(location);
    if (!http->base || !check_location(http, location, why)) {
        http_close(http);
        return NULL;
    }
    size_t length = strlen(http->base);
    while (length > 0 && http->base[length - 1] == '/') {
        http->base[--length] = 0;
    }
    http->easy = curl_easy_init();
    http->multi = curl_multi_init();
    if (!http->easy || !http->multi) {
        http_close(http);
        snprintf(why, 256, "memory ran out");
        return NULL;
    }
    configure(http);
    return http;
}

void http_close(struct http *http)
{
    if (http) {
        curl_easy_cleanup(http->easy);
        curl_multi_cleanup(http->multi);
        if (http->base) {
            explicit_bzero(http->base, strlen(http->base));
        }
        free(http->base);
        free(http);
    }
}

/* What went wrong, in fixed words without the address, which may hold a password. */
static const char *cause(const struct http *http, CURLcode code)
{
    if (http->was_private) {
        return PRIVATE;
    }
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return "the server was too slow";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "no such host";
    case CURLE_COULDNT_CONNECT:
        return "the connection was refused";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return "the server's certificate was not accepted";
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return "the connection ended early";
    default:
        return "the server's answer was not understood";
    }
}

/* Whether this transfer took too long by now. */
static int is_late(struct http *http, const struct patience *patience, int64_t began, int64_t *asked)
{
    curl_off_t sent = 0;
    int64_t now = now_ms();
    curl_easy_getinfo(http->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
    if (sent > 0 && *asked == 0) {
        *asked = now;
    }
    int is_silent = *asked ? now - *asked > patience->response : now - began > patience->connect;
    return (!http->has_answer && is_silent) || now - began > patience->file || now >= patience->until;
}

/* Runs one transfer to its end. */
static CURLcode transfer(struct http *http, const struct patience *patience)
{
    CURLcode code = CURLE_OPERATION_TIMEDOUT;
    int64_t began = now_ms(), asked = 0;
    int running = 1, left;
    http->was_private = http->has_answer = 0;
    curl_multi_add_handle(http->multi, http->easy);
    while (running && !is_late(http, patience, began, &asked) && !atomic_load(http->is_closing)) {
        if (curl_multi_perform(http->multi, &running) != CURLM_OK) {
            break;
        }
        if (running && !http->intake->is_done) {
            curl_multi_poll(http->multi, NULL, 0, TURN_MS, NULL);
        } else if (http->intake->is_done) {
            code = CURLE_OK;
            break;
        }
    }
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        if (message->msg == CURLMSG_DONE) {
            code = message->data.result;
        }
    }
    curl_multi_remove_handle(http->multi, http->easy);
    return code;
}

/* The address that a redirect leads to, if it is on the same server: the base may carry a password that the redirect
   does not, so only path and query are taken from it. */
static char *within(const struct http *http, const char *redirect)
{
    CURLU *from = curl_url(), *to = curl_url();
    static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    int is_same = from && to && redirect && curl_url_set(from, CURLUPART_URL, http->base, 0) == CURLUE_OK &&
                  curl_url_set(to, CURLUPART_URL, redirect, 0) == CURLUE_OK;
    for (size_t i = 0; is_same && i < 3; i++) {
        char *a = NULL, *b = NULL;
        is_same = curl_url_get(from, parts[i], &a, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                  curl_url_get(to, parts[i], &b, CURLU_DEFAULT_PORT) == CURLUE_OK && strcasecmp(a, b) == 0;
        curl_free(a);
        curl_free(b);
    }
    char *path = NULL, *query = NULL, *whole = NULL, *copy = NULL;
    if (is_same && curl_url_get(to, CURLUPART_PATH, &path, 0) == CURLUE_OK) {
        curl_url_get(to, CURLUPART_QUERY, &query, 0);
        if (curl_url_set(from, CURLUPART_PATH, path, 0) == CURLUE_OK &&
            curl_url_set(from, CURLUPART_QUERY, query, 0) == CURLUE_OK &&
            curl_url_get(from, CURLUPART_URL, &whole, 0) == CURLUE_OK) {
            copy = strdup(whole);
        }
    }
    curl_free(path);
    curl_free(query);
    curl_free(whole);
    curl_url_cleanup(from);
    curl_url_cleanup(to);
    return copy;
}

static int is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static enum found answered(long status, char why[256])
{
    if (status == 404 || status == 410) {
        return NOT_FOUND;
    }
    snprintf(why, 256,
             status == 403 ? "the server answered 403; for a file it does not have it must answer 404" : "the server answered %ld", status);
    return NOT_READABLE;
}

enum found http_bring(struct http *http, const char *path, const char *suffix, const struct patience *patience,
                      struct intake *intake, char why[256])
{
    size_t size = strlen(http->base) + strlen(path) + strlen(suffix) + 2;
    char *address = malloc(size);
    enum found found = NOT_READABLE;
    if (!address) {
        return NOT_READABLE;
    }
    snprintf(address, size, "%s/%s%s", http->base, path, suffix);
    http->intake = intake;
    snprintf(why, 256, "too many redirects");
    for (int redirects = 0; address && redirects <= MAX_REDIRECTS; redirects++) {
        long status = 0;
        char *redirect = NULL;
        curl_easy_setopt(http->easy, CURLOPT_URL, address);
        curl_easy_setopt(http->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)patience->connect);
        CURLcode code = transfer(http, patience);
        curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(http->easy, CURLINFO_REDIRECT_URL, &redirect);
        explicit_bzero(address, strlen(address));
        free(address);
        address = NULL;
        if (code != CURLE_OK) {
            snprintf(why, 256, "%s", cause(http, code));
        } else if (status == 200) {
            found = FOUND;
        } else if (!is_redirect(status)) {
            found = answered(status, why);
        } else if (!(address = within(http, redirect))) {
            snprintf(why, 256, "%ld: redirected elsewhere", status);
        }
    }
    if (address) {
        explicit_bzero(address, strlen(address));
        free(address);
    }
    return found;
}

#endif
