/* examples/minimal.c - the smallest whole host: one share with its rules, and where it can be mounted
 * usage: minimal [CONFIGURATION]; without one, all is in memory, on the null driver */
#include <stdio.h>

#include <libshare/libshare.h>

static int make(struct shr_session *session, const struct shr_share **ret_share, const struct shr_error **reterr)
{
	const struct shr_access_change rules[] = {
		{ SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RW, SHR_SQUASH_DEFAULT, 0, 0, "10.0.0.0/24", NULL, NULL },
		{ SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RO, SHR_SQUASH_DEFAULT, 0, 0, "10.0.1.0/24", NULL, NULL },
	};
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op;
	int rc;

	spec.name = "home";
	spec.bytes = UINT64_C(1) << 30;
	spec.protocols = SHR_PROTO_NFS;
	spec.rules = rules;
	spec.rule_size = sizeof rules[0];
	spec.n_rules = 2;
	rc = shr_share_create(session, &spec, &op, reterr);
	if (rc)
		return rc;
	rc = shr_op_wait(session, op->id, -1, NULL, reterr);
	if (!rc)
		rc = shr_share_get(session, op->object_id, ret_share, reterr);
	shr_op_unref(op);
	return rc;
}

static int run(struct shr_session *session, const struct shr_error **reterr)
{
	const struct shr_share *share;
	int rc = make(session, &share, reterr);

	if (rc)
		return rc;
	for (uint32_t i = 0; i < share->n_exports; i++)
		printf("%s\n", share->exports[i]->path);
	shr_share_unref(share);
	return 0;
}

int main(int argc, char **argv)
{
	struct shr_ctx_params params = SHR_CTX_PARAMS_INIT;
	struct shr_engine_params one_worker = SHR_ENGINE_PARAMS_INIT;
	struct shr_session_params who = SHR_SESSION_PARAMS_INIT;
	const struct shr_error *error = NULL;
	struct shr_ctx *ctx = NULL;
	struct shr_engine *engine = NULL;
	struct shr_session *session = NULL;
	int rc;

	params.config_path = argc > 1 ? argv[1] : NULL;
	params.flags = SHR_CTX_CREATE;
	one_worker.workers = 1;
	who.project = "demo";
	rc = shr_ctx_open(SHR_HEADER_VERSION, &params, &ctx, &error);
	if (!rc)
		rc = shr_engine_open(ctx, &one_worker, &engine, &error);
	if (!rc)
		rc = shr_session_open(ctx, &who, &session, &error);
	if (!rc)
		rc = run(session, &error);
	if (rc)
		fprintf(stderr, "%s: %s\n", shr_strcode(rc), error->message);
	shr_error_unref(error);
	shr_session_close(session);
	shr_engine_close(engine);
	shr_ctx_close(ctx);
	return rc != 0;
}
