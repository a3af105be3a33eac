/* tests/unit/plugin_files.h - a directory of plugins to load from, as a test wants it */
#ifndef TESTS_UNIT_PLUGIN_FILES_H
#define TESTS_UNIT_PLUGIN_FILES_H

#include "unit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/record.h"
#include "plugin/plugin.h"

#define FILES_BACKEND "backends:\n- name: alpha\n  driver: good\n  pools:\n  - name: one\n"

struct files {
	char dir[PATH_MAX];
	const struct shr__config *config;
	struct shr__plugins *plugins;
	const struct shr_error *error;
};

/* An empty directory that is trusted. */
static inline void files_begin(struct files *f)
{
	const char *tmp = getenv("TMPDIR");
	char dir[200];

	memset(f, 0, sizeof *f);
	snprintf(dir, sizeof dir, "%s/libshare-plugin.XXXXXX", tmp && strlen(tmp) < 100 ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_ptr_nonnull(realpath(dir, f->dir));
	ck_assert_int_eq(chmod(f->dir, 0755), 0);
}

static inline const char *files_path(const struct files *f, const char *name)
{
	static char path[PATH_MAX + 300];

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	return path;
}

static inline void files_write(const struct files *f, const char *name, const void *p, size_t n)
{
	int fd = open(files_path(f, name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, p, n), (ssize_t)n);
	ck_assert_int_eq(fchmod(fd, 0644), 0);
	close(fd);
}

/* The bytes of a built plugin; the caller frees them. */
static inline char *files_built(const char *name, size_t *ret_n)
{
	char path[PATH_MAX];
	struct stat st;
	char *p;
	int fd;

	snprintf(path, sizeof path, "%s/shr-%s.so", TEST_PLUGINS, name);
	fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	p = malloc((size_t)st.st_size);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(read(fd, p, (size_t)st.st_size), st.st_size);
	close(fd);
	*ret_n = (size_t)st.st_size;
	return p;
}

static inline void files_copy(const struct files *f, const char *name)
{
	char file[300];
	size_t n;
	char *p = files_built(name, &n);

	snprintf(file, sizeof file, "shr-%s.so", name);
	files_write(f, file, p, n);
	free(p);
}

/* The plugins of F's directory, with MORE under "plugins:" of the configuration; the code of shr__plugins_new. */
static inline int files_open(struct files *f, const char *more)
{
	char text[4 * PATH_MAX];
	int rc;

	snprintf(text, sizeof text, "plugins:\n  directories: [%s]\n%s" FILES_BACKEND, f->dir, more);
	rc = shr__config_read(NULL, text, "test", &f->config, &f->error);
	ck_assert_msg(rc == 0, "%s", rc ? f->error->message : "");
	return shr__plugins_new(f->config, NULL, NULL, &f->plugins, &f->error);
}

static inline void files_opened(struct files *f)
{
	int rc = files_open(f, "");

	ck_assert_msg(rc == 0, "%s", rc ? f->error->message : "");
}

static inline int files_driver(struct files *f, const char *name)
{
	const struct shr_driver *d = NULL;
	int rc;

	shr_error_unref(f->error);
	f->error = NULL;
	rc = shr__plugins_driver(f->plugins, name, &d, &f->error);
	ck_assert_int_eq(rc == 0, d != NULL);
	ck_assert_int_eq(rc, f->error ? f->error->code : 0);
	return rc;
}

static inline int files_exporter(struct files *f, const char *name)
{
	const struct shr_exporter *x = NULL;
	int rc;

	shr_error_unref(f->error);
	f->error = NULL;
	rc = shr__plugins_exporter(f->plugins, name, &x, &f->error);
	ck_assert_int_eq(rc == 0, x != NULL);
	return rc;
}

static inline int files_says(const struct files *f, const char *word)
{
	return f->error && strstr(f->error->message, word) != NULL;
}

static inline void files_end(struct files *f)
{
	char command[PATH_MAX + 20];

	shr_error_unref(f->error);
	shr__plugins_free(f->plugins);
	shr__record_unref(f->config);
	snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
	ck_assert_int_eq(system(command), 0);
}

#endif
