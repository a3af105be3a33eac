/* libshare/error.h - codes, and the record that says what was wrong and what to do */
#ifndef LIBSHARE_ERROR_H
#define LIBSHARE_ERROR_H

#include "attributes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 0: done. Positive: not done yet, and no fault. Negative: failed, and nothing changed
 * unless the page of the call says so. The numbers are for ever; shr_error(3) has a remedy for each. */
#define SHR_OK 0
#define SHR_RUNNING 1 /* a wait: still going on; a driver: call me again */

/* -10xx: the caller's fault */
#define SHR_EINVAL (-1001)       /* a value is not allowed: the faults name each field */
#define SHR_ENOTFOUND (-1002)    /* no such object, or it is another project's */
#define SHR_EEXIST (-1003)       /* it is there already */
#define SHR_ESTATE (-1004)       /* the state, or another operation, forbids it now */
#define SHR_ECONFLICT (-1005)    /* if_version or if_revision did not match */
#define SHR_EPERM (-1006)        /* the caller may not do this */
#define SHR_EQUOTA (-1007)       /* the project's quota does not allow it */
#define SHR_ETOKEN (-1008)       /* this client token was used for a different call */
#define SHR_ECANCELLED (-1009)   /* the operation was cancelled */
#define SHR_EUNSUPPORTED (-1010) /* the backend cannot do it */
#define SHR_ELOCKED (-1011)      /* a consumer's lock keeps it */

/* -11xx: the library's */
#define SHR_EINTERNAL (-1101) /* a bug in libshare: please report it */

/* -12xx: a plugin broke its contract */
#define SHR_EDRIVER (-1201)
#define SHR_ETRUST (-1202) /* a plugin file that may not be loaded */

/* -13xx: the backend */
#define SHR_EBACKEND (-1301)     /* it said no */
#define SHR_ENOSPC (-1302)       /* no room: in the pools, on the backend or for the store */
#define SHR_EPARTIAL (-1303)     /* some rules applied, some refused: see the faults */
#define SHR_EDATALOSS (-1304)    /* it would lose data that is in use */
#define SHR_EUNREACHABLE (-1305) /* it does not answer: its operations wait until it does */

/* -14xx: the world */
#define SHR_EAGAIN (-1401)   /* the same call may work later */
#define SHR_ENOMEM (-1402)   /* no memory */
#define SHR_ESTORE (-1403)   /* the store failed; nothing was committed */
#define SHR_EFENCED (-1404)  /* another engine has taken over */
#define SHR_EABI (-1405)     /* built for another version than the one at hand */
#define SHR_EUNKNOWN (-1406) /* a commit's outcome is not known: look, or call again with the same token */
#define SHR_ECORRUPT (-1407) /* the store or a record in it is damaged */
#define SHR_EBUSY (-1408)    /* the store is held by a process that does not let go; the message names it */
#define SHR_EKEY (-1409)     /* no key, or the wrong one, for sealed secrets */
#define SHR_EIO (-1410)      /* a file could not be read or written */

/* One thing that was wrong. An error has none, one or many: each mistake of a file, each change of a
 * batch, each pool that refused, each object that is in the way. Strings are never NULL. */
struct shr_fault {
	uint32_t size;
	int32_t code;
	const char *where;     /* "changes[2].who", "libshare.yaml:14:7", "pool alpha/ssd" */
	const char *message;
	const char *remedy;    /* what to do, or "" */
	const char *object;    /* "share", "rule", ... or "" */
	const char *object_id; /* or "" */
};

/* A record: immutable, counted, safe to read from any thread. Strings are never NULL. */
struct shr_error {
	uint32_t size;
	int32_t code;
	uint32_t retryable; /* 1: the same call may work later */
	uint32_t n_faults;
	const char *message;
	const char *remedy;         /* what to do, or "" */
	const char *op_id;          /* the operation that failed or that is in the way, or "" */
	const char *driver_message; /* the plugin's own words, or "" */
	const struct shr_fault *const *faults;
};

/* Every call that takes reterr writes *reterr: NULL on success, else a record that is the caller's.
 * Both calls below take NULL. Since 0.1. */
SHR_API const struct shr_error *shr_error_ref(const struct shr_error *error);
SHR_API void shr_error_unref(const struct shr_error *error);

/* The name of a code, "SHR_ENOSPC"; static; an unknown code gives "SHR_E?". Since 0.1. */
SHR_API const char *shr_strcode(int code);

/* Free a string that the library gave as the caller's own; NULL is fine. Since 0.1. */
SHR_API void shr_free(void *p);

#ifdef __cplusplus
}
#endif
#endif
