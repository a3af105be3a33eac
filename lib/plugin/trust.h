/* lib/plugin/trust.h - which files may become part of this process */
#ifndef SHR_PLUGIN_TRUST_H
#define SHR_PLUGIN_TRUST_H

#include "base/arena.h"
#include "config/config.h"

struct shr__trust_key {
	const char *pem;
	size_t n;
};
struct shr__trust_keys {
	const struct shr__trust_key *items;
	uint32_t n;
	int required; /* every plugin must be signed */
};

/* Read the public keys when signatures are required. SHR_ETRUST, SHR_EIO, SHR_EINVAL: no key, or no Ed25519 key. */
int shr__trust_keys(const struct shr__config *config, struct shr__arena *arena, struct shr__trust_keys *ret,
	const struct shr_error **reterr);
/* Open the directory PATH. SHR_ENOTFOUND, or SHR_ETRUST: it, or one above it, could be changed by others. */
int shr__trust_dir(const char *path, int *ret_fd, const struct shr_error **reterr);
/* Open the file NAME in it; DIR is for messages. SHR_ENOTFOUND, SHR_ETRUST. */
int shr__trust_file(int dir_fd, const char *dir, const char *name, int *ret_fd, const struct shr_error **reterr);
/* Is what lies in FD signed, in NAME.sig beside it, by one of KEYS? SHR_ETRUST. */
int shr__trust_signature(const struct shr__trust_keys *keys, int dir_fd, const char *dir, const char *name, int fd,
	const struct shr_error **reterr);

#endif
