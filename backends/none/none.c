/* backends/none/none.c - the exporter of hosts that export by themselves; libshare-none(7) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "libshare/exporter.h"
#include "libshare/version.h"

struct none {
	const struct shr_driver_host *host;
	const char *prefix; /* the host's, until close */
};

static int none_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_ex)
{
	struct none *none = calloc(1, sizeof *none);

	if (!none)
		return host->fail(call, SHR_EAGAIN, "no memory");
	none->host = host;
	none->prefix = host->setting(call, NULL, "prefix", 0);
	if (!none->prefix)
		none->prefix = "";
	*ret_ex = none;
	return 0;
}

static void none_close(void *ex)
{
	free(ex);
}

static int none_probe(void *ex, const struct shr_call *call)
{
	(void)ex;
	(void)call;
	return 0;
}

/* "vsock:2:": what is served is no address's. Whether the number is one is the library's to say, and it does. */
static uint32_t family_of(const char *prefix)
{
	size_t digits;

	if (strncmp(prefix, "vsock:", 6) != 0)
		return SHR_FAMILY_ANY;
	digits = strspn(prefix + 6, "0123456789");
	return digits > 0 && strcmp(prefix + 6 + digits, ":") == 0 ? SHR_FAMILY_VSOCK : SHR_FAMILY_ANY;
}

static int none_add(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	static const uint64_t protocols[] = { SHR_PROTO_NFS, SHR_PROTO_SMB, SHR_PROTO_CEPHFS };
	const struct none *none = ex;
	struct shr_export e = { sizeof e, SHR_EXPORT_PREFERRED, 0, family_of(none->prefix), 0, NULL, what->instance->id };
	size_t room = strlen(none->prefix) + strlen(what->path) + 1, i;
	char *path = malloc(room);

	if (!path)
		return none->host->fail(call, SHR_EAGAIN, "no memory");
	snprintf(path, room, "%s%s", none->prefix, what->path);
	e.path = path;
	for (i = 0; i < sizeof protocols / sizeof *protocols; i++) {
		e.protocol = protocols[i];
		if (what->instance->protocols & e.protocol)
			none->host->add_export(call, what->instance->id, &e);
	}
	free(path);
	return 0;
}

static int none_remove(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	(void)ex;
	(void)call;
	(void)what;
	return 0;
}

/* The host reads the rules from the library and lets clients in itself: here each is fine. */
static int none_update_access(void *ex, const struct shr_call *call, const struct shr_exported *what,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	const struct none *none = ex;
	const struct shr_rule_change *c;
	uint32_t i;

	(void)what;
	(void)all;
	for (i = 0; i < diff->n_changes; i++) {
		c = diff->changes[i];
		none->host->set_rule(call, c->is ? c->is->id : c->was->id, SHR_OK, "");
	}
	return 0;
}

static const char *const settings[] = { "prefix", NULL };

static const struct shr_exporter table = {
	.abi = SHR_EXPORTER_ABI,
	.size = sizeof table,
	.name = "none",
	.version = "0.1.0",
	.needs = SHR_HEADER_VERSION,
	.threads = SHR_THREADS_BACKEND,
	.fencing = SHR_FENCING_NONE,
	.capabilities = SHR_CAP_ACCESS_IP | SHR_CAP_ACCESS_USER | SHR_CAP_ACCESS_CERT | SHR_CAP_ACCESS_CEPHX | SHR_CAP_IPV6,
	.protocols = SHR_PROTO_NFS | SHR_PROTO_SMB | SHR_PROTO_CEPHFS,
	.settings = settings,
	.open = none_open,
	.close = none_close,
	.probe = none_probe,
	.add = none_add,
	.remove = none_remove,
	.update_access = none_update_access,
};

const struct shr_exporter *shr_exporter_entry_1(void)
{
	return &table;
}
