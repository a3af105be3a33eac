/* lib/plugin/backend.c - a backend of the configuration, opened: its driver, and its exporter if it has one */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "plugin/call.h"
#include "plugin/settings.h"

#define CAPS_ACCESS (SHR_CAP_ACCESS_IP | SHR_CAP_ACCESS_USER | SHR_CAP_ACCESS_CERT | SHR_CAP_ACCESS_CEPHX | SHR_CAP_IPV6)

static const char *pool_name(const void *of, uint32_t i)
{
	const struct shr__conf_backend *conf = of;

	return conf->pools[i].name;
}

static int init_locks(struct shr__backend *b)
{
	int bad = pthread_mutex_init(&b->lock, NULL);

	for (int i = 0; i < 2; i++) {
		bad |= pthread_mutex_init(&b->sides[i].turn, NULL);
		bad |= pthread_cond_init(&b->sides[i].turned, NULL);
	}
	return bad ? -1 : 0;
}

static void set_sides(struct shr__backend *b)
{
	const struct shr_driver *d = b->driver;
	const struct shr_exporter *x = b->exporter;

	b->sides[0].kind = SHR_PLUGIN_DRIVER;
	b->sides[0].threads = d->threads;
	b->sides[0].protocols = d->protocols;
	b->sides[0].capabilities = d->capabilities;
	b->sides[0].name = d->name;
	if (!x)
		return;
	b->sides[1].kind = SHR_PLUGIN_EXPORTER;
	b->sides[1].threads = x->threads;
	b->sides[1].protocols = x->protocols;
	b->sides[1].capabilities = x->capabilities;
	b->sides[1].name = x->name;
}

static int find_tables(struct shr__backend *b, const struct shr_error **reterr)
{
	int rc = shr__plugins_driver(b->plugins, b->conf->driver, &b->driver, reterr);

	if (rc == 0 && b->conf->exporter.name && b->conf->exporter.name[0])
		rc = shr__plugins_exporter(b->plugins, b->conf->exporter.name, &b->exporter, reterr);
	return rc < 0 ? rc : shr__settings_check(b->config, b->conf, b->driver, b->exporter, reterr);
}

/* SHR_RUNNING: there is nowhere to keep a token, so the whole is asked for again. */
static int open_side(struct shr__backend *b, int i, const struct shr__callname *name, const struct shr_error **reterr)
{
	static const struct shr__callargs none = { .bytes = 0 };
	struct shr__arena *arena = shr__arena_new();
	struct shr__fail_parts parts = { .retryable = -1 };
	struct shr__told told;
	int rc;

	if (!arena)
		return shr__fail_nomem(reterr);
	shr__told_init(&told, arena);
	rc = shr__side_call(b, &b->sides[i], SHR__VERB_OPEN, name, &none, &told);
	if (rc == 0) {
		b->sides[i].is_open = 1;
	} else if (rc == SHR_RUNNING) {
		rc = shr__fail(reterr, SHR_EAGAIN, "backend %s: opening it takes longer", b->conf->name);
	} else {
		parts.code = rc;
		parts.message = told.message;
		parts.driver_message = told.driver_message;
		shr__fail_parts(reterr, &parts);
	}
	shr__told_clear(&told);
	shr__arena_free(arena);
	return rc;
}

int shr__backend_open(struct shr__plugins *p, const struct shr__config *config, const struct shr__conf_backend *conf,
	const struct shr__callname *name, struct shr__backend **ret, const struct shr_error **reterr)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__backend *b = arena ? shr__arena_alloc(arena, sizeof *b) : NULL;
	int rc = 0;

	if (!b || shr__names_build(&b->pools, arena, conf, conf->n_pools, pool_name) < 0 || init_locks(b) < 0) {
		shr__arena_free(arena);
		return shr__fail_nomem(reterr);
	}
	b->plugins = p;
	b->config = config;
	b->conf = conf;
	b->arena = arena;
	rc = find_tables(b, reterr);
	if (rc == 0) {
		set_sides(b);
		rc = open_side(b, 0, name, reterr);
	}
	if (rc == 0 && b->exporter)
		rc = open_side(b, 1, name, reterr);
	if (rc < 0)
		shr__backend_close(b);
	else
		*ret = b;
	return rc;
}

/* Close is a call like any other to the thread model of the whole process. */
static void close_side(struct shr__backend *b, int i)
{
	static const struct shr__callargs none = { .bytes = 0 };
	struct shr__slot turn = { .backend = b, .side = &b->sides[i], .args = &none };

	if (!b->sides[i].is_open)
		return;
	shr__turns_wait(&turn);
	if (i == 1)
		b->exporter->close(b->sides[i].state);
	else
		b->driver->close(b->sides[i].state);
	shr__turns_next(&turn);
	b->sides[i].is_open = 0;
}

void shr__backend_close(struct shr__backend *b)
{
	if (!b)
		return;
	close_side(b, 1);
	close_side(b, 0);
	shr__slots_free(b);
	for (int i = 0; i < 2; i++) {
		pthread_cond_destroy(&b->sides[i].turned);
		pthread_mutex_destroy(&b->sides[i].turn);
	}
	pthread_mutex_destroy(&b->lock);
	shr__arena_free(b->arena);
}

const struct shr_driver *shr__backend_driver(const struct shr__backend *b)
{
	return b->driver;
}

const struct shr_exporter *shr__backend_exporter(const struct shr__backend *b)
{
	return b->exporter;
}

uint64_t shr__backend_protocols(const struct shr__backend *b)
{
	uint64_t can = b->sides[b->exporter ? 1 : 0].protocols;

	return b->conf->protocols ? can & b->conf->protocols : can;
}

uint64_t shr__backend_access_caps(const struct shr__backend *b)
{
	return b->sides[b->exporter ? 1 : 0].capabilities & CAPS_ACCESS;
}
