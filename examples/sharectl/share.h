/* examples/sharectl/share.h - what commands about shares have in common */
#ifndef SHARECTL_SHARE_H
#define SHARECTL_SHARE_H

#include "ctl.h"

void ctl_change(const struct ctl *c, struct shr_change_params *ret);
/* The id of the share that WORD names, by id or by name, in RET; an exit status. */
int ctl_share_id(struct ctl *c, const char *word, char ret[64]);
int ctl_access_send(struct ctl *c, const char *share_id, const struct shr_access_change *changes, uint32_t n);
int ctl_share_print(struct ctl *c, const char *id);
void ctl_op_print(struct ctl *c, const struct shr_op *op);
/* "key=value" words of --meta as the library takes them: 2 * n strings; NULL: complained. free(). */
const char **ctl_pairs(struct ctl *c, enum ctl_opt o, uint32_t *ret_n);

#endif
