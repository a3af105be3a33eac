/* libshare/exporter.h - an NFS or SMB service in front of a driver's directories; shr_exporter(3) */
#ifndef LIBSHARE_EXPORTER_H
#define LIBSHARE_EXPORTER_H

#include "driver.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHR_EXPORTER_ABI UINT32_C(1)

/* What survives on the clients' side, and how the service can be fenced. */
#define SHR_EXPORTER_HANDLES_RESTART UINT64_C(1) /* handles survive a restart of the service */
#define SHR_EXPORTER_HANDLES_MOVE UINT64_C(2)    /* ... a move to another pool */
#define SHR_EXPORTER_HANDLES_REVERT UINT64_C(4)  /* ... a revert */
#define SHR_EXPORTER_FENCE_GUARD UINT64_C(8)     /* a guard process can stop it */
#define SHR_EXPORTER_FENCE_LINK UINT64_C(16)     /* its link can be cut */
#define SHR_EXPORTER_NUMBERED UINT64_C(32)       /* each share needs an export number, 1 to 65535, of its own */

/* An instance with the directory that the driver told for it. */
struct shr_exported {
	uint32_t size;
	uint32_t export_number; /* the share's for its whole life; 0: none was given */
	const struct shr_instance *instance;
	const char *path; /* absolute */
};

/* An exporter shares the contract of drivers: calls are named and repeatable, may answer SHR_RUNNING, and tell
 * through the same host table. It always answers later rather than block. */
struct shr_exporter {
	uint32_t abi;  /* SHR_EXPORTER_ABI */
	uint32_t size; /* sizeof(struct shr_exporter) */
	const char *name;
	const char *version;
	uint32_t needs;
	uint32_t threads;      /* SHR_THREADS_*, as in struct shr_driver */
	uint32_t fencing;
	uint32_t flags;        /* 0 */
	uint64_t capabilities; /* SHR_CAP_ACCESS_*, SHR_CAP_IPV6, SHR_CAP_DUAL_PROTOCOL (it keeps its part of that promise) */
	uint64_t features;     /* SHR_EXPORTER_* */
	uint64_t protocols;    /* SHR_PROTO_* */
	const char *const *settings; /* as in struct shr_driver */
	/* Must. */
	int (*open)(const struct shr_driver_host *host, const struct shr_call *call, void **ret_ex);
	/* Must. */
	void (*close)(void *ex);
	/* Must. The service answers: 0. Also the probe of one that was down. May tell SHR_NUMBER_INCARNATION: when it is
	 * another one than before, every share is added and told its rules again. */
	int (*probe)(void *ex, const struct shr_call *call);
	/* Must. Export it, to nobody yet; tell the export locations. One that is there stays, with its clients; it comes again
	 * when the server was started anew or the files' mount was lost, and makes that right. */
	int (*add)(void *ex, const struct shr_call *call, const struct shr_exported *what);
	/* Must. Take the export away, with all its rules; what is not there is fine. */
	int (*remove)(void *ex, const struct shr_call *call, const struct shr_exported *what);
	/* Must. As in struct shr_driver. An export that the server has forgotten since `add` is made again, with ALL. */
	int (*update_access)(void *ex, const struct shr_call *call, const struct shr_exported *what,
		const struct shr_access_diff *diff, struct shr_rules *all);
	/* May. The barrier: when it has answered 0 no write of a client lands any more until `add`. */
	int (*drain)(void *ex, const struct shr_call *call, const struct shr_exported *what);
	/* May, both or none. Freeze the service for at most BOUND_MS; a guard thaws it when the bound passes or
	 * this process dies. One operation at a time has it, the same one again: others get SHR_EAGAIN. Release is made by the
	 * operation that holds, whatever the step is called; SHR_EBACKEND: it had ended before. Of one that holds nothing: 0. */
	int (*hold)(void *ex, const struct shr_call *call, uint32_t bound_ms);
	int (*release)(void *ex, const struct shr_call *call);
	/* May; absent: exports that vanished are not seen. SHR_ENOTFOUND: there is no such export, or another thing lies at its
	 * path. Else answer every rule of ALL as in look of struct shr_driver, and tell clients that no rule accounts
	 * for by found(). Changes nothing. */
	int (*look)(void *ex, const struct shr_call *call, const struct shr_exported *what, struct shr_rules *all);
	/* May. As list of struct shr_driver: the exports of the server, also those of others. */
	int (*list)(void *ex, const struct shr_call *call, const char *after, uint32_t max);
};

/* The one symbol of an exporter's file, shr-NAME.so. */
#define SHR_EXPORTER_ENTRY "shr_exporter_entry_1"
typedef const struct shr_exporter *shr_exporter_entry_fn(void);
SHR_API const struct shr_exporter *shr_exporter_entry_1(void);

#ifdef __cplusplus
}
#endif
#endif
