/* tools/driver_check/conf.c - a configuration made of the command line, and the backend it describes */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/buf.h"
#include "base/mem.h"
#include "base/record.h"
#include "kit.h"

static void add_quoted(struct shr__buf *b, const char *s, size_t n)
{
	size_t i;

	shr__buf_str(b, "\"");
	for (i = 0; i < n; i++)
		shr__buf_printf(b, s[i] == '"' || s[i] == '\\' ? "\\%c" : "%c", s[i]);
	shr__buf_str(b, "\"");
}

/* A key that is given more than once has a list of values, in that order. */
static void add_settings(struct shr__buf *b, const char *const *pairs, size_t n)
{
	size_t i, j, key;
	const char *before = "";

	shr__buf_str(b, "settings: { ");
	for (i = 0; i < n; i++) {
		key = strcspn(pairs[i], "=") + 1;
		for (j = 0; j < i && strncmp(pairs[j], pairs[i], key) != 0; j++)
			;
		if (j < i)
			continue;
		shr__buf_str(b, before);
		add_quoted(b, pairs[i], key - 1);
		shr__buf_str(b, ": [ ");
		for (j = i; j < n; j++) {
			if (strncmp(pairs[j], pairs[i], key) != 0)
				continue;
			shr__buf_str(b, j == i ? "" : ", ");
			add_quoted(b, pairs[j] + key, strlen(pairs[j] + key));
		}
		shr__buf_str(b, " ]");
		before = ", ";
	}
	shr__buf_str(b, " }");
}

/* "POOL:KEY=VALUE" when it is of this pool: its KEY=VALUE. Without a pool it is of the first. */
static const char *setting_of_pool(const struct kit_args *a, const char *text, size_t pool)
{
	size_t n = strcspn(text, ":=");

	if (text[n] != ':')
		return pool == 0 ? text : NULL;
	return strlen(a->pools.p[pool]) == n && strncmp(text, a->pools.p[pool], n) == 0 ? text + n + 1 : NULL;
}

static void add_pools(struct shr__buf *b, const struct kit_args *a)
{
	const char **mine = calloc(a->pool_set.n + 1, sizeof *mine);
	size_t i, k, n;

	shr__buf_str(b, ", pools: [ ");
	for (i = 0; mine && i < a->pools.n; i++) {
		shr__buf_str(b, i ? ", { name: " : "{ name: ");
		add_quoted(b, a->pools.p[i], strlen(a->pools.p[i]));
		shr__buf_str(b, ", ");
		for (k = n = 0; k < a->pool_set.n; k++)
			if ((mine[n] = setting_of_pool(a, a->pool_set.p[k], i)))
				n++;
		add_settings(b, mine, n);
		shr__buf_str(b, " }");
	}
	shr__buf_str(b, " ] ");
	free(mine);
}

static char *configuration(const struct kit_args *a)
{
	struct shr__buf b = { NULL, 0, 0, 0 };

	if (a->plugins) {
		shr__buf_str(&b, "plugins: { directories: [ ");
		add_quoted(&b, a->plugins, strlen(a->plugins));
		shr__buf_str(&b, " ] }\n");
	}
	shr__buf_str(&b, "backends: [ { name: check, driver: ");
	add_quoted(&b, a->driver, strlen(a->driver));
	shr__buf_str(&b, ", ");
	if (a->exporter) {
		shr__buf_str(&b, "exporter: { name: ");
		add_quoted(&b, a->exporter, strlen(a->exporter));
		shr__buf_str(&b, ", ");
		add_settings(&b, a->exporter_set.p, a->exporter_set.n);
		shr__buf_str(&b, " }, ");
	}
	add_settings(&b, a->set.p, a->set.n);
	add_pools(&b, a);
	shr__buf_str(&b, "} ]\n");
	return shr__buf_take(&b);
}

static int complain(const char *what, const struct shr_error *error)
{
	uint32_t i;

	fprintf(stderr, "shr-driver-check: %s: %s\n", what, error->message);
	if (error->remedy[0])
		fprintf(stderr, "shr-driver-check: %s\n", error->remedy);
	for (i = 0; i < error->n_faults; i++)
		fprintf(stderr, "shr-driver-check: %s: %s\n", error->faults[i]->where, error->faults[i]->message);
	shr_error_unref(error);
	return 2;
}

static void say(void *data, int level, const char *line)
{
	(void)data;
	if (level <= SHR_LOG_WARNING)
		fprintf(stderr, "      the log says: %s\n", line);
}

static int read_configuration(struct kit *kit)
{
	char *text = kit->args.file ? NULL : configuration(&kit->args);
	const struct shr_error *error = NULL;
	uint32_t i;
	int rc;

	rc = shr__config_read(kit->args.file, text, "the command line", &kit->config, &error);
	shr__free(text);
	if (rc < 0)
		return complain(kit->args.file ? kit->args.file : "the settings", error);
	for (i = 0; i < kit->config->n_backends; i++)
		if (!kit->args.backend || strcmp(kit->config->backends[i].name, kit->args.backend) == 0)
			break;
	if (i == kit->config->n_backends) {
		fprintf(stderr, "shr-driver-check: %s has no backend \"%s\"\n", kit->args.file, kit->args.backend);
		return 2;
	}
	kit->conf = &kit->config->backends[i];
	kit->pool = kit->args.pools.n ? kit->args.pools.p[0] : kit->conf->pools[0].name;
	for (i = 0; i < kit->conf->n_pools && strcmp(kit->conf->pools[i].name, kit->pool) != 0; i++)
		;
	if (i < kit->conf->n_pools)
		return 0;
	fprintf(stderr, "shr-driver-check: backend %s has no pool \"%s\"\n", kit->conf->name, kit->pool);
	return 2;
}

/* The exporter `none` is inside: a driver that needs one can be judged where nothing else is installed. */
static int load(struct kit *kit)
{
	const struct shr_error *error = NULL;

	if (shr__plugins_new(kit->config, say, NULL, &kit->plugins, &error) < 0)
		return complain("the plugins", error);
	if (kit->conf->exporter.name && strcmp(kit->conf->exporter.name, "none") == 0 &&
	    shr__plugins_add_exporter(kit->plugins, shr_exporter_entry_1(), &error) < 0)
		return complain("the exporter", error);
	if (shr__plugins_driver(kit->plugins, kit->conf->driver, &kit->driver, &error) < 0)
		return complain("the driver", error);
	return 0;
}

static void unload(struct kit *kit)
{
	shr__plugins_free(kit->plugins);
	shr__record_unref(kit->config);
	kit->plugins = NULL;
	kit->config = NULL;
}

int kit_setup(struct kit *kit)
{
	int rc = read_configuration(kit);

	rc = rc ? rc : load(kit);
	if (rc || kit->driver->protocols || kit->args.exporter || kit->args.file)
		return rc;
	unload(kit);
	kit->args.exporter = "none";
	rc = read_configuration(kit);
	return rc ? rc : load(kit);
}

void kit_teardown(struct kit *kit)
{
	kit_close(kit);
	free(kit->names_first);
	free(kit->rules);
	kit->names_first = NULL;
	kit->rules = NULL;
	unload(kit);
}

static void life(struct kit *kit, const char *doing)
{
	atomic_store(&kit->shared->doing, doing);
	atomic_fetch_add(&kit->shared->calls, 1);
}

int kit_try_open(struct kit *kit, struct shr__backend **ret, char *why, size_t room)
{
	struct shr__callname name = { .op_id = "018f0000-0000-7000-8000-000000000000", .step = "open", .item_id = "", .attempt = 1 };
	const struct shr_error *error = NULL;
	int code;

	life(kit, "open");
	code = shr__backend_open(kit->plugins, kit->config, kit->conf, &name, ret, &error);
	life(kit, "open");
	if (code < 0 && why)
		snprintf(why, room, "%s: %s", shr_strcode(code), error->message);
	shr_error_unref(error);
	return code;
}

/* A program that a killed process had begun may hold its lock for a moment more. */
void kit_open(struct kit *kit)
{
	static const struct timespec nap = { 0, 10000000 };
	char why[512];
	int code, i;

	for (i = 0; i < 500; i++) {
		code = kit_try_open(kit, &kit->backend, why, sizeof why);
		if (code == 0)
			return;
		if (code != SHR_EAGAIN)
			break;
		nanosleep(&nap, NULL);
	}
	kit_fail(kit, "open: %s", why);
}

void kit_close(struct kit *kit)
{
	life(kit, "close");
	shr__backend_close(kit->backend);
	kit->backend = NULL;
}

void kit_reopen(struct kit *kit)
{
	kit_close(kit);
	kit_open(kit);
}
