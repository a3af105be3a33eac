/* lib/plugin/backend.c - a backend of the configuration, opened: its driver, and what exports for it */
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

	for (int i = 0; i < 1 + SHR__MOST_EXPORTERS; i++) {
		bad |= pthread_mutex_init(&b->sides[i].turn, NULL);
		bad |= pthread_cond_init(&b->sides[i].turned, NULL);
	}
	return bad ? -1 : 0;
}

static void set_driver(struct shr__backend *b)
{
	const struct shr_driver *d = b->driver;
	struct shr__side *side = &b->sides[b->n_sides++];

	side->kind = SHR_PLUGIN_DRIVER;
	side->threads = d->threads;
	side->protocols = d->protocols;
	side->capabilities = d->capabilities;
	side->name = d->name;
}

static void add_exporter(struct shr__backend *b, const struct shr_exporter *x, const struct shr__conf_plugin *plugin)
{
	struct shr__side *side = &b->sides[b->n_sides++];

	side->kind = SHR_PLUGIN_EXPORTER;
	side->threads = x->threads;
	side->protocols = x->protocols;
	side->capabilities = x->capabilities;
	side->name = x->name;
	side->exporter = x;
	side->plugin = plugin;
}

static int find_tables(struct shr__backend *b, const struct shr_error **reterr)
{
	const struct shr_exporter *x[SHR__MOST_EXPORTERS] = { NULL };
	uint32_t n = b->conf->n_exporters;
	int rc = shr__plugins_driver(b->plugins, b->conf->driver, &b->driver, reterr);

	if (rc < 0)
		return rc;
	set_driver(b);
	for (uint32_t i = 0; i < n; i++) {
		rc = shr__plugins_exporter(b->plugins, b->conf->exporters[i].name, &x[i], reterr);
		if (rc < 0)
			return rc;
		add_exporter(b, x[i], &b->conf->exporters[i]);
	}
	return shr__settings_check(b->config, b->conf, b->driver, x, n, reterr);
}

/* SHR_RUNNING: there is nowhere to keep a token, so the whole is asked for again. */
static int open_side(struct shr__backend *b, uint32_t i, const struct shr__callname *name, const struct shr_error **reterr)
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
	for (uint32_t i = 0; rc == 0 && i < b->n_sides; i++)
		rc = open_side(b, i, name, reterr);
	if (rc < 0)
		shr__backend_close(b);
	else
		*ret = b;
	return rc;
}

/* Close is a call like any other to the thread model of the whole process. */
static void close_side(struct shr__backend *b, struct shr__side *side)
{
	static const struct shr__callargs none = { .bytes = 0 };
	struct shr__slot turn = { .backend = b, .side = side, .args = &none };

	if (!side->is_open)
		return;
	shr__turns_wait(&turn);
	if (side->exporter)
		side->exporter->close(side->state);
	else
		b->driver->close(side->state);
	shr__turns_next(&turn);
	side->is_open = 0;
}

void shr__backend_close(struct shr__backend *b)
{
	if (!b)
		return;
	for (uint32_t i = b->n_sides; i > 0; i--) /* the driver last: exporters serve what is its */
		close_side(b, &b->sides[i - 1]);
	shr__slots_free(b);
	for (int i = 0; i < 1 + SHR__MOST_EXPORTERS; i++) {
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

int shr__backend_exports_itself(const struct shr__backend *b)
{
	return b->n_sides == 1;
}

int shr__backend_looks(const struct shr__backend *b)
{
	int looks = b->driver->look || b->driver->list;

	for (uint32_t i = 1; i < b->n_sides; i++)
		looks |= b->sides[i].exporter->look || b->sides[i].exporter->list;
	return looks;
}

int shr__backend_lists_exports(const struct shr__backend *b)
{
	int lists = 0;

	for (uint32_t i = 1; i < b->n_sides; i++)
		lists |= b->sides[i].exporter->list != NULL;
	return lists;
}

const char *shr__backend_number_server(const struct shr__backend *b)
{
	const struct shr__conf_plugin *plugin = NULL;

	for (uint32_t i = 1; i < b->n_sides; i++)
		if (b->sides[i].exporter->features & SHR_EXPORTER_NUMBERED)
			plugin = b->sides[i].plugin;
	for (uint32_t i = 0; plugin && i < plugin->n_settings; i++)
		if (strcmp(plugin->settings[i].key, "server") == 0 && plugin->settings[i].n_values)
			return plugin->settings[i].values[0];
	return plugin ? b->conf->name : "";
}

uint64_t shr__backend_protocols(const struct shr__backend *b)
{
	uint64_t can = b->n_sides > 1 ? 0 : b->sides[0].protocols;

	for (uint32_t i = 1; i < b->n_sides; i++)
		can |= b->sides[i].protocols;
	return b->conf->protocols ? can & b->conf->protocols : can;
}

uint64_t shr__backend_access_caps(const struct shr__backend *b)
{
	uint64_t can = b->n_sides > 1 ? 0 : b->sides[0].capabilities & CAPS_ACCESS;

	for (uint32_t i = 1; i < b->n_sides; i++)
		can |= b->sides[i].capabilities & CAPS_ACCESS;
	return b->conf->dual_protocol ? can | SHR_CAP_DUAL_PROTOCOL : can; /* its settings were checked against its exporters */
}
