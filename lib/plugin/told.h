/* lib/plugin/told.h - taking what a plugin tells; the call's lock is held */
#ifndef SHR_PLUGIN_TOLD_H
#define SHR_PLUGIN_TOLD_H

#include "plugin/call.h"

#define SHR__REF_MOST 4096
#define SHR__TOKEN_MOST 4096
#define SHR__KEY_MOST 4096
#define SHR__PATH_MOST 1023
#define SHR__EXPORTS_MOST 64
#define SHR__FOUND_NAME_MOST 255
#define SHR__STRANGERS_MOST 64 /* clients without a rule that are kept of one look */

/* Hold it against the call, once: the first one stays. CODE: SHR_EDRIVER, or what befell the core. */
void shr__told_stick(struct shr__slot *s, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
void shr__told_nomem(struct shr__slot *s);
int shr__told_code_ok(int code); /* 1: of the closed list of fail() */

void shr__told_fail(struct shr__slot *s, int code, const char *message);
void shr__told_pending(struct shr__slot *s, const void *token, uint64_t len, uint32_t again_ms);
void shr__told_set_ref(struct shr__slot *s, const char *instance_id, const char *ref);
void shr__told_set_path(struct shr__slot *s, const char *instance_id, const char *path);
void shr__told_add_export(struct shr__slot *s, const char *instance_id, const struct shr_export *location);
void shr__told_set_rule(struct shr__slot *s, const char *rule_id, int code, const char *why);
void shr__told_set_key(struct shr__slot *s, const char *rule_id, const char *key);
void shr__told_found(struct shr__slot *s, const struct shr_found *thing);
void shr__told_set_number(struct shr__slot *s, const char *object, uint32_t key, uint64_t value);

/* look(): a rule of the set was given out; one was answered; was each of them. */
void shr__look_pulled(struct shr__slot *s, const char *rule_id);
void shr__look_set_rule(struct shr__slot *s, const char *rule_id, int code, const char *why);
void shr__look_judge(struct shr__slot *s);

const struct shr_rule *shr__told_rule_of(const struct shr_rule_change *change); /* that it is about */

#endif
