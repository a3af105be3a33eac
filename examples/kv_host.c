/* examples/kv_host.c - a host whose records live in its own ordered key-value store: a share, a rule, and what came of them */
#include <inttypes.h>
#include <stdio.h>

#include <libshare/libshare.h>

#include "memkv.h"

static int failed(const char *what, const struct shr_error *error)
{
	fprintf(stderr, "%s: %s\n", what, error ? error->message : "no memory");
	if (error && *error->remedy)
		fprintf(stderr, "  %s\n", error->remedy);
	shr_error_unref(error);
	return 1;
}

/* Create a share and wait until it is there. */
static int create(struct shr_session *session, const struct shr_share **ret_share)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error;
	const struct shr_op *op;
	int rc;

	spec.name = "home";
	spec.bytes = UINT64_C(10) << 30;
	spec.protocols = SHR_PROTO_NFS;
	if (shr_share_create(session, &spec, &op, &error))
		return failed("create", error);
	rc = shr_op_wait(session, op->id, -1, NULL, &error);
	if (!rc)
		rc = shr_share_get(session, op->object_id, ret_share, &error);
	shr_op_unref(op);
	return rc ? failed("create", error) : 0;
}

static int allow(struct shr_session *session, const char *share_id, const char *who)
{
	const struct shr_error *error;

	if (shr_access_allow(session, share_id, SHR_ACCESS_IP, who, SHR_LEVEL_RW, NULL, &error))
		return failed("allow", error);
	if (shr_access_wait(session, share_id, 0, -1, &error))
		return failed("allow", error);
	return 0;
}

static int print(struct shr_session *session, const struct shr_share *share)
{
	const struct shr_error *error;
	const struct shr_rule_page *rules;

	printf("share %s, %s, %" PRIu64 " bytes\n", share->name, shr_share_state_name(share->state), share->bytes);
	for (uint32_t i = 0; i < share->n_exports; i++)
		printf("export %s\n", share->exports[i]->path);
	if (shr_access_list(session, share->id, NULL, &rules, &error))
		return failed("list", error);
	for (uint32_t i = 0; i < rules->n; i++)
		printf("rule %s %s %s, %s\n", shr_access_type_name(rules->items[i]->type), rules->items[i]->who,
			shr_level_name(rules->items[i]->level), shr_rule_state_name(rules->items[i]->state));
	shr_rule_page_unref(rules);
	return 0;
}

static int work(struct shr_ctx *ctx)
{
	struct shr_session_params who = SHR_SESSION_PARAMS_INIT;
	const struct shr_error *error;
	const struct shr_share *share;
	struct shr_session *session;
	int rc;

	who.project = "demo";
	who.user = "kv_host";
	if (shr_session_open(ctx, &who, &session, &error))
		return failed("session", error);
	rc = create(session, &share);
	if (!rc) {
		rc = allow(session, share->id, "10.0.0.0/24");
		if (!rc)
			rc = print(session, share);
		shr_share_unref(share);
	}
	shr_session_close(session);
	return rc;
}

/* The context takes the store over; an engine without threads works inside our own calls. */
static int serve(struct shr_store *store)
{
	struct shr_ctx_params params = SHR_CTX_PARAMS_INIT;
	const struct shr_error *error;
	struct shr_engine *engine;
	struct shr_ctx *ctx;
	int rc;

	params.store = store;
	params.flags = SHR_CTX_CREATE;
	if (shr_ctx_open(SHR_HEADER_VERSION, &params, &ctx, &error)) {
		shr_store_free(store);
		return failed("open", error);
	}
	rc = shr_engine_open(ctx, NULL, &engine, &error);
	if (rc) {
		rc = failed("engine", error);
	} else {
		rc = work(ctx);
		shr_engine_close(engine);
	}
	shr_ctx_close(ctx);
	return rc;
}

int main(void)
{
	const struct shr_error *error = NULL;
	struct memkv *kv = memkv_new();
	struct shr_store *store;
	int rc;

	if (!kv)
		return failed("store", NULL);
	if (memkv_store(kv, &store, &error))
		rc = failed("store", error);
	else
		rc = serve(store);
	memkv_free(kv);
	return rc;
}
