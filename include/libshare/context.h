/* libshare/context.h - an open store with its configuration, and the world as the host gives it */
#ifndef LIBSHARE_CONTEXT_H
#define LIBSHARE_CONTEXT_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct shr_ctx;   /* any thread; dead in a forked child */
struct shr_store; /* store.h */

/* What a caller wants to do, put to the host once per call, outside any lock and transaction. */
struct shr_ask {
	uint32_t size;
	uint32_t n_roles;
	const char *action;  /* "share:create", "share:list_all", "access_key:show": libshare(3) has the list */
	const char *project; /* the session's */
	const char *user;
	const char *const *roles;
	const char *object_project; /* "" for lists and creations */
	const char *object_id;      /* or "" */
	void *session_data;         /* what the host put on the session */
};

#define SHR_LOG_ERROR 1
#define SHR_LOG_WARNING 2
#define SHR_LOG_INFO 3
#define SHR_LOG_DEBUG 4

/* The world. Copied at open; each context has its own; a NULL member has a default. No member is
 * called under a lock or inside a transaction, and any of them may be called from any thread. */
struct shr_host {
	uint32_t size;
	uint32_t flags; /* 0 */
	void *data;     /* first argument of every member */
	/* Nanoseconds since 1970, for times that people read. May jump. Default: CLOCK_REALTIME. */
	int64_t (*wall_ns)(void *data);
	/* Nanoseconds that only go up, for leases and time-outs. Default: CLOCK_MONOTONIC. */
	int64_t (*mono_ns)(void *data);
	/* Fill BUF with N unpredictable bytes; 0 or negative. Ids take them in larger pieces. Default: OpenSSL's. */
	int (*random)(void *data, void *buf, size_t n);
	/* One line, no newline, never a secret. Must not call libshare. Default: nothing is logged. */
	void (*log)(void *data, int level, const char *line);
	/* 0: allowed; SHR_EPERM; SHR_ENOTFOUND to hide the object. Default: shr_session(3), AUTHORISATION. */
	int (*authorise)(void *data, const struct shr_ask *ask);
	/* Carry TOKEN to the other processes that run engines on this store; a hint. Default: they poll. */
	void (*wake)(void *data, const char *token);
	/* The 32-byte key named KEY_ID ("" = the newest) and its name into RET_ID. Default: no key, and
	 * access keys are refused. */
	int (*seal_key)(void *data, const char *key_id, uint8_t ret_key[32], char ret_id[64]);
};
#define SHR_HOST_INIT { sizeof(struct shr_host), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

struct shr_ctx_params {
	uint32_t size;
	uint32_t flags;              /* SHR_CTX_* */
	const char *config_path;     /* a YAML file, libshare.conf(5); or */
	const char *config_text;     /* YAML; both NULL: in memory, with the null driver */
	const struct shr_host *host; /* NULL: defaults */
	struct shr_store *store;     /* NULL: what the configuration says; taken over on success */
};
#define SHR_CTX_CREATE UINT32_C(1) /* make the store when it does not exist */
#define SHR_CTX_PARAMS_INIT { sizeof(struct shr_ctx_params), 0, NULL, NULL, NULL, NULL }

/* Open. VERSION is SHR_HEADER_VERSION: a program built for a newer library is refused with SHR_EABI.
 * PARAMS may be NULL. Every mistake of the configuration is a fault of the one error. Since 0.1. */
SHR_API SHR_CHECK int shr_ctx_open(uint32_t version, const struct shr_ctx_params *params,
	struct shr_ctx **ret_ctx, const struct shr_error **reterr);

/* Close; NULL is fine. Sessions and engines must be closed first; records outlive it. Since 0.1. */
SHR_API void shr_ctx_close(struct shr_ctx *ctx);

/* Read a configuration and report its mistakes; opens nothing. PATH or TEXT. Since 0.1. */
SHR_API SHR_CHECK int shr_config_check(const char *path, const char *text, const struct shr_error **reterr);

#define SHR_CHECK_QUICK UINT32_C(0) /* structure; seconds for a million shares */
#define SHR_CHECK_FULL UINT32_C(1)  /* every index entry against every row */

/* Look for damage in the store; each finding is a fault of SHR_ECORRUPT. Changes nothing. Since 0.1. */
SHR_API SHR_CHECK int shr_ctx_check(struct shr_ctx *ctx, uint32_t how, const struct shr_error **reterr);

#ifdef __cplusplus
}
#endif
#endif
