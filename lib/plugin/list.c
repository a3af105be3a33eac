/* lib/plugin/list.c - which plugins there are, and why one cannot be used */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/mem.h"
#include "base/record.h"
#include "base/text.h"
#include "plugin/registry.h"

struct found { /* a name to try, or a directory that must not be looked into */
	char *name;
	char *dir;
	char *reason; /* NULL: it has to be tried */
};
struct finding {
	struct shr__arena *arena;
	struct found *items;
	uint32_t n, room;
	int nomem;
};

static void add(struct finding *f, const char *name, size_t n_name, const char *dir, const char *reason)
{
	struct found *items = f->items;
	struct found one;

	if (f->n == f->room) {
		items = shr__realloc(f->items, (f->room ? 2 * f->room : 16) * sizeof *items);
		if (!items) {
			f->nomem = 1;
			return;
		}
		f->items = items;
		f->room = f->room ? 2 * f->room : 16;
	}
	one.name = shr__arena_strndup(f->arena, name, n_name);
	one.dir = shr__arena_strdup(f->arena, dir);
	one.reason = reason ? shr__arena_strdup(f->arena, reason) : NULL;
	if (!one.name || !one.dir || (reason && !one.reason))
		f->nomem = 1;
	else
		f->items[f->n++] = one;
}

/* "shr-dir.so" gives "dir". The first directory that has a name is the one it is loaded from. */
static void add_file(struct finding *f, const char *file, const char *dir)
{
	const size_t before = strlen(SHR__PLUGIN_PREFIX), behind = strlen(SHR__PLUGIN_SUFFIX);
	size_t n = strlen(file);
	char name[SHR__PLUGIN_NAME_MOST + 1];

	if (n <= before + behind || n - before - behind > SHR__PLUGIN_NAME_MOST || strncmp(file, SHR__PLUGIN_PREFIX, before) != 0 ||
	    strcmp(file + n - behind, SHR__PLUGIN_SUFFIX) != 0)
		return;
	n -= before + behind;
	memcpy(name, file + before, n);
	name[n] = '\0';
	if (!shr__ident_ok(name, SHR__PLUGIN_NAME_MOST))
		return;
	for (uint32_t i = 0; i < f->n; i++) {
		if (!f->items[i].reason && strcmp(f->items[i].name, name) == 0)
			return;
	}
	add(f, name, n, dir, NULL);
}

static void look_into(struct finding *f, const char *dir)
{
	const struct shr_error *why = NULL;
	const struct dirent *entry;
	DIR *open_dir = NULL;
	int fd, list_fd, rc;

	rc = shr__trust_dir(dir, &fd, &why);
	if (rc < 0) {
		if (rc != SHR_ENOTFOUND)
			add(f, "", 0, dir, why->message);
		shr_error_unref(why);
		return;
	}
	list_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (list_fd >= 0)
		open_dir = fdopendir(list_fd);
	if (open_dir) {
		while ((entry = readdir(open_dir)) != NULL && !f->nomem)
			add_file(f, entry->d_name, dir);
		closedir(open_dir);
	} else {
		add(f, "", 0, dir, "the directory cannot be read");
		if (list_fd >= 0)
			close(list_fd);
	}
	close(fd);
}

static void add_loaded(struct finding *f, struct shr__plugins *p, uint32_t kind)
{
	pthread_mutex_lock(&p->lock);
	for (const struct shr__plugin *one = p->first; one && !f->nomem; one = one->next) {
		if (one->kind == kind && !one->path[0])
			add(f, shr__plugin_name(one), strlen(shr__plugin_name(one)), "", NULL);
	}
	pthread_mutex_unlock(&p->lock);
}

static int by_name(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : strcmp(x->dir, y->dir);
}

/* ---- the record ---- */

static void describe(struct shr_plugin *to, const struct shr__plugin *from)
{
	const struct shr_exporter *x = &from->table.exporter;
	const struct shr_driver *d = &from->table.driver;
	int is_driver = from->kind == SHR_PLUGIN_DRIVER;

	to->capabilities = is_driver ? d->capabilities : x->capabilities;
	to->protocols = is_driver ? d->protocols : x->protocols;
	to->threads = is_driver ? d->threads : x->threads;
	to->fencing = is_driver ? d->fencing : x->fencing;
	to->version = is_driver ? d->version : x->version;
}

/* One of the record, or NULL: no memory. */
static struct shr_plugin *make(struct shr__arena *arena, const struct found *of, uint32_t kind, const struct shr__plugin *plugin,
	const char *reason)
{
	struct shr_plugin *one = shr__arena_alloc(arena, sizeof *one);

	if (!one)
		return NULL;
	one->size = sizeof *one;
	one->kind = kind;
	if (plugin)
		describe(one, plugin);
	one->name = shr__arena_strdup(arena, of->name);
	one->version = shr__arena_strdup(arena, one->version);
	one->reason = shr__arena_strdup(arena, reason);
	if (!of->dir[0] || !of->name[0])
		one->path = shr__arena_strdup(arena, of->dir);
	else
		one->path = shr__arena_printf(arena, "%s/" SHR__PLUGIN_PREFIX "%s" SHR__PLUGIN_SUFFIX, of->dir, of->name);
	return one->name && one->version && one->reason && one->path ? one : NULL;
}

/* 1: *ret is one for the list; 0: it is no plugin of this kind. */
static int try(struct shr__plugins *p, const struct found *of, uint32_t kind, struct shr__arena *arena, struct shr_plugin **ret,
	const struct shr_error **reterr)
{
	const struct shr__plugin *plugin = NULL;
	const struct shr_error *why = NULL;
	int rc = of->reason ? 0 : shr__plugins_get(p, kind, of->name, &plugin, &why);

	if (rc == SHR_ENOTFOUND) {
		shr_error_unref(why);
		return 0;
	}
	*ret = rc == SHR_ENOMEM ? NULL : make(arena, of, kind, plugin, of->reason ? of->reason : why ? why->message : "");
	shr_error_unref(why);
	return *ret ? 1 : shr__fail_nomem(reterr);
}

static int fill(struct shr__plugins *p, const struct finding *f, uint32_t kind, const struct shr_plugin_page **ret_list,
	const struct shr_error **reterr)
{
	struct shr__arena *arena;
	struct shr_plugin_page *list = shr__record_new(sizeof *list, &arena);
	const struct shr_plugin **items = list ? shr__arena_alloc(arena, (f->n + 1) * sizeof *items) : NULL;
	struct shr_plugin *one;
	int rc = items ? 0 : shr__fail_nomem(reterr);

	for (uint32_t i = 0; rc >= 0 && i < f->n; i++) {
		rc = try(p, &f->items[i], kind, arena, &one, reterr);
		if (rc == 1)
			items[list->n++] = one;
	}
	if (rc < 0) {
		shr__record_unref(list);
		return rc;
	}
	list->size = sizeof *list;
	list->items = items;
	*ret_list = list;
	return 0;
}

int shr__plugins_list(struct shr__plugins *p, uint32_t kind, const struct shr_plugin_page **ret_list,
	const struct shr_error **reterr)
{
	struct finding f = { .arena = shr__arena_new() };
	int rc;

	if (kind != SHR_PLUGIN_DRIVER && kind != SHR_PLUGIN_EXPORTER) {
		shr__arena_free(f.arena);
		return shr__fail_field(reterr, SHR_EINVAL, "kind", "use SHR_PLUGIN_DRIVER or SHR_PLUGIN_EXPORTER", "is no kind");
	}
	if (!f.arena)
		return shr__fail_nomem(reterr);
	add_loaded(&f, p, kind);
	for (uint32_t i = 0; i < p->n_dirs && !f.nomem; i++)
		look_into(&f, p->dirs[i]);
	if (f.n > 0)
		qsort(f.items, f.n, sizeof *f.items, by_name);
	rc = f.nomem ? shr__fail_nomem(reterr) : fill(p, &f, kind, ret_list, reterr);
	shr__free(f.items);
	shr__arena_free(f.arena);
	return rc;
}
