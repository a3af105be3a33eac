/* tests/real/dual.c - one share behind NFS-Ganesha and smbd at once: clients of both, and what each sees of the other */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ganesha_env.h"
#include "library.h"
#include "samba_env.h"

#define ROUNDS 30
#define MOST 201 /* of a file: what the NFS client shows of one */

static struct samba_env smb;
static struct ganesha_env nfs;
static const char *client_program;

/* ---- the library ---- */

static void open_with(struct xkit *kit, struct library *l, const char *store, const char *more)
{
	char text[3000];

	snprintf(text, sizeof text, "  - name: both\n    driver: dir\n    exporters:\n"
		"    - { name: ganesha, settings: { directory: \"%s\", address: [127.0.0.1, \"::1\"], bus: \"%s\" } }\n"
		"    - { name: samba, settings: { directory: \"%s\", address: [127.0.0.1, \"::1\"], config: \"%s\" } }\n    %s\n"
		"    settings: { root: \"%s\", mode: \"0777\" }\n    pools: [ { name: p, capacity: 100GiB } ]\n", nfs.state, nfs.bus, smb.state,
		smb.config, more, smb.files);
	library_open(kit, l, smb.dir, store, text);
}

static int create(struct library *l, const char *name, uint64_t protocols, const struct shr_op **ret,
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

static const struct shr_op *make(struct xkit *kit, struct library *l, const char *name, uint64_t protocols)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	int rc = create(l, name, protocols, &op, &error);

	for (int i = 0; i < 100 && rc == SHR_EUNREACHABLE; i++) { /* an engine before this one may have the lock for a moment more */
		shr_error_unref(error);
		error = NULL;
		env_nap(100);
		rc = create(l, name, protocols, &op, &error);
	}
	must(kit, rc, &error, "create");
	wait_op(kit, l, op, "create");
	return op;
}

/* Every rule is as it should be, and the locations are these. */
static void find(struct xkit *kit, const struct library *l, const char *id, char nfs_export[64], char smb_share[64])
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

static void nothing_is_left(struct xkit *kit)
{
	char command[1000];

	snprintf(command, sizeof command, "test -z \"$(ls -A %s/exports %s/mounts %s/exports %s/mounts | grep -v :)\" && "
		"test -z \"$(net -s %s conf listshares)\"", nfs.state, nfs.state, smb.state, smb.state, smb.config);
	if (system(command) != 0)
		xkit_fail(kit, "exports or mounts are left");
}

/* ---- clients ---- */

struct clients {
	struct nfs_client rw, ro;
	struct smb_client alice, bob;
};

static void mount_from(struct xkit *kit, struct nfs_client *c, const char *source, const char *export)
{
	char line[512] = "";

	if (nfs_client_start(c, client_program, source, "127.0.0.1", export, line, sizeof line) < 0)
		xkit_fail(kit, "%s cannot mount %s: %s", source, export, line);
}

static void connect_as(struct xkit *kit, struct smb_client *c, const char *user, const char *share)
{
	if (smb_client_start(c, &smb, user, "127.0.0.1", share) < 0)
		xkit_fail(kit, "%s cannot connect: %.300s", user, c->said);
}

static void connect_all(struct xkit *kit, struct clients *c, const char *export, const char *share)
{
	mount_from(kit, &c->rw, "127.0.0.2", export);
	mount_from(kit, &c->ro, "127.0.0.3", export);
	connect_as(kit, &c->alice, "alice", share);
	connect_as(kit, &c->bob, "bob", share);
}

static void end_all(struct clients *c)
{
	nfs_client_end(&c->rw);
	nfs_client_end(&c->ro);
	smb_client_end(&c->alice);
	smb_client_end(&c->bob);
}

/* A text that is longer in every round, and of other letters. */
static void text_of(unsigned round, char text[MOST])
{
	size_t n = 5 + 6 * (size_t)round;

	memset(text, 'a' + (int)(round % 26), n);
	text[n] = '\0';
}

static void smb_writes(struct xkit *kit, struct clients *c, unsigned round)
{
	char text[MOST], path[300], size[32], line[512] = "";
	size_t n;

	text_of(round, text);
	n = strlen(text);
	snprintf(size, sizeof size, "size %zu;", n);
	snprintf(path, sizeof path, "%s/local", smb.dir);
	if (env_write(smb.dir, "local", "%s", text) < 0)
		xkit_fail(kit, "no local file");
	if (smb_client_ask(&c->alice, "put %s by-smb", path) != 1)
		xkit_fail(kit, "round %u: alice cannot write: %.300s", round, c->alice.said);
	if (nfs_client_ask(&c->rw, line, sizeof line, "size by-smb") != 1 || !strstr(line, size)) /* a kernel reads no further */
		xkit_fail(kit, "round %u: NFS says \"%s\" of the %zu bytes that SMB wrote", round, line, n);
	if (nfs_client_ask(&c->rw, line, sizeof line, "get by-smb") != 1 || strncmp(line, "ok ", 3) != 0 || strcmp(line + 3, text) != 0)
		xkit_fail(kit, "round %u: NFS reads \"%s\" in place of the %zu bytes that SMB wrote", round, line, n);
	if (nfs_client_ask(&c->ro, line, sizeof line, "get by-smb") != 1 || strcmp(line + 3, text) != 0)
		xkit_fail(kit, "round %u: the read-only address reads \"%s\"", round, line);
}

static void nfs_writes(struct xkit *kit, struct clients *c, unsigned round)
{
	char text[MOST], got[MOST + 8] = "", path[300], line[512] = "";
	FILE *f;

	text_of(round, text);
	snprintf(path, sizeof path, "%s/fetched", smb.dir);
	if (nfs_client_ask(&c->rw, line, sizeof line, "put by-nfs-%u %s", round, text) != 1)
		xkit_fail(kit, "round %u: NFS cannot write: %s", round, line);
	if (nfs_client_ask(&c->rw, line, sizeof line, "mode by-nfs-%u 644", round) != 1) /* libnfs makes them their owner's alone */
		xkit_fail(kit, "round %u: NFS cannot change the mode: %s", round, line);
	if (smb_client_ask(&c->bob, "get by-nfs-%u %s", round, path) != 1)
		xkit_fail(kit, "round %u: bob cannot read: %.300s", round, c->bob.said);
	f = fopen(path, "r");
	if (!f || !fgets(got, sizeof got, f) || strcmp(got, text) != 0)
		xkit_fail(kit, "round %u: SMB reads \"%s\" in place of \"%s\"", round, got, text);
	fclose(f);
}

/* ---- checks ---- */

static void each_sees_the_other(struct xkit *kit)
{
	char export[64] = "", share[64] = "";
	const struct shr_op *op;
	struct clients c;
	struct library l;

	xkit_close(kit);
	open_with(kit, &l, "both", "dual_protocol: true");
	op = make(kit, &l, "both", SHR_PROTO_NFS | SHR_PROTO_SMB);
	find(kit, &l, op->object_id, export, share);
	connect_all(kit, &c, export, share);
	for (unsigned i = 0; i < ROUNDS; i++) {
		smb_writes(kit, &c, i);
		nfs_writes(kit, &c, i);
	}
	end_all(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(%d rounds each way)", ROUNDS);
}

static void must_not_write(struct xkit *kit, struct clients *c)
{
	char line[512] = "";

	if (nfs_client_ask(&c->ro, line, sizeof line, "put other text") != 0)
		xkit_fail(kit, "the read-only address writes: %s", line);
	if (smb_client_ask(&c->bob, "put %s other", smb.config) != 0 || !strstr(c->bob.said, "NT_STATUS_ACCESS_DENIED"))
		xkit_fail(kit, "the read-only user writes: %.300s", c->bob.said);
}

static void deny_the_writers(struct xkit *kit, const struct library *l, const char *id)
{
	static const struct shr_access_change gone[] = {
		{ SHR_DENY, SHR_ACCESS_USER, 0, 0, 0, 0, "alice", NULL, NULL },
		{ SHR_DENY, SHR_ACCESS_IP, 0, 0, 0, 0, "127.0.0.2", NULL, NULL },
	};
	struct shr_access_params access = SHR_ACCESS_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	access.changes = gone;
	access.n_changes = 2;
	must(kit, shr_access_apply(l->session, id, &access, &op, &error), &error, "deny");
	wait_op(kit, l, op, "deny");
	shr_op_unref(op);
}

static void rules_hold_on_both_sides(struct xkit *kit)
{
	char export[64] = "", share[64] = "", line[512] = "";
	const struct shr_op *op;
	struct smb_client carol;
	struct nfs_client far;
	struct clients c;
	struct library l;

	xkit_close(kit);
	open_with(kit, &l, "both", "dual_protocol: true");
	op = make(kit, &l, "rules", SHR_PROTO_NFS | SHR_PROTO_SMB);
	find(kit, &l, op->object_id, export, share);
	connect_all(kit, &c, export, share);
	must_not_write(kit, &c);
	if (smb_client_start(&carol, &smb, "carol", "127.0.0.1", share) == 0)
		xkit_fail(kit, "carol can connect");
	if (nfs_client_start(&far, client_program, "127.0.1.1", "127.0.0.1", export, line, sizeof line) == 0)
		xkit_fail(kit, "127.0.1.1 can mount");
	if (nfs_client_ask(&c.rw, line, sizeof line, "put file text") != 1 || smb_client_ask(&c.alice, "put %s more", smb.config) != 1)
		xkit_fail(kit, "a writer cannot write: %s, %.300s", line, c.alice.said);
	deny_the_writers(kit, &l, op->object_id);
	if (nfs_client_ask(&c.rw, line, sizeof line, "put late text") == 1 || smb_client_ask(&c.alice, "put %s later", smb.config) == 1)
		xkit_fail(kit, "who was denied writes: %s, %.300s", line, c.alice.said);
	if (nfs_client_ask(&c.ro, line, sizeof line, "get file") != 1)
		xkit_fail(kit, "the read-only address was put out: %s", line);
	reconcile(kit, &l, op->object_id);
	if (drifts(kit, &l, op->object_id, SHR_DRIFT_RULE, SHR_DRIFT_REPAIRED) || drifts(kit, &l, op->object_id, SHR_DRIFT_EXPORT,
		SHR_DRIFT_REPAIRED))
		xkit_fail(kit, "a look at both found what is not so");
	end_all(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

/* Whichever server it is, its shares are exported to it again, and the other's clients go on. */
static void either_may_be_started_anew(struct xkit *kit)
{
	char export[64] = "", share[64] = "", line[512] = "";
	const struct shr_op *op;
	struct clients c;
	struct library l;
	int i;

	xkit_close(kit);
	open_with(kit, &l, "both", "dual_protocol: true");
	op = make(kit, &l, "anew", SHR_PROTO_NFS | SHR_PROTO_SMB);
	find(kit, &l, op->object_id, export, share);
	connect_all(kit, &c, export, share);
	env_nap(500); /* the engine knows both */
	env_end(&nfs.server_pid, SIGKILL);
	if (ganesha_env_start_server(&nfs) < 0)
		xkit_fail(kit, "NFS-Ganesha does not come up");
	nfs_client_end(&c.rw);
	for (i = 0; i < 200; i++) {
		if (nfs_client_start(&c.rw, client_program, "127.0.0.2", "127.0.0.1", export, line, sizeof line) == 0)
			break;
		env_nap(100);
	}
	if (i == 200)
		xkit_fail(kit, "the share does not come back: %s", line);
	if (smb_client_ask(&c.alice, "put %s still", smb.config) != 1)
		xkit_fail(kit, "alice cannot go on: %.300s", c.alice.said);
	end_all(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

static void only_where_it_is_promised(struct xkit *kit)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op, *both = NULL;
	struct library l;
	int rc;

	xkit_close(kit);
	open_with(kit, &l, "apart", "dual_protocol: false");
	op = make(kit, &l, "nfs", SHR_PROTO_NFS);
	rc = create(&l, "both", SHR_PROTO_NFS | SHR_PROTO_SMB, &both, &error);
	if (rc != SHR_EUNSUPPORTED || error->n_faults != 1 || !strstr(error->faults[0]->message, "one share by the protocols nfs, smb") ||
	    !strstr(error->faults[0]->remedy, "protocols"))
		xkit_fail(kit, "%s: %s", shr_strcode(rc), error ? error->message : "it was made");
	shr_error_unref(error);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

static const struct xkit_check checks[] = {
	{ "what SMB wrote NFS reads whole at once, and the other way round", each_sees_the_other },
	{ "who may only read cannot write, and who is denied is out, by both protocols", rules_hold_on_both_sides },
	{ "NFS-Ganesha killed and started anew has the share again, and SMB goes on", either_may_be_started_anew },
	{ "without dual_protocol a share of both is refused, and one of one is made", only_where_it_is_promised },
	{ NULL, NULL },
};

/* ---- main ---- */

static void stop(int signal)
{
	(void)signal;
	_exit(98); /* the servers, the mounts and the clients end with this process */
}

int main(int argc, char **argv)
{
	static struct xkit kit;
	char directory[300], config[300], why[XKIT_WORDS], *program;
	const char *missing, *set[] = { directory, config, "address=127.0.0.1" };

	if (argc != 3)
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
	if (!program || samba_env_up(&smb) < 0 || samba_env_config(&smb, "\tsmb2 leases = no\n") < 0)
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
	xkit_run(&kit, checks);
	printf("1..%d\n", kit.n_passed + kit.n_failed + kit.n_skipped);
	ganesha_env_down(&nfs);
	samba_env_down(&smb);
	free(program);
	return kit.n_failed ? 1 : 0;
}
