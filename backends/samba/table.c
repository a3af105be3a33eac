/* backends/samba/table.c - the exporter of Samba's smbd: opening, settings, the table; libshare-samba(7) */
#include <stdlib.h>
#include <string.h>
#include "libshare/version.h"
#include "samba.h"

static int check_path(const struct smb *m, const struct shr_call *call, const char *key, const char *path)
{
	const char *s;

	for (s = path; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			break;
	if (*path != '/' || *s || strlen(path) > 500)
		return shr_failf(m->host, call, SHR_EBACKEND, "setting %s: an absolute path of at most 500 bytes is wanted, without "
			"control characters", key);
	return 0;
}

static int read_wanted(const struct smb *m, const struct shr_call *call, struct smb_wanted *w)
{
	int code;

	w->config = m->host->setting(call, NULL, "config", 0);
	w->pidfile = m->host->setting(call, NULL, "pidfile", 0);
	w->cgroup = m->host->setting(call, NULL, "cgroup", 0);
	if (!w->config)
		return m->host->fail(call, SHR_EBACKEND, "setting config: the smb.conf that smbd was started with is wanted");
	code = check_path(m, call, "config", w->config);
	if (code == 0 && w->pidfile)
		code = check_path(m, call, "pidfile", w->pidfile);
	if (code == 0 && w->cgroup)
		code = check_path(m, call, "cgroup", w->cgroup);
	if (code == 0)
		code = plug_server_directory(m->host, call, m->host->setting(call, NULL, "directory", 0));
	return code;
}

static void smb_close(void *ex)
{
	struct smb *m = ex;

	if (m->server)
		plug_server_put(&m->server->base, m);
	free(m->addresses.list);
	free(m);
}

static int smb_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_ex)
{
	struct smb *m = calloc(1, sizeof *m);
	struct plug_server *server = NULL;
	struct smb_wanted wanted;
	int code;

	if (!m)
		return host->fail(call, SHR_EAGAIN, "no memory");
	m->host = host;
	code = read_wanted(m, call, &wanted);
	if (code == 0)
		code = plug_addresses_read(host, call, &m->addresses);
	if (code == 0)
		code = plug_server_get(host, call, &smb_server_type, host->setting(call, NULL, "directory", 0), &wanted, &server);
	m->server = (struct smb_server *)(void *)server;
	if (code == 0)
		code = smb_ask_first(m, call);
	if (code) {
		smb_close(m);
		return code;
	}
	*ret_ex = m;
	return 0;
}

static const char *const settings[] = { "directory!", "address!", "config!", "pidfile", "cgroup", NULL };

static const struct shr_exporter table = {
	.abi = SHR_EXPORTER_ABI,
	.size = sizeof table,
	.name = "samba",
	.version = "0.1.0",
	.needs = SHR_HEADER_VERSION,
	.threads = SHR_THREADS_BACKEND,
	.fencing = SHR_FENCING_HOST_LOCK,
	.capabilities = SHR_CAP_ACCESS_USER | SHR_CAP_DUAL_PROTOCOL,
	.features = SHR_EXPORTER_FENCE_GUARD,
	.protocols = SHR_PROTO_SMB,
	.settings = settings,
	.open = smb_open,
	.close = smb_close,
	.probe = smb_probe,
	.add = smb_add,
	.remove = smb_remove,
	.update_access = smb_update_access,
	.drain = smb_remove,
	.hold = smb_hold,
	.release = smb_release,
	.look = smb_look,
	.list = smb_list,
};

const struct shr_exporter *shr_exporter_entry_1(void)
{
	return &table;
}
