/* tests/real/dual.c - one share behind NFS-Ganesha and smbd at once: the servers, the library and the clients of both */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "dual.h"

struct samba_env smb;
struct ganesha_env nfs;
const char *client_program, *locks_program, *smb_locks_script;

/* ---- the library ---- */

void both_open(struct xkit *kit, struct library *l, const char *store, const char *more)
{
	char text[3000];

	snprintf(text, sizeof text, "  - name: both\n    driver: dir\n    exporters:\n"
		"    - { name: ganesha, settings: { directory: \"%s\", address: [127.0.0.1, \"::1\"], bus: \"%s\" } }\n"
		"    - { name: samba, settings: { directory: \"%s\", address: [127.0.0.1, \"::1\"], config: \"%s\" } }\n    %s\n"
		"    settings: { root: \"%s\", mode: \"0777\" }\n    pools: [ { name: p, capacity: 100GiB } ]\n", nfs.state, nfs.bus, smb.state,
		smb.config, more, smb.files);
	library_open(kit, l, smb.dir, store, text);
}

int both_create(struct library *l, const char *name, uint64_t protocols, const struct shr_op **ret,
	const struct shr_error **reterr)
{
	static const struct shr_access_change rules[] = {
		{ SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RW, SHR_SQUASH_NONE, 0, 0, "127.0.0.2", NULL, NULL },
		{ SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RO, SHR_SQUASH_NONE, 0, 0, "127.0.0.3", NULL, NULL },
		{ SHR_ALLOW, SHR_ACCESS_USER, SHR_LEVEL_RW, SHR_SQUASH_DEFAULT, 0, 0, "alice", NULL, NULL },
		{ SHR_ALLOW, SHR_ACCESS_USER, SHR_LEVEL_RO, SHR_SQUASH_DEFAULT, 0, 0, "bob", NULL, NULL },
	};
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;

	spec.name = name;
	spec.bytes = UINT64_C(2) << 20;
	spec.protocols = protocols;
	spec.rules = rules;
	spec.rule_size = sizeof rules[0];
	spec.n_rules = protocols & SHR_PROTO_SMB ? 4 : 2;
	return shr_share_create(l->session, &spec, ret, reterr);
}

const struct shr_op *both_make(struct xkit *kit, struct library *l, const char *name, uint64_t protocols)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	int rc = both_create(l, name, protocols, &op, &error);

	for (int i = 0; i < 100 && rc == SHR_EUNREACHABLE; i++) { /* an engine before this one may have the lock for a moment more */
		shr_error_unref(error);
		error = NULL;
		env_nap(100);
		rc = both_create(l, name, protocols, &op, &error);
	}
	must(kit, rc, &error, "create");
	wait_op(kit, l, op, "create");
	return op;
}

/* Every rule is as it should be, and the locations are these. */
void both_find(struct xkit *kit, const struct library *l, const char *id, char nfs_export[64], char smb_share[64])
{
	const struct shr_error *error = NULL;
	const struct shr_share *share = NULL;
	unsigned n_nfs = 0, n_smb = 0;

	must(kit, shr_share_get(l->session, id, &share, &error), &error, "get");
	for (uint32_t i = 0; i < share->n_exports; i++) {
		const struct shr_export *e = share->exports[i];

		n_nfs += e->protocol == SHR_PROTO_NFS;
		n_smb += e->protocol == SHR_PROTO_SMB;
		if (e->protocol == SHR_PROTO_NFS && strncmp(e->path, "127.0.0.1:/", 11) == 0)
			snprintf(nfs_export, 64, "%s", e->path + 10);
		if (e->protocol == SHR_PROTO_SMB && strncmp(e->path, "//127.0.0.1/", 12) == 0)
			snprintf(smb_share, 64, "%s", e->path + 12);
	}
	if (n_nfs != 2 || n_smb != 2 || !*nfs_export || !*smb_share)
		xkit_fail(kit, "%u locations of NFS and %u of SMB", n_nfs, n_smb);
	shr_share_unref(share);
}

void nothing_is_left(struct xkit *kit)
{
	char command[1000];

	snprintf(command, sizeof command, "test -z \"$(ls -A %s/exports %s/mounts %s/exports %s/mounts | grep -v :)\" && "
		"test -z \"$(net -s %s conf listshares)\"", nfs.state, nfs.state, smb.state, smb.state, smb.config);
	if (system(command) != 0)
		xkit_fail(kit, "exports or mounts are left");
}

/* ---- clients ---- */

void mount_from(struct xkit *kit, struct nfs_client *c, const char *source, const char *export)
{
	char line[512] = "";

	if (nfs_client_start(c, client_program, source, "127.0.0.1", export, line, sizeof line) < 0)
		xkit_fail(kit, "%s cannot mount %s: %s", source, export, line);
}

void connect_as(struct xkit *kit, struct smb_client *c, const char *user, const char *share)
{
	if (smb_client_start(c, &smb, user, "127.0.0.1", share) < 0)
		xkit_fail(kit, "%s cannot connect: %.300s", user, c->said);
}

void connect_all(struct xkit *kit, struct clients *c, const char *export, const char *share)
{
	mount_from(kit, &c->rw, "127.0.0.2", export);
	mount_from(kit, &c->ro, "127.0.0.3", export);
	connect_as(kit, &c->alice, "alice", share);
	connect_as(kit, &c->bob, "bob", share);
}

void end_all(struct clients *c)
{
	nfs_client_end(&c->rw);
	nfs_client_end(&c->ro);
	smb_client_end(&c->alice);
	smb_client_end(&c->bob);
}

/* ---- main ---- */

/* But for the leases, the opposite of what is promised: it is the default of every share that does not say otherwise. */
static const char server_says[] = "\tsmb2 leases = no\n\toplocks = yes\n\tfake oplocks = yes\n\tdurable handles = yes\n"
	"\tlocking = no\n\tposix locking = no\n\tstrict locking = no\n\tstrict sync = no\n";

static void stop(int signal)
{
	(void)signal;
	_exit(98); /* the servers, the mounts and the clients end with this process */
}

int main(int argc, char **argv)
{
	static struct xkit kit;
	char directory[300], config[300], why[XKIT_WORDS], *program, *locks;
	const char *missing, *set[] = { directory, config, "address=127.0.0.1" };

	if (argc != 5)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	missing = samba_env_missing();
	if (!missing)
		missing = ganesha_env_missing();
	if (missing) {
		printf("1..0 # SKIP %s\n", missing);
		return 0;
	}
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	client_program = program = realpath(argv[2], NULL);
	locks_program = locks = realpath(argv[3], NULL);
	smb_locks_script = argv[4];
	if (!program || !locks || samba_env_up(&smb) < 0 || samba_env_config(&smb, server_says) < 0)
		return 99;
	env_end(&smb.server_pid, SIGTERM);
	if (samba_env_start(&smb) < 0 || ganesha_env_up(&nfs, 2049) < 0) {
		samba_env_down(&smb);
		return 99;
	}
	snprintf(directory, sizeof directory, "directory=%s", smb.state);
	snprintf(config, sizeof config, "config=%s", smb.config);
	kit.args = (struct xkit_args){ .plugin = argv[1], .root = smb.files, .set = set, .n_set = 3, .number = 100 };
	kit.tap = 1;
	if (xkit_load(&kit, why, sizeof why) < 0) {
		fprintf(stderr, "%s\n", why);
		ganesha_env_down(&nfs);
		samba_env_down(&smb);
		return 99;
	}
	xkit_run(&kit, dual_client_checks);
	xkit_run(&kit, dual_hold_checks);
	xkit_run(&kit, dual_lock_checks);
	xkit_run(&kit, dual_server_checks);
	printf("1..%d\n", kit.n_passed + kit.n_failed + kit.n_skipped);
	ganesha_env_down(&nfs);
	samba_env_down(&smb);
	free(program);
	free(locks);
	return kit.n_failed ? 1 : 0;
}
