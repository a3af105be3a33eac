/* tests/bench/snaps.h - a driver called as the library calls it, without the library: for what a call of it costs */
#ifndef TESTS_BENCH_SNAPS_H
#define TESTS_BENCH_SNAPS_H

#include <stdio.h>
#include <string.h>
#include "bench.h"
#include "unit/driver_host.h"

#define SHARE "018f0000-0000-7000-8000-000000000001"

static struct host snaps_host;
static struct host_setting snaps_settings[4];
static const struct shr_driver *snaps_driver;
static void *snaps_be;

static inline void snaps_must(int code, const char *what)
{
	if (code == 0)
		return;
	fprintf(stderr, "%s: %s\n", what, snaps_host.message);
	bench_need(0, what);
}

/* A backend with the pool "p". */
static inline void snaps_open(const struct host_setting *settings, unsigned n)
{
	struct shr_call call;

	memcpy(snaps_settings, settings, n * sizeof *settings);
	snaps_driver = shr_driver_entry_1();
	snaps_host.settings = snaps_settings;
	snaps_host.pools[0] = "p";
	call = host_call(&snaps_host);
	snaps_must(snaps_driver->open(&host_table, &call, &snaps_be), "open");
}

static inline struct shr_instance snaps_snapshot(char id[37], unsigned n, uint64_t bytes)
{
	struct shr_instance snap;

	snprintf(id, 37, "018f0000-0000-7000-8001-%012u", n);
	snap = host_instance(id, bytes);
	snap.flags = SHR_INSTANCE_SNAPSHOT | SHR_INSTANCE_READONLY;
	return snap;
}

#endif
