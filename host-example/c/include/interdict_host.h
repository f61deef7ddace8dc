/**
 * @file interdict_host.h
 * The Interdict host for C: screens merchants in process, from a state directory, through one module.
 *
 * `interdict.h` beside it has the module's codes, verdict numbers and doors; `docs/abi.md` is the contract. The
 * module decides everything; this library calls it, keeps its files (`docs/store.md`) and fetches lists.
 *
 * - **An error is never a verdict.** Every function that can fail returns 0 or an `INTERDICT_ERROR_…` below
 *   `INTERDICT_HOST_CODES`, and fills a `struct interdict_error` if it is given one. Treat no error as a pass.
 * - **Lengths are explicit.** Texts are UTF-8 and need no zero byte at their end; only paths have one.
 * - **Threads.** A gateway is used by any number of threads at once. An instance is used by one at a time.
 * - `now` is seconds since 1970, or `INTERDICT_NOW` for the clock.
 *
 * Bindings of other languages can read what stands between the two `#pragma` lines: it is free of macros.
 */
#ifndef INTERDICT_HOST_H
#define INTERDICT_HOST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** Kinds of errors. The words are the same in every language; interdict_error_word() gives them. */
enum interdict_error_kind {
    /** `refused`: the module refused; `code`, `name`, `path` and `message` are its own. */
    INTERDICT_ERROR_REFUSED = -100001,
    /** `trapped`: the module trapped, or memory ran out. The gateway replaces the instance. */
    INTERDICT_ERROR_TRAPPED = -100002,
    /** `foreign_module`: the module is not one that this host accepts. */
    INTERDICT_ERROR_FOREIGN_MODULE = -100003,
    /** `answer`: the module's answer was not understood. */
    INTERDICT_ERROR_ANSWER = -100004,
    /** `store_missing`: there is no state directory. */
    INTERDICT_ERROR_STORE_MISSING = -100005,
    /** `store_damaged`: something in the state directory is damaged, or cannot be read or written. */
    INTERDICT_ERROR_STORE_DAMAGED = -100006,
    /** `store_busy`: another process changes the state directory. */
    INTERDICT_ERROR_STORE_BUSY = -100007,
    /** `enrolment_differs`: the coalition is enrolled with another root or other keys. */
    INTERDICT_ERROR_ENROLMENT_DIFFERS = -100008,
    /** `not_screened`: this door cannot hold, and what was found is no listing. */
    INTERDICT_ERROR_NOT_SCREENED = -100009,
    /** `selftest`: a merchant of the self-test was not found, or a clean one was. */
    INTERDICT_ERROR_SELFTEST = -100010,
    /** `closed`: the gateway was closed. */
    INTERDICT_ERROR_CLOSED = -100011,
    /** `invalid`: a bad argument; the module was not asked. */
    INTERDICT_ERROR_INVALID = -100012
};

/** What went wrong. Texts end with a zero byte and are cut to fit. None repeats a request or holds a secret. */
struct interdict_error {
    /** One of `enum interdict_error_kind`; 0 after a success. */
    int kind;
    /** The code of a refusal, from `interdict.h`; otherwise 0. */
    int code;
    /** The name of that code, such as `unknown_field`. */
    char name[48];
    /** The place in the message, such as `identifiers[0]`; empty if none is known. */
    char path[256];
    /** A sentence for a person. */
    char message[512];
};

/** The word of an error kind, such as `store_busy`; `unknown` for any other number. */
const char *interdict_error_word(int kind);

/** Time arguments. */
enum interdict_time {
    /** Take the time from the gateway's clock. */
    INTERDICT_NOW = -1
};

/** A text or bytes of somebody else's. */
struct interdict_text {
    const char *data;
    size_t length;
};

/** Frees a text that a function handed out. NULL is allowed. */
void interdict_text_free(char *text);

/* -------------------------------------------------------------------------------------------------- module */

/** A module compiled into this program. It is never freed, and serves all threads. */
typedef struct interdict_module interdict_module;

/** The module that the library was built with. Every function that takes a module takes NULL for it. */
const interdict_module *interdict_module_builtin(void);

/** SHA-256 of the module's file: 64 hexadecimal digits and a zero byte. */
const char *interdict_module_sha256(const interdict_module *module);

/** What compiled it, such as `wasm2c 1.0.42, bounds checks`. Ends with a zero byte. */
const char *interdict_module_runtime(const interdict_module *module);

/**
 * Checks a module: all functions are there, the ABI's major is 1, and its memory has a maximum of at most 1 GiB.
 * Imports and further exports were refused when it was built.
 * @return 0, or INTERDICT_ERROR_FOREIGN_MODULE.
 */
int interdict_module_check(const interdict_module *module, struct interdict_error *error);

/* ------------------------------------------------------------------------------------------------ instance */

/** Operations of the module. */
enum interdict_operation {
    INTERDICT_OPERATION_CONFIGURE = 0,
    INTERDICT_OPERATION_POLL = 1,
    INTERDICT_OPERATION_SUPPLY = 2,
    INTERDICT_OPERATION_SCREEN = 3,
    INTERDICT_OPERATION_SCREEN_BATCH = 4,
    INTERDICT_OPERATION_STATE = 5,
    INTERDICT_OPERATION_DESCRIBE = 6
};

/** One engine. One thread uses it at a time: a second one is refused with INTERDICT_ERROR_INVALID. */
typedef struct interdict_instance interdict_instance;

/** Makes an empty instance. @return 0, or an error: `foreign_module`, `trapped`. */
int interdict_instance_new(const interdict_module *module, interdict_instance **instance, struct interdict_error *error);

/** Makes another instance with the same lists, keys and buffers. Not during a call. @return 0, or an error. */
int interdict_instance_clone(interdict_instance *from, interdict_instance **instance, struct interdict_error *error);

/** Frees an instance. Not during a call. NULL is allowed. */
void interdict_instance_free(interdict_instance *instance);

/**
 * Runs one operation.
 * @param operation one of `enum interdict_operation`
 * @param message   JSON, or lines of JSON for a batch
 * @param now       seconds since 1970, 0 to 2^32 - 1, or INTERDICT_NOW for the system's clock
 * @param answer    gets the answer, which lies in the instance and is there until its next call; may be NULL
 * @return 0, or an error: `refused`, `trapped` (the instance is dead), `answer`, `invalid`.
 */
int interdict_instance_call(interdict_instance *instance, int operation, const char *message, size_t length,
                            int64_t now, struct interdict_text *answer, struct interdict_error *error);

/** Puts a file into the open region, for the next `supply`. @return 0, or an error. */
int interdict_instance_file(interdict_instance *instance, const void *bytes, size_t length,
                            struct interdict_error *error);

/** The last verdict as a number of `interdict.h`; 60, no verdict, from a dead instance and from NULL. */
int interdict_instance_verdict(interdict_instance *instance);

/**
 * A number among the questions of a walk: 3 `max_size`, 4 `keep`, 5 `completed`.
 * @return the number, or an error below INTERDICT_HOST_CODES.
 */
int interdict_instance_walk_number(interdict_instance *instance, int question, struct interdict_error *error);

/** A text among the questions of a walk: 1 `name`, 2 `path`, 6 `history`, 7 `files`. There until the next call. */
int interdict_instance_walk_text(interdict_instance *instance, int question, struct interdict_text *text,
                                 struct interdict_error *error);

/** Whether it trapped: 1 or 0. A dead instance answers nothing more. */
int interdict_instance_is_dead(const interdict_instance *instance);

/* ----------------------------------------------------------------------------------------------- decision */

/** A verdict, or one line's refusal in a batch. */
struct interdict_verdict {
    /** 0: a verdict. Below 0: the line was refused with this code of `interdict.h`, and there is no verdict. */
    int code;
    /** The verdict as a number of `interdict.h`, 10 to 51; 60 if there is none. */
    int number;
    /** 1 if a list that must answer could not in full, or if time or state is in doubt. */
    int degraded;
    /** 0 to 1000. */
    int score;
    /** `allow`, `monitor`, `review`, `hold_payout` or `block`; empty without a verdict. Ends with a zero byte. */
    char action[16];
    /** Why the action is above `allow`, in one word; empty if it is not. Ends with a zero byte. */
    char because[32];
    /**
     * The module's own answer, JSON with reasons, lists and receipt, without the number of the line. Of a refused line it is
     * `{"error":{"code","name","path"?,"message","receipt"?}}`.
     */
    struct interdict_text answer;
};

/** Frees what interdict_gateway_screen() handed out. NULL is allowed. */
void interdict_verdict_free(struct interdict_verdict *verdict);

/**
 * What a door does with a verdict: the table of `docs/abi.md`.
 * @param because may be NULL if length is 0
 * @param holds   0 if this door cannot hold: what it would hold is refused if `because` is `record` or
 *                `candidate`, and otherwise INTERDICT_ERROR_NOT_SCREENED
 * @return 1 pass, 2 hold, 3 refuse (`enum interdict_door`), or an error below INTERDICT_HOST_CODES.
 */
int interdict_decide(const char *action, size_t action_length, const char *because, size_t because_length,
                     const char *flow, size_t flow_length, int holds, struct interdict_error *error);

/** interdict_decide() of a verdict. NULL and a refusal are INTERDICT_ERROR_INVALID: they are no verdict. */
int interdict_verdict_decide(const struct interdict_verdict *verdict, const char *flow, size_t flow_length, int holds,
                             struct interdict_error *error);

/* -------------------------------------------------------------------------------------------------- store */

/** A state directory, `docs/store.md`. */
typedef struct interdict_store interdict_store;

/** Opens a state directory to look at. @return 0, or an error: `store_missing`, `store_damaged`. */
int interdict_store_open(const char *directory, interdict_store **store, struct interdict_error *error);

/** Frees the handle. NULL is allowed. */
void interdict_store_close(interdict_store *store);

/** How many coalitions are enrolled. */
size_t interdict_store_count(const interdict_store *store);

/** The name of a coalition, in the order of their bytes; NULL above the last. Ends with a zero byte. */
const char *interdict_store_coalition(const interdict_store *store, size_t index);

/** Whether the directory lacks something that it had: 1 or 0. */
int interdict_store_is_lost(const interdict_store *store);

/**
 * Enrols a coalition, after the module has accepted the enrolment. Creates the directory and its receipt key.
 * If the coalition is enrolled with the same root and has all given keys, nothing changes.
 * @return 0, or an error: `refused`, `enrolment_differs`, `store_busy`, `store_damaged`.
 */
int interdict_store_enrol(const char *directory, const interdict_module *module, const char *enrolment, size_t length,
                          int64_t now, struct interdict_error *error);

/* ------------------------------------------------------------------------------------------------ gateway */

/** Which answers have a receipt. */
enum interdict_receipts {
    INTERDICT_RECEIPTS_ALWAYS = 0,
    INTERDICT_RECEIPTS_FINDINGS = 1,
    INTERDICT_RECEIPTS_NEVER = 2
};

/** The present time in seconds since 1970. Called from every thread that gives no time of its own. */
typedef int64_t (*interdict_clock)(void *context);

/**
 * Takes a receipt, JSON, with the verdict that it belongs to. Called by the thread that screens, after its
 * instance was given back, so it may take its time. The texts are there until it returns.
 */
typedef void (*interdict_on_receipt)(void *context, const char *receipt, size_t length,
                                     const struct interdict_verdict *verdict);

/** Options of a gateway. Fill them with interdict_options_init() first. */
struct interdict_options {
    /** sizeof(struct interdict_options): set by interdict_options_init(). */
    size_t size;
    /** The policy, a JSON object (`docs/abi.md`). Without one no verdict is clean. */
    struct interdict_text policy;
    /** Enrolments, each enrolled first if its coalition is not. */
    const struct interdict_text *enrolments;
    size_t enrolment_count;
    /** Instances in the pool; 0: as many as processors, at most 4. At 3 to 15 us a call a few serve a machine. */
    unsigned workers;
    /** One of `enum interdict_receipts`. */
    int receipts;
    /** NULL: the module that the library was built with. */
    const interdict_module *module;
    /** NULL: the system's clock. A clock that stands still makes every verdict doubt it. */
    interdict_clock clock;
    void *clock_context;
    /** NULL: receipts stay in the answers. */
    interdict_on_receipt on_receipt;
    void *receipt_context;
    /** 1: every repository may be on this machine or in a private network. */
    int allow_private_all;
    /** Coalitions whose repository may be. */
    const struct interdict_text *allow_private;
    size_t allow_private_count;
    /** Time limits of a refresh, in milliseconds: to connect, until an answer begins, for a file, for all. */
    uint32_t patience_connect;
    uint32_t patience_response;
    uint32_t patience_file;
    uint32_t patience_refresh;
};

/** Sets every option to its default: 10 s, 10 s, 60 s and 600 s of patience, and otherwise nothing. */
void interdict_options_init(struct interdict_options *options);

/** A pool of loaded instances over a state directory. All threads may use it at once. */
typedef struct interdict_gateway interdict_gateway;

/**
 * Loads a gateway.
 * @param options NULL for the defaults
 * @return 0, or an error.
 */
int interdict_gateway_open(const char *directory, const struct interdict_options *options,
                           interdict_gateway **gateway, struct interdict_error *error);

/**
 * Screens one request, JSON (`docs/abi.md`, screen).
 * @param verdict gets the verdict; free it with interdict_verdict_free(). NULL after any error.
 * @return 0, or an error: `refused`, `trapped`, `answer`, `closed`, `invalid`. None is a verdict.
 */
int interdict_gateway_screen(interdict_gateway *gateway, const char *request, size_t length, int64_t now,
                             struct interdict_verdict **verdict, struct interdict_error *error);

/** The verdicts of a batch. */
typedef struct interdict_verdicts interdict_verdicts;

/**
 * Screens lines of JSON, any number of them, each ended by a line feed; the last one need not have it.
 * Lines that are refused have a `code`.
 * @return 0, or an error.
 */
int interdict_gateway_screen_batch(interdict_gateway *gateway, const char *lines, size_t length, int64_t now,
                                   interdict_verdicts **verdicts, struct interdict_error *error);

/** How many lines there were. */
size_t interdict_verdicts_count(const interdict_verdicts *verdicts);

/** The verdict of a line, from 0; NULL above the last. It belongs to the batch. */
const struct interdict_verdict *interdict_verdicts_at(const interdict_verdicts *verdicts, size_t index);

/** Frees a batch with all its verdicts. NULL is allowed. */
void interdict_verdicts_free(interdict_verdicts *verdicts);

/**
 * Fetches what is new, one coalition after the other, saves it and swaps it in. No call waits for it.
 * @param report gets `{"coalitions":[{"coalition":"se","outcome":"updated"}]}`, with outcome `updated`,
 *               `unchanged` or `failed` and then `why`; free it with interdict_text_free(). May be NULL, and so may
 *               report_length.
 *               A repository that is a web server fails in a library that was built without libcurl.
 * @return 0 if it ran, whatever the outcomes.
 */
int interdict_gateway_refresh(interdict_gateway *gateway, int64_t now, char **report, size_t *report_length,
                              struct interdict_error *error);

/** Whether this library can fetch lists from web servers: 1 or 0. Directories can always be read. */
int interdict_can_fetch(void);

/**
 * Says what is live: `{"coalitions":[the module's state],"refreshed":{"se":{"outcome","time","why"?}},
 * "warnings":[texts],"traps":N}`. `refreshed` has the name "" if the refreshing thread failed before any coalition. Free it
 * with interdict_text_free().
 */
int interdict_gateway_status(interdict_gateway *gateway, int64_t now, char **status, size_t *length,
                             struct interdict_error *error);

/** Loads the state directory again if another program changed it. @param changed gets 1 or 0; may be NULL. */
int interdict_gateway_reload_if_changed(interdict_gateway *gateway, int64_t now, int *changed,
                                        struct interdict_error *error);

/**
 * Starts a thread that refreshes every `interval` seconds, and up to `jitter` seconds later at random; the first
 * time after a random part of `jitter`. What goes wrong is in the status. 0 for the interval: one hour.
 * Without a way to fetch, it looks for what another program saved instead. Starting it twice is `invalid`. To answer from
 * fresh lists from the first call on, call interdict_gateway_refresh() before.
 */
int interdict_gateway_start_refreshing(interdict_gateway *gateway, uint32_t interval, uint32_t jitter,
                                       struct interdict_error *error);

/** Stops that thread and waits for it. Without one it does nothing. */
int interdict_gateway_stop_refreshing(interdict_gateway *gateway, struct interdict_error *error);

/**
 * Screens the merchants that every list has for this, and one that none has, without receipts. A compact list has none
 * that asks to monitor. @return 0, or `selftest`.
 */
int interdict_gateway_selftest(interdict_gateway *gateway, int64_t now, struct interdict_error *error);

/** Waits for calls in flight, then frees the instances. Every later call is `closed`. May be called twice. */
void interdict_gateway_close(interdict_gateway *gateway);

/** Closes the gateway and frees the handle; no thread may use it any more. NULL is allowed. */
void interdict_gateway_free(interdict_gateway *gateway);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
