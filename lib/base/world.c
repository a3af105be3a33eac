/* lib/base/world.c - the world as the host gives it, with the defaults filled in */
#include "base/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/fail.h"
#include "base/params.h"

static int64_t default_wall(void *data)
{
	return shr__clock_wall_ns();
}

static int64_t default_mono(void *data)
{
	return shr__clock_mono_ns();
}

static int default_random(void *data, void *buf, size_t n)
{
	return shr__random(buf, n);
}

static void default_log(void *data, int level, const char *line)
{
}

int shr__world_init(struct shr__world *w, const struct shr_host *host, const struct shr_error **reterr)
{
	int rc;

	memset(w, 0, sizeof *w);
	rc = shr__params_copy(host, "host", SHR__LEAST(shr_host, seal_key), &w->host, sizeof w->host, reterr);
	if (rc < 0)
		return rc;
	if (w->host.flags)
		return shr__fail_field(reterr, SHR_EINVAL, "host.flags", "set it to 0", "unknown flags 0x%x", w->host.flags);
	if (!w->host.wall_ns)
		w->host.wall_ns = default_wall;
	if (!w->host.mono_ns)
		w->host.mono_ns = default_mono;
	if (!w->host.random)
		w->host.random = default_random;
	if (!w->host.log)
		w->host.log = default_log;
	return 0;
}

int64_t shr__world_wall(const struct shr__world *w)
{
	return w->host.wall_ns(w->host.data);
}

int64_t shr__world_mono(const struct shr__world *w)
{
	return w->host.mono_ns(w->host.data);
}

int shr__world_random(const struct shr__world *w, void *buf, size_t n, const struct shr_error **reterr)
{
	if (w->host.random(w->host.data, buf, n) < 0)
		return shr__fail_do(reterr, SHR_EAGAIN, "look at the host's source of random bytes",
			"no random bytes are to be had");
	return 0;
}

int shr__world_ids(const struct shr__world *w, unsigned n, char (*ret)[SHR__UUID_ROOM], const struct shr_error **reterr)
{
	uint8_t random[4][10];
	int64_t wall_ns;
	int rc = shr__world_random(w, random, n * sizeof random[0], reterr);

	if (rc < 0)
		return rc;
	wall_ns = shr__world_wall(w);
	for (unsigned i = 0; i < n; i++)
		shr__uuid7(wall_ns, random[i], ret[i]);
	return 0;
}

int shr__world_id(const struct shr__world *w, char ret[SHR__UUID_ROOM], const struct shr_error **reterr)
{
	uint8_t random[10];
	int rc = shr__world_random(w, random, sizeof random, reterr);

	if (rc < 0)
		return rc;
	shr__uuid7(shr__world_wall(w), random, ret);
	return 0;
}

void shr__world_log(const struct shr__world *w, int level, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	w->host.log(w->host.data, level, line);
}
