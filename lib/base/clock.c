/* lib/base/clock.c - the machine's clocks, as the defaults of struct shr_host */
#include "clock.h"

#include <time.h>

static int64_t read_clock(clockid_t clock)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t shr__clock_wall_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t shr__clock_mono_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
