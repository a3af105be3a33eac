/* libshare/event.h - the audit trail: written in the same transaction as the change it tells of */
#ifndef LIBSHARE_EVENT_H
#define LIBSHARE_EVENT_H

#include "session.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHR_EVENT_INFO UINT32_C(1)
#define SHR_EVENT_WARNING UINT32_C(2)
#define SHR_EVENT_ERROR UINT32_C(3)

/* A record: immutable, counted. Strings are never NULL and never hold a secret. */
struct shr_event {
	uint32_t size;
	uint32_t severity;
	uint64_t seq;            /* rises in the order of commits, over the whole store; has gaps */
	uint64_t object_version; /* the object's, after the change */
	int64_t at_ns;           /* wall clock, since 1970 */
	const char *kind;        /* "share.created": libshare(3) has the list */
	const char *object;
	const char *object_id;
	const char *op_id; /* or "" */
	const char *project;
	const char *user;
	const char *request_id;
	const char *text; /* for people */
};

struct shr_event_page {
	uint32_t size;
	uint32_t n;
	const struct shr_event *const *items;
	const char *after; /* where to go on; never "" */
};

/* Everything after the position AFTER (NULL: the oldest that is kept), at most LIMIT (0: 100), of the
 * session's project, or of all for SHR_LIST_ALL_PROJECTS in FLAGS. OBJECT_ID: of that object alone
 * (NULL: any). Each event at least once, none missed. An empty page: nothing new yet. Since 0.1. */
SHR_API SHR_CHECK int shr_event_read(struct shr_session *session, const char *after, uint32_t limit,
	uint32_t flags, const char *object_id, const struct shr_event_page **ret_page,
	const struct shr_error **reterr);
SHR_API const struct shr_event *shr_event_ref(const struct shr_event *event);
SHR_API void shr_event_unref(const struct shr_event *event); /* NULL is fine, here and below */
SHR_API void shr_event_page_unref(const struct shr_event_page *page);

/* Delete events, and operations that ended, older than the retention of the configuration, in small
 * bites, at most LIMIT rows (0: 1000). SHR_RUNNING: there is more. The engine does this by itself;
 * system sessions only. Since 0.1. */
SHR_API SHR_CHECK int shr_purge(struct shr_session *session, uint32_t limit, const struct shr_error **reterr);

#ifdef __cplusplus
}
#endif
#endif
