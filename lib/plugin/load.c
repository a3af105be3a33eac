/* lib/plugin/load.c - a file becomes a plugin */
#include "plugin/load.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/mem.h"
#include "plugin/negotiate.h"

int shr__plugin_new(uint32_t kind, const void *table, const char *name, const char *path, struct shr__plugin **ret,
	const struct shr_error **reterr)
{
	struct shr__plugin *made = shr__alloc(sizeof *made);
	int rc;

	if (made)
		made->path = shr__strdup(path);
	if (!made || !made->path)
		rc = shr__fail_nomem(reterr);
	else if (kind == SHR_PLUGIN_EXPORTER)
		rc = shr__negotiate_exporter(table, name, &made->table.exporter, reterr);
	else
		rc = shr__negotiate_driver(table, name, &made->table.driver, reterr);
	if (rc == 0) {
		made->kind = kind;
		*ret = made;
	} else if (made) {
		shr__free(made->path);
		shr__free(made);
	}
	return rc;
}

#define NAME_ROOM 400

/* BITS as steps of a path that lead nowhere: "./" and "/". */
static size_t write_bits(char *to, uint64_t bits)
{
	size_t n = 0;

	for (int i = 0; i < 64; i++, bits >>= 1) {
		if (bits & 1)
			to[n++] = '.';
		to[n++] = '/';
	}
	return n;
}

/*
 * A name under /proc of what lies in FD, which has been checked: nothing else is loaded. The loader takes a name that it has
 * seen before for the same object, but numbers of descriptors are used again; so the name also spells out which file it
 * is, in steps that lead nowhere. (A file that is loaded stays mapped, so its inode's number is not used again.)
 */
static int name_of(int fd, char name[NAME_ROOM])
{
	struct stat st;
	char *at;

	if (fstat(fd, &st) < 0)
		return -1;
	/* The process's number rather than "self", so that debuggers find the symbols. */
	snprintf(name, NAME_ROOM, "/proc/%ld/fd/%d", (long)getpid(), fd);
	at = access(name, R_OK) == 0 ? strrchr(name, '/') + 1 : name + snprintf(name, NAME_ROOM, "/proc/self/fd/");
	at += write_bits(at, (uint64_t)st.st_dev);
	at += write_bits(at, (uint64_t)st.st_ino);
	snprintf(at, 16, "%d", fd);
	return 0;
}

/* *ret_keep: the file was not loaded before. Then its descriptor stays open as long as its mapping does, which is for ever:
 * it is under that name that debuggers look for it. */
static void *open_object(int fd, int *ret_keep)
{
	const int mode = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;
	char name[NAME_ROOM];
	void *object;

	*ret_keep = 0;
	if (name_of(fd, name) < 0)
		return NULL;
	object = dlopen(name, mode | RTLD_NOLOAD);
	if (object)
		return object;
	object = dlopen(name, mode);
	*ret_keep = object != NULL;
	return object;
}

static int take_table(void *object, const char *path, uint32_t kind, const void **ret, const struct shr_error **reterr)
{
	const char *symbol = kind == SHR_PLUGIN_EXPORTER ? SHR_EXPORTER_ENTRY : SHR_DRIVER_ENTRY;
	void *address = dlsym(object, symbol);
	const void *(*entry)(void);

	if (!address)
		return shr__fail(reterr, SHR_ENOTFOUND, "%s is no %s: it has no symbol %s", path, shr__plugin_word(kind), symbol);
	memcpy(&entry, &address, sizeof entry); /* ISO C has no cast from an object's address to a function's */
	*ret = entry();
	return *ret ? 0 : shr__fail(reterr, SHR_EDRIVER, "%s: %s() gave NULL", path, symbol);
}

static int load_fd(int fd, const char *path, uint32_t kind, const char *name, int *ret_keep, struct shr__plugin **ret,
	const struct shr_error **reterr)
{
	void *object = open_object(fd, ret_keep);
	const void *table;
	const char *why;
	int rc;

	if (!object) {
		why = dlerror();
		return shr__fail(reterr, SHR_EDRIVER, "%s cannot be loaded: %s", path, why ? why : "the loader does not say why");
	}
	rc = take_table(object, path, kind, &table, reterr);
	return rc < 0 ? rc : shr__plugin_new(kind, table, name, path, ret, reterr);
}

static int load_from(const struct shr__plugins *p, const char *dir, uint32_t kind, const char *name,
	struct shr__plugin **ret, const struct shr_error **reterr)
{
	char file[SHR__PLUGIN_NAME_MOST + 16], path[PATH_MAX];
	int dir_fd, fd, keep = 0, rc;

	rc = shr__trust_dir(dir, &dir_fd, reterr);
	if (rc < 0)
		return rc;
	snprintf(file, sizeof file, SHR__PLUGIN_PREFIX "%s" SHR__PLUGIN_SUFFIX, name);
	snprintf(path, sizeof path, "%s/%s", dir, file);
	rc = shr__trust_file(dir_fd, dir, file, &fd, reterr);
	if (rc == 0 && p->keys.required) {
		rc = shr__trust_signature(&p->keys, dir_fd, dir, file, fd, reterr);
		if (rc < 0)
			close(fd);
	}
	close(dir_fd);
	if (rc < 0)
		return rc;
	rc = load_fd(fd, path, kind, name, &keep, ret, reterr);
	if (!keep)
		close(fd);
	return rc;
}

/* The first directory that has the file decides, were it by refusing it. A directory that is not there, or must not be
 * looked into, is told of only when no other has the file. */
int shr__load(const struct shr__plugins *p, uint32_t kind, const char *name, struct shr__plugin **ret,
	const struct shr_error **reterr)
{
	const struct shr_error *why = NULL, *first = NULL;
	int rc = SHR_ENOTFOUND, fd;

	for (uint32_t i = 0; i < p->n_dirs; i++) {
		rc = shr__trust_dir(p->dirs[i], &fd, &why);
		if (rc == 0) {
			close(fd);
			rc = load_from(p, p->dirs[i], kind, name, ret, &why);
			if (rc != SHR_ENOTFOUND)
				break;
		}
		if (!first || (first->code == SHR_ENOTFOUND && rc != SHR_ENOTFOUND)) {
			shr_error_unref(first);
			first = why;
		} else {
			shr_error_unref(why);
		}
		why = NULL;
	}
	if (rc < 0 && !why) { /* not found: what hindered the search says more than the last miss */
		rc = first ? first->code : SHR_ENOTFOUND;
		why = first;
		first = NULL;
	}
	shr_error_unref(first);
	if (rc == 0)
		return 0;
	if (rc == SHR_ENOTFOUND)
		rc = shr__fail_do(reterr, SHR_ENOTFOUND, "look at plugin_dirs of the configuration", "there is no %s %s: %s",
			shr__plugin_word(kind), name, why ? why->message : "there is no directory to look in");
	else if (reterr)
		*reterr = shr_error_ref(why);
	shr_error_unref(why);
	return rc;
}
