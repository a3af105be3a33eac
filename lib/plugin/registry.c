/* lib/plugin/registry.c - the plugins that a context has loaded */
#include "plugin/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "base/record.h"
#include "base/text.h"
#include "plugin/load.h"
#include "plugin/negotiate.h"

const char *shr__plugin_word(uint32_t kind)
{
	return kind == SHR_PLUGIN_EXPORTER ? "exporter" : "driver";
}

const char *shr__plugin_name(const struct shr__plugin *plugin)
{
	return plugin->kind == SHR_PLUGIN_EXPORTER ? plugin->table.exporter.name : plugin->table.driver.name;
}

/* The configuration's directories; else the one of the environment, for trees that are not installed (a program with
 * more rights than its user does not look there); else the one that was built in. */
static int take_dirs(struct shr__plugins *p, const struct shr__config *config)
{
	const char *only = secure_getenv("LIBSHARE_PLUGINDIR");
	const char **dirs;

	p->dirs = config->plugin_dirs;
	p->n_dirs = config->n_plugin_dirs;
	if (p->n_dirs > 0)
		return 0;
	dirs = shr__arena_alloc(p->arena, sizeof *dirs);
	if (!dirs)
		return -1;
	*dirs = shr__arena_strdup(p->arena, only && *only ? only : SHR_PLUGINDIR);
	p->dirs = dirs;
	p->n_dirs = 1;
	return *dirs ? 0 : -1;
}

int shr__plugins_new(const struct shr__config *config, void (*log)(void *data, int level, const char *line), void *log_data,
	struct shr__plugins **ret, const struct shr_error **reterr)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__plugins *p = arena ? shr__arena_alloc(arena, sizeof *p) : NULL;
	int rc;

	if (!p || pthread_mutex_init(&p->lock, NULL) != 0) {
		shr__arena_free(arena);
		return shr__fail_nomem(reterr);
	}
	p->arena = arena;
	p->config = shr__record_ref(config);
	p->log = log;
	p->log_data = log_data;
	if (take_dirs(p, config) < 0)
		rc = shr__fail_nomem(reterr);
	else
		rc = shr__trust_keys(config, arena, &p->keys, reterr);
	if (rc < 0) {
		shr__plugins_free(p);
		return rc;
	}
	*ret = p;
	return 0;
}

void shr__plugins_free(struct shr__plugins *p)
{
	struct shr__plugin *next;

	if (!p)
		return;
	for (struct shr__plugin *one = p->first; one; one = next) {
		next = one->next;
		shr__free(one->path);
		shr__free(one);
	}
	pthread_mutex_destroy(&p->lock);
	shr__record_unref(p->config);
	shr__arena_free(p->arena);
}

static const struct shr__plugin *find(const struct shr__plugins *p, uint32_t kind, const char *name)
{
	for (const struct shr__plugin *one = p->first; one; one = one->next) {
		if (one->kind == kind && strcmp(shr__plugin_name(one), name) == 0)
			return one;
	}
	return NULL;
}

int shr__plugins_get(struct shr__plugins *p, uint32_t kind, const char *name, const struct shr__plugin **ret,
	const struct shr_error **reterr)
{
	const struct shr__plugin *found;
	struct shr__plugin *made;
	int rc = 0;

	if (!shr__ident_ok(name, SHR__PLUGIN_NAME_MOST))
		return shr__fail_do(reterr, SHR_EINVAL, "use letters, digits, '.', '_' and '-'", "\"%.80s\" is no %s's name",
			name ? name : "", shr__plugin_word(kind));
	pthread_mutex_lock(&p->lock);
	found = find(p, kind, name);
	if (!found) {
		rc = shr__load(p, kind, name, &made, reterr);
		if (rc == 0) {
			made->next = p->first;
			p->first = made;
			found = made;
		}
	}
	pthread_mutex_unlock(&p->lock);
	if (rc == 0)
		*ret = found;
	return rc;
}

int shr__plugins_driver(struct shr__plugins *p, const char *name, const struct shr_driver **ret, const struct shr_error **reterr)
{
	const struct shr__plugin *plugin;
	int rc = shr__plugins_get(p, SHR_PLUGIN_DRIVER, name, &plugin, reterr);

	if (rc == 0)
		*ret = &plugin->table.driver;
	return rc;
}

int shr__plugins_exporter(struct shr__plugins *p, const char *name, const struct shr_exporter **ret,
	const struct shr_error **reterr)
{
	const struct shr__plugin *plugin;
	int rc = shr__plugins_get(p, SHR_PLUGIN_EXPORTER, name, &plugin, reterr);

	if (rc == 0)
		*ret = &plugin->table.exporter;
	return rc;
}

static int add(struct shr__plugins *p, uint32_t kind, const void *table, const struct shr_error **reterr)
{
	struct shr__plugin *made;
	int rc = shr__plugin_new(kind, table, NULL, "", &made, reterr);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&p->lock);
	if (find(p, kind, shr__plugin_name(made))) {
		rc = shr__fail(reterr, SHR_EEXIST, "the %s %s is there already", shr__plugin_word(kind), shr__plugin_name(made));
	} else {
		made->next = p->first;
		p->first = made;
	}
	pthread_mutex_unlock(&p->lock);
	if (rc < 0) {
		shr__free(made->path);
		shr__free(made);
	}
	return rc;
}

int shr__plugins_add_driver(struct shr__plugins *p, const struct shr_driver *table, const struct shr_error **reterr)
{
	return add(p, SHR_PLUGIN_DRIVER, table, reterr);
}

int shr__plugins_add_exporter(struct shr__plugins *p, const struct shr_exporter *table, const struct shr_error **reterr)
{
	return add(p, SHR_PLUGIN_EXPORTER, table, reterr);
}
