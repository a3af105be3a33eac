/* lib/base/world.c - the world as the host gives it, with the defaults filled in */
#include "base/world.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/fail.h"
#include "base/mem.h"
#include "base/params.h"

/* A host's random costs about as much for an id as for a hundred. */
#define PIECE 960
struct shr__id_bytes {
	pthread_mutex_t lock;
	size_t n;
	uint8_t at[PIECE];
};

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
	w->ids = shr__alloc(sizeof *w->ids);
	if (!w->ids)
		return shr__fail_nomem(reterr);
	pthread_mutex_init(&w->ids->lock, NULL);
	return 0;
}

void shr__world_done(struct shr__world *w)
{
	if (!w->ids)
		return;
	pthread_mutex_destroy(&w->ids->lock);
	shr__wipe(w->ids->at, sizeof w->ids->at);
	shr__free(w->ids);
	w->ids = NULL;
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

/* The last N of what is kept, and nowhere else any more. 0: there are not so many. */
static int take_bytes(struct shr__id_bytes *b, uint8_t *buf, size_t n)
{
	int enough;

	pthread_mutex_lock(&b->lock);
	enough = b->n >= n;
	if (enough) {
		b->n -= n;
		memcpy(buf, b->at + b->n, n);
		shr__wipe(b->at + b->n, n);
	}
	pthread_mutex_unlock(&b->lock);
	return enough;
}

static void keep_bytes(struct shr__id_bytes *b, const uint8_t *buf, size_t n)
{
	pthread_mutex_lock(&b->lock);
	if (b->n < n) {
		memcpy(b->at, buf, n);
		b->n = n;
	}
	pthread_mutex_unlock(&b->lock);
}

/* For ids alone, which are no secrets. The host is asked under no lock. */
static int id_bytes(const struct shr__world *w, uint8_t *buf, size_t n, const struct shr_error **reterr)
{
	uint8_t piece[PIECE];
	int rc;

	if (take_bytes(w->ids, buf, n))
		return 0;
	rc = shr__world_random(w, piece, sizeof piece, reterr);
	if (rc < 0)
		return rc;
	memcpy(buf, piece, n);
	keep_bytes(w->ids, piece + n, sizeof piece - n);
	shr__wipe(piece, sizeof piece);
	return 0;
}

int shr__world_ids(const struct shr__world *w, unsigned n, char (*ret)[SHR__UUID_ROOM], const struct shr_error **reterr)
{
	uint8_t random[4][10];
	int64_t wall_ns;
	int rc = id_bytes(w, random[0], n * sizeof random[0], reterr);

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
	int rc = id_bytes(w, random, sizeof random, reterr);

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
