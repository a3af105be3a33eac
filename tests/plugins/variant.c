/* tests/plugins/variant.c - drivers and exporters for the loader's tests: good ones, and each with one thing wrong */
#include <stddef.h>
#include "libshare/exporter.h"

/* VARIANT is a number of these; VARIANT_NAME is the plugin's name. */
#define GOOD 1
#define BAD_ABI 2
#define TOO_SMALL 3
#define LARGER 4
#define LACKING 5
#define OTHER_NAME 6
#define TOO_NEW 7
#define NO_TABLE 8
#define NO_ENTRY 9
#define FRONT 10
#define FRONT_LACKING 11

#if VARIANT == FRONT || VARIANT == FRONT_LACKING

static int front_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_ex)
{
	(void)call;
	*ret_ex = (void *)(uintptr_t)host;
	return 0;
}

static void front_close(void *ex)
{
	(void)ex;
}

static int front_probe(void *ex, const struct shr_call *call)
{
	(void)ex;
	(void)call;
	return 0;
}

static int front_move(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	(void)ex;
	(void)call;
	(void)what;
	return 0;
}

static int front_access(void *ex, const struct shr_call *call, const struct shr_exported *what,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	(void)ex;
	(void)call;
	(void)what;
	(void)diff;
	(void)all;
	return 0;
}

static const struct shr_exporter table = {
	.abi = SHR_EXPORTER_ABI,
	.size = sizeof table,
	.name = VARIANT_NAME,
	.version = "1.0",
	.threads = SHR_THREADS_PARALLEL,
	.capabilities = SHR_CAP_ACCESS_IP,
	.protocols = SHR_PROTO_NFS,
	.open = front_open,
	.close = front_close,
#if VARIANT != FRONT_LACKING
	.probe = front_probe,
#endif
	.add = front_move,
	.remove = front_move,
	.update_access = front_access,
};
#if VARIANT == FRONT_LACKING
int (*const front_unused)(void *, const struct shr_call *) = front_probe;
#endif

const struct shr_exporter *shr_exporter_entry_1(void)
{
	return &table;
}

#elif VARIANT == NO_ENTRY

int no_entry_of_ours = 1;

#else

static int small_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	(void)call;
	*ret_be = (void *)(uintptr_t)host;
	return 0;
}

static void small_close(void *be)
{
	(void)be;
}

static int small_stats(void *be, const struct shr_call *call)
{
	(void)be;
	(void)call;
	return 0;
}

static int small_instance(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	(void)be;
	(void)call;
	(void)instance;
	return 0;
}

struct larger { /* of a library that is not written yet */
	struct shr_driver of_today;
	int (*of_tomorrow)(void *be);
};

static const struct larger table = {
	.of_today = {
		.abi = VARIANT == BAD_ABI ? SHR_DRIVER_ABI + 1 : SHR_DRIVER_ABI,
		.size = VARIANT == TOO_SMALL ? offsetof(struct shr_driver, usage) :
			VARIANT == LARGER ? sizeof(struct larger) : sizeof(struct shr_driver),
		.name = VARIANT == OTHER_NAME ? "somebody" : VARIANT_NAME,
		.version = "1.0",
		.needs = VARIANT == TOO_NEW ? 0x7f0000 : 0,
		.capabilities = VARIANT == LARGER ? UINT64_C(1) << 63 | SHR_CAP_THIN : SHR_CAP_THIN,
		.open = small_open,
		.close = small_close,
		.stats = small_stats,
		.create = VARIANT == LACKING ? NULL : small_instance,
		.remove = small_instance,
	},
	.of_tomorrow = NULL,
};

const struct shr_driver *shr_driver_entry_1(void)
{
	return VARIANT == NO_TABLE ? NULL : &table.of_today;
}

#endif
