/* Made from interdict_host.h by tests/declarations.php. Do not edit. */

enum interdict_error_kind {
    INTERDICT_ERROR_REFUSED = -100001,
    INTERDICT_ERROR_TRAPPED = -100002,
    INTERDICT_ERROR_FOREIGN_MODULE = -100003,
    INTERDICT_ERROR_ANSWER = -100004,
    INTERDICT_ERROR_STORE_MISSING = -100005,
    INTERDICT_ERROR_STORE_DAMAGED = -100006,
    INTERDICT_ERROR_STORE_BUSY = -100007,
    INTERDICT_ERROR_ENROLMENT_DIFFERS = -100008,
    INTERDICT_ERROR_NOT_SCREENED = -100009,
    INTERDICT_ERROR_SELFTEST = -100010,
    INTERDICT_ERROR_CLOSED = -100011,
    INTERDICT_ERROR_INVALID = -100012
};
struct interdict_error {
    int kind;
    int code;
    char name[48];
    char path[256];
    char message[512];
};
const char *interdict_error_word(int kind);
enum interdict_time {
    INTERDICT_NOW = -1
};
struct interdict_text {
    const char *data;
    size_t length;
};
void interdict_text_free(char *text);
typedef struct interdict_module interdict_module;
const interdict_module *interdict_module_builtin(void);
const char *interdict_module_sha256(const interdict_module *module);
const char *interdict_module_runtime(const interdict_module *module);
int interdict_module_check(const interdict_module *module, struct interdict_error *error);
enum interdict_operation {
    INTERDICT_OPERATION_CONFIGURE = 0,
    INTERDICT_OPERATION_POLL = 1,
    INTERDICT_OPERATION_SUPPLY = 2,
    INTERDICT_OPERATION_SCREEN = 3,
    INTERDICT_OPERATION_SCREEN_BATCH = 4,
    INTERDICT_OPERATION_STATE = 5,
    INTERDICT_OPERATION_DESCRIBE = 6
};
typedef struct interdict_instance interdict_instance;
int interdict_instance_new(const interdict_module *module, interdict_instance **instance, struct interdict_error *error);
int interdict_instance_clone(interdict_instance *from, interdict_instance **instance, struct interdict_error *error);
void interdict_instance_free(interdict_instance *instance);
int interdict_instance_call(interdict_instance *instance, int operation, const char *message, size_t length,
                            int64_t now, struct interdict_text *answer, struct interdict_error *error);
int interdict_instance_file(interdict_instance *instance, const void *bytes, size_t length,
                            struct interdict_error *error);
int interdict_instance_verdict(interdict_instance *instance);
int interdict_instance_walk_number(interdict_instance *instance, int question, struct interdict_error *error);
int interdict_instance_walk_text(interdict_instance *instance, int question, struct interdict_text *text,
                                 struct interdict_error *error);
int interdict_instance_is_dead(const interdict_instance *instance);
struct interdict_verdict {
    int code;
    int number;
    int degraded;
    int score;
    char action[16];
    char because[32];
    struct interdict_text answer;
};
void interdict_verdict_free(struct interdict_verdict *verdict);
int interdict_decide(const char *action, size_t action_length, const char *because, size_t because_length,
                     const char *flow, size_t flow_length, int holds, struct interdict_error *error);
int interdict_verdict_decide(const struct interdict_verdict *verdict, const char *flow, size_t flow_length, int holds,
                             struct interdict_error *error);
typedef struct interdict_store interdict_store;
int interdict_store_open(const char *directory, interdict_store **store, struct interdict_error *error);
void interdict_store_close(interdict_store *store);
size_t interdict_store_count(const interdict_store *store);
const char *interdict_store_coalition(const interdict_store *store, size_t index);
int interdict_store_is_lost(const interdict_store *store);
int interdict_store_enrol(const char *directory, const interdict_module *module, const char *enrolment, size_t length,
                          int64_t now, struct interdict_error *error);
enum interdict_receipts {
    INTERDICT_RECEIPTS_ALWAYS = 0,
    INTERDICT_RECEIPTS_FINDINGS = 1,
    INTERDICT_RECEIPTS_NEVER = 2
};
typedef int64_t (*interdict_clock)(void *context);
typedef void (*interdict_on_receipt)(void *context, const char *receipt, size_t length,
                                     const struct interdict_verdict *verdict);
struct interdict_options {
    size_t size;
    struct interdict_text policy;
    const struct interdict_text *enrolments;
    size_t enrolment_count;
    unsigned workers;
    int receipts;
    const interdict_module *module;
    interdict_clock clock;
    void *clock_context;
    interdict_on_receipt on_receipt;
    void *receipt_context;
    int allow_private_all;
    const struct interdict_text *allow_private;
    size_t allow_private_count;
    uint32_t patience_connect;
    uint32_t patience_response;
    uint32_t patience_file;
    uint32_t patience_refresh;
};
void interdict_options_init(struct interdict_options *options);
typedef struct interdict_gateway interdict_gateway;
int interdict_gateway_open(const char *directory, const struct interdict_options *options,
                           interdict_gateway **gateway, struct interdict_error *error);
int interdict_gateway_screen(interdict_gateway *gateway, const char *request, size_t length, int64_t now,
                             struct interdict_verdict **verdict, struct interdict_error *error);
typedef struct interdict_verdicts interdict_verdicts;
int interdict_gateway_screen_batch(interdict_gateway *gateway, const char *lines, size_t length, int64_t now,
                                   interdict_verdicts **verdicts, struct interdict_error *error);
size_t interdict_verdicts_count(const interdict_verdicts *verdicts);
const struct interdict_verdict *interdict_verdicts_at(const interdict_verdicts *verdicts, size_t index);
void interdict_verdicts_free(interdict_verdicts *verdicts);
int interdict_gateway_refresh(interdict_gateway *gateway, int64_t now, char **report, size_t *report_length,
                              struct interdict_error *error);
int interdict_can_fetch(void);
int interdict_gateway_status(interdict_gateway *gateway, int64_t now, char **status, size_t *length,
                             struct interdict_error *error);
int interdict_gateway_reload_if_changed(interdict_gateway *gateway, int64_t now, int *changed,
                                        struct interdict_error *error);
int interdict_gateway_start_refreshing(interdict_gateway *gateway, uint32_t interval, uint32_t jitter,
                                       struct interdict_error *error);
int interdict_gateway_stop_refreshing(interdict_gateway *gateway, struct interdict_error *error);
int interdict_gateway_selftest(interdict_gateway *gateway, int64_t now, struct interdict_error *error);
void interdict_gateway_close(interdict_gateway *gateway);
void interdict_gateway_free(interdict_gateway *gateway);
