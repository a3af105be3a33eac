/* backends/ganesha/kept.c - large sets of rules that were told last: a change of one rule does not pull and sort them all again */
#include <stdlib.h>
#include <string.h>
#include "ganesha.h"

#define LEAST 256u            /* a smaller set is pulled as fast */
#define MOST UINT64_C(200000) /* rules of all sets: 21 MB */
#define CHANGES 64u           /* of more the set is pulled: each is searched for */

struct gan_kept {
	struct gan_kept *next;
	char instance_id[PLUG_ID_ROOM];
	uint64_t revision;
	struct gan_set set;
};

static void free_one(struct gan_kept *one)
{
	gan_set_clear(&one->set);
	free(one);
}

/* Where the list names the instance, or its end. Under the lock. */
static struct gan_kept **find(struct gan_keeper *k, const char *instance_id)
{
	struct gan_kept **p = &k->first;

	while (*p && strcmp((*p)->instance_id, instance_id) != 0)
		p = &(*p)->next;
	return p;
}

static struct gan_kept *take_out(struct gan_keeper *k, struct gan_kept **p)
{
	struct gan_kept *one = *p;

	if (one) {
		*p = one->next;
		k->n -= one->set.n;
	}
	return one;
}

/* What the server cannot take is in no set. A rule may be told as new that was told before. */
static int apply(struct gan_set *set, const struct shr_rule_change *c, uint32_t squash)
{
	int there = gan_set_remove(set, c->is ? c->is->id : c->was->id) == 0;

	if (c->was && !gan_rule_wrong(c->was) && !there)
		return -1;
	return c->is && !gan_rule_wrong(c->is) ? gan_set_insert(set, c->is, squash) : 0;
}

int gan_kept_take(struct gan_keeper *k, const char *instance_id, const struct shr_access_diff *diff, uint32_t squash,
	struct gan_set *ret)
{
	struct gan_kept *one;
	uint32_t i;
	int good;

	pthread_mutex_lock(&k->lock);
	one = take_out(k, find(k, instance_id));
	pthread_mutex_unlock(&k->lock);
	if (!one)
		return 0;
	/* One that goes on from another revision, or tells again what a look found wrong, is about another set. */
	good = diff->from_revision > 0 && one->revision == diff->from_revision && diff->revision > diff->from_revision &&
		diff->n_changes <= CHANGES;
	for (i = 0; good && i < diff->n_changes; i++)
		good = apply(&one->set, diff->changes[i], squash) == 0;
	if (good) {
		*ret = one->set;
		memset(&one->set, 0, sizeof one->set);
	}
	free_one(one);
	return good;
}

void gan_kept_put(struct gan_keeper *k, const char *instance_id, uint64_t revision, struct gan_set *set)
{
	struct gan_kept *one = set->n >= LEAST && set->n <= MOST && strlen(instance_id) < PLUG_ID_ROOM ? calloc(1, sizeof *one) : NULL;
	struct gan_kept **last;

	if (!one) {
		gan_set_clear(set);
		return;
	}
	memcpy(one->instance_id, instance_id, strlen(instance_id));
	one->revision = revision;
	one->set = *set;
	memset(set, 0, sizeof *set);
	pthread_mutex_lock(&k->lock);
	one->next = k->first;
	k->first = one;
	k->n += one->set.n;
	while (k->n > MOST) {
		for (last = &k->first; (*last)->next; last = &(*last)->next)
			;
		free_one(take_out(k, last));
	}
	pthread_mutex_unlock(&k->lock);
}

void gan_kept_drop(struct gan_keeper *k, const char *instance_id)
{
	struct gan_kept *one;

	pthread_mutex_lock(&k->lock);
	while ((one = take_out(k, instance_id ? find(k, instance_id) : &k->first)))
		free_one(one);
	pthread_mutex_unlock(&k->lock);
}
