/* tests/install/program.c - a program as a stranger writes it: built with libshare.pc alone, as C and as C++
 *
 * usage: program [PLUGIN-DIRECTORY]   the directory that was built in, when none is given
 * A share's whole life on the driver "outside". The last line is "lived". */
#include <libshare/libshare.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
must(int rc, const char *what, const struct shr_error **error)
{
	if (rc == 0)
		return;
	fprintf(stderr, "%s: %s: %s\n", what, shr_strcode(rc), *error ? (*error)->message : "no words");
	exit(1);
}

static void
fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void
finish(struct shr_session *session, const struct shr_op *op, const char *what)
{
	const struct shr_error *error = NULL;
	const struct shr_op *ended = NULL;

	must(shr_op_wait(session, op->id, 60000, &ended, &error), what, &error);
	if (ended->state != SHR_OP_SUCCEEDED)
		fail(what);
	shr_op_unref(ended);
	shr_op_unref(op);
}

static void
live(struct shr_session *session)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_share *share = NULL;
	const struct shr_op *op = NULL;
	char id[64];

	spec.name = "home";
	spec.bytes = UINT64_C(1) << 30;
	spec.protocols = SHR_PROTO_NFS;
	must(shr_share_create(session, &spec, &op, &error), "create", &error);
	snprintf(id, sizeof id, "%s", op->object_id);
	finish(session, op, "create");
	must(shr_access_allow(session, id, SHR_ACCESS_IP, "192.0.2.0/24", SHR_LEVEL_RW, &op, &error), "allow", &error);
	finish(session, op, "allow");
	must(shr_share_extend(session, id, UINT64_C(2) << 30, NULL, &op, &error), "extend", &error);
	finish(session, op, "extend");
	must(shr_share_get(session, id, &share, &error), "get", &error);
	if (share->state != SHR_SHARE_AVAILABLE || share->bytes != UINT64_C(2) << 30 || share->n_exports != 1
		|| strncmp(share->exports[0]->path, "192.0.2.1:/", 11) != 0 || share->n_rules != 1)
		fail("the share is not what it should be");
	if (!SHR_HAS(share, struct shr_share, metadata))
		fail("the record is shorter than the header");
	shr_share_unref(share);
	must(shr_share_delete(session, id, NULL, &op, &error), "delete", &error);
	finish(session, op, "delete");
	if (shr_share_get(session, id, &share, NULL) != SHR_ENOTFOUND)
		fail("the share is still there");
}

int
main(int argc, char **argv)
{
	struct shr_ctx_params params = SHR_CTX_PARAMS_INIT;
	struct shr_session_params who = SHR_SESSION_PARAMS_INIT;
	struct shr_engine_params with = SHR_ENGINE_PARAMS_INIT;
	const struct shr_error *error = NULL;
	struct shr_ctx *ctx = NULL;
	struct shr_session *session = NULL;
	struct shr_engine *engine = NULL;
	char config[4096];

	snprintf(config, sizeof config, "store: { path: ':memory:' }\n%s%s%sbackends:\n  - name: out\n    driver: outside\n"
		"    pools: [ { name: p } ]\n", argc > 1 ? "plugins: { directories: [ '" : "", argc > 1 ? argv[1] : "",
		argc > 1 ? "' ] }\n" : "");
	params.config_text = config;
	params.flags = SHR_CTX_CREATE;
	must(shr_ctx_open(SHR_HEADER_VERSION, &params, &ctx, &error), "open", &error);
	who.project = "p";
	must(shr_session_open(ctx, &who, &session, &error), "session", &error);
	with.workers = 1;
	must(shr_engine_open(ctx, &with, &engine, &error), "engine", &error);
	live(session);
	shr_engine_close(engine);
	shr_session_close(session);
	shr_ctx_close(ctx);
	printf("libshare %s\nlived\n", shr_version_string());
	return 0;
}
