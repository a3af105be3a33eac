/* examples/sharectl/open.h - the context, the session, the engine; keys and signals */
#ifndef SHARECTL_OPEN_H
#define SHARECTL_OPEN_H

#include "ctl.h"

int ctl_open(struct ctl *c); /* what the command needs; an exit status */
int ctl_open_at(struct ctl *c, const char *config, uint32_t flags);
int ctl_open_engine(struct ctl *c, uint32_t workers);
void ctl_close(struct ctl *c);
const char *ctl_config_path(struct ctl *c); /* NULL: complained */
int ctl_keys_read(struct ctl *c);
int ctl_seal_key(void *data, const char *key_id, uint8_t ret_key[32], char ret_id[64]);
void ctl_signals_hold(struct ctl *c);
void ctl_signals_release(struct ctl *c);
int ctl_signals_look(struct ctl *c, int timeout_ms); /* 1: one came; c->interrupted says which */

#endif
