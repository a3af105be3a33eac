/* examples/sharectl/share.h - what commands about shares and snapshots have in common */
#ifndef SHARECTL_SHARE_H
#define SHARECTL_SHARE_H

#include "ctl.h"
#include "table.h"

/* What a command is about. */
struct ctl_noun {
	const char *word; /* "share" */
	/* The id of the one that WORD names, by id or by name, in RET; an exit status. */
	int (*id)(struct ctl *c, const char *word, char ret[64]);
	int (*print)(struct ctl *c, const char *id);
};
extern const struct ctl_noun ctl_share_noun, ctl_snapshot_noun;

int ctl_share_id(struct ctl *c, const char *word, char ret[64]);
/* The same of a snapshot; of that share, or with SHARE_ID NULL of any. */
int ctl_snapshot_id(struct ctl *c, const char *share_id, const char *word, char ret[64]);
/* Of a share, or where none is named so of a snapshot. */
int ctl_either_id(struct ctl *c, const char *word, char ret[64]);
int ctl_share_print(struct ctl *c, const char *id);
int ctl_snapshot_print(struct ctl *c, const char *id);
void ctl_exports(struct ctl_table *t, const struct shr_export *const *exports, uint32_t n);
void ctl_metadata(struct ctl_table *t, const struct shr_pair *const *pairs, uint32_t n);

void ctl_change(const struct ctl *c, struct shr_change_params *ret);
/* How every change ends: the object as it is now, or WHAT became of it. */
int ctl_changed(struct ctl *c, const struct ctl_noun *noun, int rc, const struct shr_op *op, const struct shr_error *error,
	const char *id, const char *what);
/* Changes of the first argument of the command. */
typedef int (*ctl_update_fn)(struct shr_session *session, const char *id, const struct shr_share_update_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr);
typedef int (*ctl_change_fn)(struct shr_session *session, const char *id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr);
typedef int (*ctl_number_fn)(struct shr_session *session, const char *id, uint32_t number, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr);
int ctl_update(struct ctl *c, const struct ctl_noun *noun, ctl_update_fn fn);
int ctl_take_away(struct ctl *c, const struct ctl_noun *noun, ctl_change_fn fn, const char *what);
/* The second argument is a word for the number; NONE: what one is that is not. */
int ctl_set_number(struct ctl *c, const struct ctl_noun *noun, ctl_number_fn fn, int (*parse)(const char *, int64_t *),
	const char *none);

int ctl_access_send(struct ctl *c, const char *share_id, const struct shr_access_change *changes, uint32_t n);
void ctl_op_print(struct ctl *c, const struct shr_op *op);
/* "key=value" words of --meta as the library takes them: 2 * n strings; NULL: complained. free(). */
const char **ctl_pairs(struct ctl *c, enum ctl_opt o, uint32_t *ret_n);

#endif
