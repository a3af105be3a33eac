/* tests/conformance/driver_kit_conf.c - a configuration made of the command line, and the backend it describes */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/buf.h"
#include "base/mem.h"
#include "base/record.h"
#include "driver_kit.h"

static void add_quoted(struct shr__buf *b, const char *s, size_t n)
{
	size_t i;

	shr__buf_str(b, "\"");
	for (i = 0; i < n; i++)
		shr__buf_printf(b, s[i] == '"' || s[i] == '\\' ? "\\%c" : "%c", s[i]);
	shr__buf_str(b, "\"");
}

/* A key that is given more than once has a list of values, in that order. */
static void add_settings(struct shr__buf *b, const char **pairs, size_t n)
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

static char *configuration(const struct kit_args *a)
{
	struct shr__buf b = { NULL, 0, 0, 0 };

	shr__buf_str(&b, "plugins: { directories: [ ");
	add_quoted(&b, a->plugins, strlen(a->plugins));
	shr__buf_printf(&b, " ] }\nbackends: [ { name: kit, driver: %s, ", a->driver);
	if (a->exporter) {
		shr__buf_printf(&b, "exporter: { name: %s, ", a->exporter);
		add_settings(&b, a->set_exporter, a->n_set_exporter);
		shr__buf_str(&b, " }, ");
	}
	add_settings(&b, a->set, a->n_set);
	shr__buf_printf(&b, ", pools: [ { name: %s, ", a->pool);
	add_settings(&b, a->set_pool, a->n_set_pool);
	shr__buf_str(&b, " } ] } ]\n");
	return shr__buf_take(&b);
}

static void quit(const char *what, const struct shr_error *error)
{
	uint32_t i;

	fprintf(stderr, "driver_kit: %s: %s\n", what, error->message);
	for (i = 0; i < error->n_faults; i++)
		fprintf(stderr, "driver_kit: %s: %s\n", error->faults[i]->where, error->faults[i]->message);
	exit(2);
}

static void say(void *data, int level, const char *line)
{
	(void)data;
	if (level <= SHR_LOG_WARNING)
		printf("      the log says: %s\n", line);
}

void kit_setup(struct kit *kit)
{
	char *text = configuration(&kit->args);
	const struct shr_error *error = NULL;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (shr__config_read(NULL, text, "the command line", &kit->config, &error) < 0)
		quit(text, error);
	shr__free(text);
	if (shr__plugins_new(kit->config, say, NULL, &kit->plugins, &error) < 0)
		quit("the plugins", error);
	if (shr__plugins_driver(kit->plugins, kit->args.driver, &kit->driver, &error) < 0)
		quit("the driver", error);
	printf("driver %s %s: threads %u, fencing %u, capabilities 0x%llx, protocols 0x%llx\n", kit->driver->name,
		kit->driver->version, kit->driver->threads, kit->driver->fencing, (unsigned long long)kit->driver->capabilities,
		(unsigned long long)kit->driver->protocols);
}

void kit_teardown(struct kit *kit)
{
	kit_close(kit);
	free(kit->names_first);
	free(kit->rules);
	shr__plugins_free(kit->plugins);
	shr__record_unref(kit->config);
}

int kit_try_open(struct kit *kit, struct shr__backend **ret, char *why, size_t room)
{
	struct shr__callname name = { .op_id = "018f0000-0000-7000-8000-000000000000", .step = "open", .item_id = "", .attempt = 1 };
	const struct shr_error *error = NULL;
	int code = shr__backend_open(kit->plugins, kit->config, &kit->config->backends[0], &name, ret, &error);

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
	shr__backend_close(kit->backend);
	kit->backend = NULL;
}

void kit_reopen(struct kit *kit)
{
	kit_close(kit);
	kit_open(kit);
}
