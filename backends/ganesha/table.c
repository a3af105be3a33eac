/* backends/ganesha/table.c - the exporter of NFS-Ganesha over D-Bus: opening, settings, the table; libshare-ganesha(7) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "libshare/version.h"
#include "ganesha.h"

/* ---- settings ---- */

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
	return plug_server_directory(g->host, call, g->host->setting(call, NULL, "directory", 0));
}

/* ---- open and close ---- */

static void gan_close(void *ex)
{
	struct gan *g = ex;

	if (g->server)
		plug_server_put(&g->server->base, g);
	gan_kept_drop(&g->kept, NULL);
	pthread_mutex_destroy(&g->kept.lock);
	free(g->addresses.list);
	free(g);
}

static int gan_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_ex)
{
	struct gan *g = calloc(1, sizeof *g);
	struct plug_server *server = NULL;
	struct gan_wanted wanted;
	int code;

	if (!g)
		return host->fail(call, SHR_EAGAIN, "no memory");
	g->host = host;
	pthread_mutex_init(&g->kept.lock, NULL);
	code = read_wanted(g, call, &wanted);
	if (code == 0)
		code = plug_addresses_read(host, call, &g->addresses);
	if (code == 0)
		code = read_squash(g, call);
	if (code == 0)
		code = plug_server_get(host, call, &gan_server_type, host->setting(call, NULL, "directory", 0), &wanted, &server);
	g->server = (struct gan_server *)(void *)server;
	if (code == 0)
		code = gan_ask_first(g, call);
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
	.threads = SHR_THREADS_PARALLEL,
	.fencing = SHR_FENCING_HOST_LOCK,
	.capabilities = SHR_CAP_ACCESS_IP | SHR_CAP_IPV6 | SHR_CAP_DUAL_PROTOCOL,
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
