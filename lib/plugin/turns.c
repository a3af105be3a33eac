/* lib/plugin/turns.c - thread models: which calls may run beside which; and the slots of calls under way */
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "plugin/call.h"

#define SLOTS_FIRST 8 /* an ended call's slot is used again after at least seven others */

/*
 * SHR_THREADS_SERIAL is "one in the whole process", and a process may have several contexts that have loaded the same
 * file, so the lock must be the process's own; there is no other way to say that than a static. It holds no state that
 * outlives a call, needs no beginning and no end, and is found by where the plugin's open() lies, which is the same in every
 * context. Two plugins that fall on one lock wait for each other for nothing, and no more: no call is made inside a call.
 */
#define T PTHREAD_MUTEX_INITIALIZER
static pthread_mutex_t serial[32] = {
	T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T,
};

static pthread_mutex_t *serial_lock(const struct shr__slot *s)
{
	const struct shr__backend *b = s->backend;
	uintptr_t at = s->side->kind == SHR_PLUGIN_EXPORTER ? (uintptr_t)s->side->exporter->open : (uintptr_t)b->driver->open;

	return &serial[(at * UINT64_C(0x9e3779b97f4a7c15)) >> 59];
}

static const char *instance_of(const struct shr__slot *s)
{
	return s->args->instance ? s->args->instance->id : NULL;
}

static int is_running(const struct shr__side *side, const char *id)
{
	for (const struct shr__slot *s = side->running; s; s = s->next_running) {
		if (strcmp(instance_of(s), id) == 0)
			return 1;
	}
	return 0;
}

static void instance_take(struct shr__slot *s)
{
	struct shr__side *side = s->side;

	pthread_mutex_lock(&side->turn);
	while (is_running(side, instance_of(s)))
		pthread_cond_wait(&side->turned, &side->turn);
	s->next_running = side->running;
	side->running = s;
	pthread_mutex_unlock(&side->turn);
}

static void instance_give(struct shr__slot *s)
{
	struct shr__side *side = s->side;
	struct shr__slot **at;

	pthread_mutex_lock(&side->turn);
	for (at = &side->running; *at != s; at = &(*at)->next_running)
		;
	*at = s->next_running;
	pthread_cond_broadcast(&side->turned);
	pthread_mutex_unlock(&side->turn);
}

void shr__turns_wait(struct shr__slot *s)
{
	if (s->side->threads == SHR_THREADS_SERIAL)
		pthread_mutex_lock(serial_lock(s));
	else if (s->side->threads == SHR_THREADS_BACKEND)
		pthread_mutex_lock(&s->side->turn);
	else if (instance_of(s))
		instance_take(s);
}

void shr__turns_next(struct shr__slot *s)
{
	if (s->side->threads == SHR_THREADS_SERIAL)
		pthread_mutex_unlock(serial_lock(s));
	else if (s->side->threads == SHR_THREADS_BACKEND)
		pthread_mutex_unlock(&s->side->turn);
	else if (instance_of(s))
		instance_give(s);
}

/* ---- slots ---- */

static struct shr__slot *slot_new(struct shr__backend *b)
{
	struct shr__slot *s = shr__alloc(sizeof *s);

	if (!s)
		return NULL;
	if (pthread_mutex_init(&s->lock, NULL) != 0 || pthread_cond_init(&s->left, NULL) != 0) {
		shr__free(s);
		return NULL;
	}
	s->magic = SHR__SLOT_MAGIC;
	s->backend = b;
	s->call.size = sizeof s->call;
	s->call.core = s;
	s->next_all = b->all;
	b->all = s;
	return s;
}

static void put_back(struct shr__slot *s)
{
	struct shr__backend *b = s->backend;

	s->next_free = NULL;
	if (b->free_last)
		b->free_last->next_free = s;
	else
		b->free_first = s;
	b->free_last = s;
}

struct shr__slot *shr__slot_take(struct shr__backend *b)
{
	struct shr__slot *s;

	pthread_mutex_lock(&b->lock);
	for (int i = b->all ? SLOTS_FIRST : 0; i < SLOTS_FIRST; i++) {
		s = slot_new(b);
		if (s)
			put_back(s);
	}
	s = b->free_first;
	if (s) {
		b->free_first = s->next_free;
		if (!b->free_first)
			b->free_last = NULL;
	} else {
		s = slot_new(b);
	}
	pthread_mutex_unlock(&b->lock);
	return s;
}

void shr__slot_give(struct shr__slot *s)
{
	pthread_mutex_lock(&s->backend->lock);
	put_back(s);
	pthread_mutex_unlock(&s->backend->lock);
}

void shr__slots_free(struct shr__backend *b)
{
	struct shr__slot *next;

	for (struct shr__slot *s = b->all; s; s = next) {
		next = s->next_all;
		shr__arena_free(s->rules.arena);
		pthread_cond_destroy(&s->left);
		pthread_mutex_destroy(&s->lock);
		shr__free(s);
	}
}
