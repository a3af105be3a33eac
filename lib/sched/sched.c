/* lib/sched/sched.c - choosing a pool from the picture, and keeping the picture fresh enough */
#include "sched/sched.h"

#include <pthread.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "sched/picture.h"

/* How old a picture may be once another handle has committed, and once this one has: the first knows more that we cannot. */
#define OTHERS_NS INT64_C(200000000)
#define OWN_NS INT64_C(1000000000)

struct shr__sched {
	pthread_mutex_t lock; /* never held while the store is read */
	pthread_cond_t read;  /* a read has ended */
	struct shr__picture *picture; /* NULL: there was none yet */
	uint64_t begun;       /* the number of the latest read that has begun */
	uint64_t need;        /* a picture of a read with a lower number is stale */
	int reading;          /* a thread is at it */
};

struct shr__sched *shr__sched_new(void)
{
	struct shr__sched *s = shr__alloc(sizeof *s);

	if (!s)
		return NULL;
	if (pthread_mutex_init(&s->lock, NULL) != 0) {
		shr__free(s);
		return NULL;
	}
	if (pthread_cond_init(&s->read, NULL) != 0) {
		pthread_mutex_destroy(&s->lock);
		shr__free(s);
		return NULL;
	}
	s->need = 1;
	return s;
}

void shr__sched_free(struct shr__sched *s)
{
	if (!s)
		return;
	shr__picture_unref(s->picture);
	pthread_cond_destroy(&s->read);
	pthread_mutex_destroy(&s->lock);
	shr__free(s);
}

void shr__sched_stale(struct shr__sched *s)
{
	pthread_mutex_lock(&s->lock);
	s->need = s->begun + 1;
	pthread_mutex_unlock(&s->lock);
}

static struct shr__picture *hold(struct shr__picture *p)
{
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

/* Read with the lock let go, and put the picture in its place. */
static int read_now(struct shr__sched *s, struct shr__db *db, int64_t mono_ns, const struct shr_error **reterr)
{
	struct shr__picture *fresh = NULL, *old;
	struct shr__db_stats stats;
	uint64_t number = ++s->begun, changes = 0;
	int rc;

	s->reading = 1;
	pthread_mutex_unlock(&s->lock);
	(void)shr__db_changes(db, &changes); /* when it fails the picture only looks older than it is */
	shr__db_stats(db, &stats);
	rc = shr__picture_read(db, &fresh, reterr);
	pthread_mutex_lock(&s->lock);
	s->reading = 0;
	if (rc == 0) {
		fresh->number = number;
		fresh->read_ns = mono_ns;
		fresh->changes = changes;
		fresh->commits = stats.commits;
		old = s->picture;
		s->picture = fresh;
		shr__picture_unref(old);
	}
	pthread_cond_broadcast(&s->read);
	return rc;
}

/* The picture of read NUMBER or a later one, held. One thread reads, the others wait for it. */
static int take(struct shr__sched *s, struct shr__db *db, int64_t mono_ns, uint64_t number, struct shr__picture **ret,
	const struct shr_error **reterr)
{
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	while (rc == 0 && (!s->picture || s->picture->number < number || s->picture->number < s->need)) {
		if (s->reading)
			pthread_cond_wait(&s->read, &s->lock);
		else
			rc = read_now(s, db, mono_ns, reterr);
	}
	if (rc == 0)
		*ret = hold(s->picture);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

/* Has the store moved on since the picture was taken, and is that long enough ago? */
static int is_old(const struct shr__picture *p, struct shr__db *db, int64_t mono_ns)
{
	int64_t age = mono_ns - p->read_ns;
	struct shr__db_stats stats;
	uint64_t changes;

	if (age < OTHERS_NS)
		return 0;
	if (shr__db_changes(db, &changes) < 0 || changes != p->changes)
		return 1;
	shr__db_stats(db, &stats);
	return age >= OWN_NS && stats.commits != p->commits;
}

static int given(const char *name)
{
	return name && name[0];
}

enum shr__filter shr__filter_pool(const struct shr__picture *p, uint32_t i, const struct shr__place_want *want)
{
	if ((given(want->backend) && strcmp(p->backend[i], want->backend) != 0) ||
		(given(want->pool) && strcmp(p->name[i], want->pool) != 0))
		return SHR__BY_NAME;
	if (given(want->zone) && strcmp(p->zone[i], want->zone) != 0)
		return SHR__BY_ZONE;
	if (!p->up[i] && !p->protocols[i]) /* its backend was never open: what it can is not known */
		return SHR__BY_STATE;
	if ((want->protocols & ~p->protocols[i]) || shr__picture_not_both(p, i, want->protocols))
		return SHR__BY_PROTOCOLS;
	if (want->capabilities & ~p->capabilities[i])
		return SHR__BY_CAPABILITIES;
	if (!p->up[i])
		return SHR__BY_STATE;
	if (!want->any_room && shr__picture_free(p, i) < (int64_t)want->bytes)
		return SHR__BY_ROOM;
	return SHR__PASSED;
}

/* The free share of its limit, at most 1; one whose backend an engine has comes before all that wait for an engine. */
static double weight(const struct shr__picture *p, uint32_t i)
{
	return (p->up[i] > 1) + (p->limit[i] > 0 ? (double)shr__picture_free(p, i) / (double)p->limit[i] : 0);
}

/* The place of the best pool; P->n when there is none. */
static uint32_t best_of(const struct shr__picture *p, uint32_t begin, uint32_t end, const struct shr__place_want *want)
{
	uint32_t best = p->n;
	double most = 0;

	for (uint32_t i = begin; i < end; i++) {
		double w;

		if (shr__filter_pool(p, i, want) != SHR__PASSED)
			continue;
		w = weight(p, i);
		if (best == p->n || w > most) { /* equal: the first by name stays */
			best = i;
			most = w;
		}
	}
	return best;
}

static void put(char *to, size_t room, const char *text)
{
	size_t n = strnlen(text, room - 1);

	memcpy(to, text, n);
	to[n] = 0;
}

static void fill(const struct shr__picture *p, uint32_t i, struct shr__placement *ret)
{
	put(ret->backend, sizeof ret->backend, p->backend[i]);
	put(ret->pool, sizeof ret->pool, p->name[i]);
	put(ret->zone, sizeof ret->zone, p->zone[i]);
	ret->limit = p->limit[i];
	ret->capabilities = p->capabilities[i];
	put(ret->number_server, sizeof ret->number_server, p->number_server[i]);
}

/* 1: placed. 0: no pool will do; the words are made only when SAY. */
static int choose(const struct shr__picture *p, const struct shr__place_want *want, struct shr__placement *ret, int say,
	const struct shr_error **reterr)
{
	uint32_t begin = 0, end = p->n, best;

	if (given(want->backend))
		begin = shr__picture_range(p, want->backend, &end);
	best = best_of(p, begin, end, want);
	if (best == p->n)
		return say ? shr__place_refuse(p, begin, end, want, reterr) : 0;
	fill(p, best, ret);
	return 1;
}

int shr__sched_place(struct shr__sched *s, struct shr__db *db, int64_t mono_ns, const struct shr__place_want *want,
	struct shr__placement *ret, const struct shr_error **reterr)
{
	struct shr__picture *p;
	uint64_t next;
	int fresh, rc;

	pthread_mutex_lock(&s->lock);
	next = s->begun + 1; /* a read with this number has everything that there is now */
	pthread_mutex_unlock(&s->lock);
	rc = take(s, db, mono_ns, 1, &p, reterr);
	if (rc == 0 && p->number < next && is_old(p, db, mono_ns)) {
		shr__picture_unref(p);
		rc = take(s, db, mono_ns, next, &p, reterr);
	}
	if (rc < 0)
		return rc;
	fresh = p->number >= next;
	rc = choose(p, want, ret, fresh, reterr);
	shr__picture_unref(p);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = take(s, db, mono_ns, next, &p, reterr);
	if (rc < 0)
		return rc;
	rc = choose(p, want, ret, 1, reterr);
	shr__picture_unref(p);
	return rc < 0 ? rc : 0;
}

/* When the picture was read between the commit and this call, BYTES count twice until it is read again: a pool looks fuller
 * than it is, which a refusal looks into. */
void shr__sched_took(struct shr__sched *s, const char *backend, const char *pool, int64_t bytes)
{
	struct shr__picture *p;
	uint32_t end;

	pthread_mutex_lock(&s->lock);
	p = s->picture ? hold(s->picture) : NULL;
	pthread_mutex_unlock(&s->lock);
	if (!p)
		return;
	for (uint32_t i = shr__picture_range(p, backend, &end); i < end; i++)
		if (strcmp(p->name[i], pool) == 0)
			atomic_fetch_add_explicit(&p->allocated[i], bytes, memory_order_relaxed);
	shr__picture_unref(p);
}
