/* backends/ganesha/table.c - the exporter of NFS-Ganesha over D-Bus: opening, settings, the table; libshare-ganesha(7) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "libshare/version.h"
#include "ganesha.h"

#define OPEN_MS 3000

/* ---- settings ---- */

/* What goes into the export block must not be able to end a string of it. */
static int read_directory(const struct shr_driver_host *host, const struct shr_call *call, const char *dir)
{
	const char *s;
	size_t n = dir ? strlen(dir) : 0;

	if (n < 2 || *dir != '/' || n > 300 || dir[n - 1] == '/')
		return host->fail(call, SHR_EBACKEND, "setting directory: an absolute path of at most 300 bytes is wanted, without a slash "
			"at its end");
	for (s = dir; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || strchr("/._+-", *s)))
			return shr_failf(host, call, SHR_EBACKEND, "setting directory: \"%.300s\": only letters, digits and "
				"the signs /._+- may be in it", dir);
	if (strstr(dir, "//") || strstr(dir, "/../") || strstr(dir, "/./"))
		return host->fail(call, SHR_EBACKEND, "setting directory: a path without \"//\", \"/./\" and \"/../\" is wanted");
	return 0;
}

/* A host as it stands in front of ":/": an address, or a name. */
static int address_ok(const char *s)
{
	struct gan_net net;
	size_t i;

	if (strchr(s, '/') || strlen(s) > 255 || !*s)
		return 0;
	if (gan_net_read(s, &net) == 0)
		return 1;
	for (i = 0; s[i]; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9') || strchr("._-", s[i])))
			return 0;
	return 1;
}

static int read_addresses(struct gan *g, const struct shr_call *call)
{
	const char **list, *s;
	uint32_t n = 0, i;

	while (g->host->setting(call, NULL, "address", n))
		n++;
	if (n == 0)
		return g->host->fail(call, SHR_EBACKEND, "setting address: where clients find the server: an address or a name is wanted");
	list = calloc(n, sizeof *list);
	if (!list)
		return g->host->fail(call, SHR_EAGAIN, "no memory");
	g->addresses = list;
	g->n_addresses = n;
	for (i = 0; i < n; i++) {
		list[i] = s = g->host->setting(call, NULL, "address", i);
		if (!address_ok(s))
			return shr_failf(g->host, call, SHR_EBACKEND, "setting address: \"%.200s\" is no address and no name", s);
	}
	return 0;
}

static int read_squash(struct gan *g, const struct shr_call *call)
{
	static const char *const words[] = { "none", "root", "all" };
	const char *s = g->host->setting(call, NULL, "squash", 0);
	uint32_t i;

	g->squash = SHR_SQUASH_ROOT;
	for (i = 0; s && i < 3; i++)
		if (strcmp(s, words[i]) == 0) {
			g->squash = SHR_SQUASH_NONE + i;
			return 0;
		}
	return s ? shr_failf(g->host, call, SHR_EBACKEND, "setting squash: \"%.64s\" is none of none, root, all", s) : 0;
}

static int read_wanted(const struct gan *g, const struct shr_call *call, struct gan_wanted *w)
{
	w->directory = g->host->setting(call, NULL, "directory", 0);
	w->bus = g->host->setting(call, NULL, "bus", 0);
	w->name = g->host->setting(call, NULL, "name", 0);
	w->pidfile = g->host->setting(call, NULL, "pidfile", 0);
	w->cgroup = g->host->setting(call, NULL, "cgroup", 0);
	if (!w->name)
		w->name = "org.ganesha.nfsd";
	if (w->pidfile && *w->pidfile != '/')
		return g->host->fail(call, SHR_EBACKEND, "setting pidfile: an absolute path is wanted");
	if (w->cgroup && *w->cgroup != '/')
		return g->host->fail(call, SHR_EBACKEND, "setting cgroup: an absolute path is wanted, of a directory of cgroup v2");
	if (!gan_name_ok(w->name))
		return shr_failf(g->host, call, SHR_EBACKEND, "setting name: \"%.200s\" is no name on D-Bus", w->name);
	return read_directory(g->host, call, w->directory);
}

/* ---- open and close ---- */

static void gan_close(void *ex)
{
	struct gan *g = ex;

	if (g->server)
		gan_server_put(g->server, g);
	free((void *)g->addresses);
	free(g);
}

/* The server must be there; one that hangs is not waited for. */
static int first_probe(struct gan *g, const struct shr_call *call)
{
	struct gan_job *j = gan_job_new(g, call, GAN_PROBE, NULL);
	int code;

	if (!j)
		return g->host->fail(call, SHR_EAGAIN, "no memory");
	gan_job_drop(g->server, g, call, GAN_PROBE);
	gan_job_put(g->server, j);
	gan_job_find(g->server, g, call, GAN_PROBE, 0, OPEN_MS, &j);
	if (!j) {
		gan_job_drop(g->server, g, call, GAN_PROBE);
		return shr_failf(g->host, call, SHR_EUNREACHABLE, "setting name: %.100s does not answer: a file system that it exports may "
			"hang", g->server->name);
	}
	code = j->code ? g->host->fail(call, j->code, j->words) : 0;
	gan_job_free(j);
	return code;
}

static int gan_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_ex)
{
	struct gan *g = calloc(1, sizeof *g);
	struct gan_wanted wanted;
	int code;

	if (!g)
		return host->fail(call, SHR_EAGAIN, "no memory");
	g->host = host;
	code = read_wanted(g, call, &wanted);
	if (code == 0)
		code = read_addresses(g, call);
	if (code == 0)
		code = read_squash(g, call);
	if (code == 0)
		code = gan_server_get(host, call, &wanted, &g->server);
	if (code == 0)
		code = first_probe(g, call);
	if (code) {
		gan_close(g);
		return code;
	}
	*ret_ex = g;
	return 0;
}

static const char *const settings[] = { "directory!", "address!", "bus", "name", "server", "squash", "pidfile", "cgroup", NULL };

static const struct shr_exporter table = {
	.abi = SHR_EXPORTER_ABI,
	.size = sizeof table,
	.name = "ganesha",
	.version = "0.1.0",
	.needs = SHR_HEADER_VERSION,
	.threads = SHR_THREADS_BACKEND,
	.fencing = SHR_FENCING_HOST_LOCK,
	.capabilities = SHR_CAP_ACCESS_IP | SHR_CAP_IPV6,
	.features = SHR_EXPORTER_HANDLES_RESTART | SHR_EXPORTER_FENCE_GUARD | SHR_EXPORTER_NUMBERED,
	.protocols = SHR_PROTO_NFS,
	.settings = settings,
	.open = gan_open,
	.close = gan_close,
	.probe = gan_probe,
	.add = gan_add,
	.remove = gan_remove,
	.update_access = gan_update_access,
	.drain = gan_remove,
	.hold = gan_hold,
	.release = gan_release,
	.look = gan_look,
	.list = gan_list,
};

const struct shr_exporter *shr_exporter_entry_1(void)
{
	return &table;
}
