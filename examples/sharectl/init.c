/* examples/sharectl/init.c - sharectl init: a configuration for one directory, and its store */
#include "ctl.h"
#include "open.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* TEXT as a YAML scalar in double quotes; NULL: it has what no path of a configuration may have. free(). */
static char *quoted(const char *text)
{
	char *ret = ctl_alloc(2 * strlen(text) + 3), *to = ret;

	*to++ = '"';
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f) {
			free(ret);
			return NULL;
		}
		if (*text == '"' || *text == '\\')
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '"';
	return ret;
}

struct words { /* each in quotes */
	char *store, *root, *backend, *pool;
};

static int write_config(FILE *f, const struct words *w)
{
	return fprintf(f,
		"# The configuration of libshare; libshare.conf(5) has every key.\n"
		"\n"
		"# Where the records are: one file of SQLite, on a local file system. Back it up together with the shares.\n"
		"store:\n"
		"  path: %s\n"
		"\n"
		"# How long ended operations and events are kept.\n"
		"retention: { operations: 30d, events: 90d }\n"
		"\n"
		"# What a project may use that has no quota of its own (sharectl quota set).\n"
		"quota: { shares: unlimited, bytes: unlimited }\n"
		"\n"
		"# One backend: a directory. Each share is a directory below ROOT/POOL. The exporter none tells where that is;\n"
		"# whoever serves the directory reads the rules from here.\n"
		"backends:\n"
		"  - name: %s\n"
		"    driver: dir\n"
		"    exporter: none\n"
		"    settings: { root: %s }\n"
		"    pools:\n"
		"      - name: %s\n"
		"        # Kept back, so that the file system never fills up to the last byte.\n"
		"        reserved_percent: 5\n"
		"        # How much may be promised of what there is: with 300 shares may add up to three times the room.\n"
		"        oversubscribe_percent: 100\n"
		"        settings: { path: %s }\n",
		w->store, w->backend, w->root, w->pool, w->pool) < 0 ? -1 : 0;
}

/* Whole or not at all: beside it first, then in its place; without --force only where nothing is. */
static int put_config(struct ctl *c, const char *path, const struct words *w)
{
	char *beside = ctl_format("%s.%ld.new", path, (long)getpid());
	int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644), bad, why;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	bad = !f || write_config(f, w) < 0 || fflush(f) != 0 || fsync(fd) < 0;
	why = errno;
	if (f)
		fclose(f);
	if (!bad) {
		bad = ctl_has(c, OPT_FORCE) ? rename(beside, path) : link(beside, path);
		why = errno;
	}
	if (fd >= 0)
		unlink(beside);
	free(beside);
	if (!bad)
		return CTL_OK;
	if (why == EEXIST)
		return ctl_complain(CTL_CONFLICT, "--force writes over it; the store stays as it is", "%s is there already",
			path);
	return ctl_complain(why == EACCES || why == EPERM || why == EROFS ? CTL_PERMISSION : CTL_FAILED, "", "%s: %s",
		path, strerror(why));
}

/* Make PATH and what is missing above it; its real path in RET. */
static int make_root(const char *path, char ret[PATH_MAX])
{
	char *copy = ctl_format("%s", path);

	for (char *slash = copy + (*copy == '/');; slash++) {
		slash = strchr(slash, '/');
		if (slash)
			*slash = '\0';
		if (*copy && mkdir(copy, 0755) < 0 && errno != EEXIST)
			break;
		if (!slash)
			break;
		*slash = '/';
	}
	free(copy);
	if (realpath(path, ret))
		return CTL_OK;
	return ctl_complain(errno == EACCES ? CTL_PERMISSION : CTL_FAILED, "", "%s: %s", path, strerror(errno));
}

/* What was written is tried at once: a backend that does not open is told now, not at the first share. */
static int try_it(struct ctl *c, const char *config)
{
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;
	const struct shr_error *error = NULL;
	int status = ctl_open_at(c, config, SHR_CTX_CREATE), rc;

	if (status)
		return status;
	p.flags = SHR_SESSION_SYSTEM;
	rc = shr_session_open(c->ctx, &p, &c->session, &error);
	if (rc < 0)
		return ctl_fail(c, rc, error);
	status = ctl_open_engine(c, 1);
	return status ? status : ctl_pool_list(c);
}

/* Where the records go, as a whole path: in the file a relative one would begin at the file. */
static char *store_path(struct ctl *c, const char *root)
{
	const char *given = ctl_text(c, OPT_STORE);
	char here[PATH_MAX];

	if (!given)
		return ctl_format("%s%slibshare.db", root, strcmp(root, "/") == 0 ? "" : "/");
	if (*given == '/' || strcmp(given, ":memory:") == 0 || !getcwd(here, sizeof here))
		return ctl_format("%s", given);
	return ctl_format("%s/%s", here, given);
}

static int write_and_try(struct ctl *c, const char *config, const char *root, const char *store)
{
	struct words w = { quoted(store), quoted(root), quoted(ctl_has(c, OPT_BACKEND) ? ctl_text(c, OPT_BACKEND) :
		"local"),
		quoted(ctl_has(c, OPT_POOL) ? ctl_text(c, OPT_POOL) : "main") };
	int status;

	if (!w.store || !w.root || !w.backend || !w.pool)
		status = ctl_usage(c, "a path or a name has a control character");
	else
		status = put_config(c, config, &w);
	free(w.store);
	free(w.root);
	free(w.backend);
	free(w.pool);
	if (!status && !ctl_has(c, OPT_JSON))
		printf("wrote %s: shares in %s, records in %s\n", config, root, store);
	return status ? status : try_it(c, config);
}

/* A configuration that somebody wrote wants its store made. */
static int only_store(struct ctl *c, const char *config)
{
	if (ctl_has(c, OPT_STORE) || ctl_has(c, OPT_BACKEND) || ctl_has(c, OPT_POOL) || ctl_has(c, OPT_FORCE))
		return ctl_usage(c, "init wants --root DIR with these options");
	if (access(config, F_OK) < 0)
		return ctl_usage(c, "init wants --root DIR, to write %s", config);
	return try_it(c, config);
}

int ctl_init(struct ctl *c)
{
	const char *config = ctl_text(c, OPT_CONFIG), *root = ctl_text(c, OPT_ROOT);
	char real[PATH_MAX], *store;
	int status;

	if (!config)
		config = secure_getenv("LIBSHARE_CONFIG");
	if (!config || !*config)
		config = "libshare.yaml";
	if (!root)
		return only_store(c, config);
	if (!*root)
		return ctl_usage(c, "init: --root is empty");
	if (!ctl_has(c, OPT_FORCE) && access(config, F_OK) == 0)
		return ctl_complain(CTL_CONFLICT, "--force writes over it; the store stays as it is", "%s is there already",
			config);
	status = make_root(root, real);
	if (status)
		return status;
	store = store_path(c, real);
	status = write_and_try(c, config, real, store);
	free(store);
	return status;
}
