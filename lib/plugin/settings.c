/* lib/plugin/settings.c - a backend's part of the configuration against what its plugins take */
#include "plugin/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

struct check {
	struct shr__faults faults;
	const char *file;
	const char *whose[2]; /* "driver", "dir" */
	const char *what[2];  /* "pool ", "fast"; "a backend", "" */
};

static const char *place(const struct check *c, uint32_t line, char *buf, size_t room)
{
	snprintf(buf, room, "%s:%" PRIu32, c->file && *c->file ? c->file : "configuration", line);
	return buf;
}

/* KEY is the one that WANT says, which may have a '!' behind it. */
static int same(const char *want, const char *key)
{
	size_t n = strlen(key);

	return strncmp(want, key, n) == 0 && (want[n] == '\0' || (want[n] == '!' && want[n + 1] == '\0'));
}

/* "it takes: root, mode" */
static void list_keys(const char *const *keys, char *buf, size_t room)
{
	size_t n = (size_t)snprintf(buf, room, keys && *keys ? "it takes: " : "it takes none");

	for (size_t i = 0; keys && keys[i] && n < room; i++) {
		size_t length = strcspn(keys[i], "!");

		n += (size_t)snprintf(buf + n, room - n, "%s%.*s", i ? ", " : "", (int)length, keys[i]);
	}
}

static void check_given(struct check *c, const struct shr__setting *settings, uint32_t n, const char *const *keys)
{
	char where[300], remedy[1000];
	size_t k;

	for (uint32_t i = 0; i < n; i++) {
		for (k = 0; keys && keys[k] && !same(keys[k], settings[i].key); k++)
			;
		if (keys && keys[k])
			continue;
		list_keys(keys, remedy, sizeof remedy);
		shr__faults_add(&c->faults, SHR_EINVAL, place(c, settings[i].line, where, sizeof where), remedy,
			"%s %s takes no setting \"%s\" of %s%s", c->whose[0], c->whose[1], settings[i].key, c->what[0], c->what[1]);
	}
}

static void check_missing(struct check *c, const struct shr__setting *settings, uint32_t n, const char *const *keys,
	uint32_t line)
{
	char where[300], remedy[100];
	uint32_t i;

	for (size_t k = 0; keys && keys[k]; k++) {
		size_t length = strcspn(keys[k], "!");

		if (keys[k][length] != '!')
			continue;
		for (i = 0; i < n && !same(keys[k], settings[i].key); i++)
			;
		if (i < n)
			continue;
		snprintf(remedy, sizeof remedy, "add \"%.*s\" to its settings", (int)length, keys[k]);
		shr__faults_add(&c->faults, SHR_EINVAL, place(c, line, where, sizeof where), remedy,
			"%s %s needs the setting \"%.*s\" of %s%s", c->whose[0], c->whose[1], (int)length, keys[k], c->what[0], c->what[1]);
	}
}

static void check_list(struct check *c, const struct shr__setting *settings, uint32_t n, const char *const *keys, uint32_t line)
{
	check_given(c, settings, n, keys);
	check_missing(c, settings, n, keys, line);
}

static void check_protocols(struct check *c, const struct shr__conf_backend *conf, const struct shr_driver *d,
	const struct shr_exporter *const *x, uint32_t n)
{
	uint64_t can = n ? 0 : d->protocols;
	char where[300];

	for (uint32_t i = 0; i < n; i++)
		can |= x[i]->protocols;
	if (can == 0)
		shr__faults_add(&c->faults, SHR_EINVAL, place(c, conf->line, where, sizeof where), "name an exporter",
			"backend %s: driver %s does not export by itself", conf->name, d->name);
	else if (conf->protocols & ~can)
		shr__faults_add(&c->faults, SHR_EINVAL, place(c, conf->line, where, sizeof where), "take them from its protocols",
			"backend %s offers protocols that %s %s does not speak", conf->name, n ? "exporter" : "driver",
			n ? conf->exporter_names : d->name);
}

/* What exporter B cannot have beside A. */
static void check_pair(struct check *c, const struct shr__conf_backend *conf, const struct shr_exporter *a,
	const struct shr_exporter *b, uint32_t line)
{
	uint64_t both = a->protocols & b->protocols;
	char where[300];

	if (both)
		shr__faults_add(&c->faults, SHR_EINVAL, place(c, line, where, sizeof where), "name one exporter for each protocol",
			"backend %s: exporters %s and %s both speak %s", conf->name, a->name, b->name, shr_proto_name(both & -both));
	if (a->features & b->features & SHR_EXPORTER_NUMBERED)
		shr__faults_add(&c->faults, SHR_EINVAL, place(c, line, where, sizeof where), "give one of them a backend of its own",
			"backend %s: exporters %s and %s both need export numbers, and a share has one", conf->name, a->name, b->name);
}

static void check_exporters(struct check *c, const struct shr__conf_backend *conf, const struct shr_exporter *const *x,
	uint32_t n)
{
	char where[300];

	c->whose[0] = "exporter";
	c->what[0] = "an exporter";
	c->what[1] = "";
	for (uint32_t i = 0; i < n; i++) {
		c->whose[1] = x[i]->name;
		check_list(c, conf->exporters[i].settings, conf->exporters[i].n_settings, x[i]->settings, conf->exporters[i].line);
		if (conf->dual_protocol && !(x[i]->capabilities & SHR_CAP_DUAL_PROTOCOL))
			shr__faults_add(&c->faults, SHR_EINVAL, place(c, conf->exporters[i].line, where, sizeof where),
				"leave dual_protocol out, or name another exporter",
				"backend %s: exporter %s does not keep what dual_protocol promises", conf->name, x[i]->name);
		for (uint32_t k = 0; k < i; k++)
			check_pair(c, conf, x[k], x[i], conf->exporters[i].line);
	}
}

int shr__settings_check(const struct shr__config *config, const struct shr__conf_backend *conf, const struct shr_driver *d,
	const struct shr_exporter *const *x, uint32_t n, const struct shr_error **reterr)
{
	struct check c = { .file = config->file, .whose = { "driver", d->name }, .what = { "a backend", "" } };

	check_protocols(&c, conf, d, x, n);
	check_list(&c, conf->settings, conf->n_settings, d->settings, conf->line);
	for (uint32_t i = 0; i < conf->n_pools; i++) {
		c.what[0] = "pool ";
		c.what[1] = conf->pools[i].name;
		check_list(&c, conf->pools[i].settings, conf->pools[i].n_settings, d->pool_settings, conf->pools[i].line);
	}
	check_exporters(&c, conf, x, n);
	if (c.faults.n == 0 && !c.faults.nomem) {
		shr__faults_clear(&c.faults);
		return 0;
	}
	return shr__faults_fail(&c.faults, reterr, SHR_EINVAL, "backend %s: %u settings are wrong", conf->name, c.faults.n);
}
