/* libshare/session.h - a context plus a caller: who asks, for which project, with which roles */
#ifndef LIBSHARE_SESSION_H
#define LIBSHARE_SESSION_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

struct shr_session; /* immutable: any thread may use it until it is closed */

#define SHR_SESSION_SYSTEM UINT32_C(1) /* the host itself: every project, no question asked */

struct shr_session_params {
	uint32_t size;
	uint32_t flags;         /* SHR_SESSION_* */
	const char *project;    /* 1 to 255 bytes; may be NULL for SHR_SESSION_SYSTEM */
	const char *user;       /* stands on operations and events; NULL: "" */
	const char *request_id; /* the same; NULL: "" */
	const char *const *roles;
	uint32_t n_roles;
	uint32_t reserved0; /* 0 */
	void *data;         /* for the host's authorise() */
};
#define SHR_SESSION_PARAMS_INIT { sizeof(struct shr_session_params), 0, NULL, NULL, NULL, NULL, 0, 0, NULL }

/* Everything is copied. Cheap: one for each request is the intended use. Since 0.1. */
SHR_API SHR_CHECK int shr_session_open(struct shr_ctx *ctx, const struct shr_session_params *params,
	struct shr_session **ret_session, const struct shr_error **reterr);

/* NULL is fine. Since 0.1. */
SHR_API void shr_session_close(struct shr_session *session);

/* What all lists take. NULL: the first 100 of the caller's project, oldest first. */
struct shr_list_params {
	uint32_t size;
	uint32_t flags;    /* SHR_LIST_* */
	uint32_t limit;    /* at most this many, 1 to 1000; 0: 100 */
	uint32_t reserved0;
	const char *after; /* the page's own `after`, to go on; NULL: from the start */
};
#define SHR_LIST_NEWEST_FIRST UINT32_C(1)
#define SHR_LIST_ALL_PROJECTS UINT32_C(2) /* needs the permission "...:list_all" */
#define SHR_LIST_PARAMS_INIT { sizeof(struct shr_list_params), 0, 0, 0, NULL }

/* What calls take that change one object and need nothing else. NULL: neither. */
struct shr_change_params {
	uint32_t size;
	uint32_t flags;      /* 0, or what the call's page names */
	const char *token;   /* unique in the project: the same call again gives the same operation */
	uint64_t if_version; /* 0: whatever it is */
};
#define SHR_CHANGE_PARAMS_INIT { sizeof(struct shr_change_params), 0, NULL, 0 }

/* One word about an object, as people and programs put it there. */
struct shr_pair {
	uint32_t size;
	uint32_t reserved0;
	const char *key;
	const char *value;
};

#ifdef __cplusplus
}
#endif
#endif
