/* lib/api/ctx.c - opening and closing a context */
#include "api/ctx.h"

#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/mem.h"
#include "base/params.h"
#include "base/record.h"
#include "engine/wait.h"
#include "sched/sched.h"

static int check_version(uint32_t version, const struct shr_error **reterr)
{
	if (version == 0)
		return shr__fail_field(reterr, SHR_EINVAL, "version", "pass SHR_HEADER_VERSION", "0 is no version");
	if (version > SHR_HEADER_VERSION)
		return shr__fail_do(reterr, SHR_EABI, "install a libshare that is as new as the headers of the program",
			"the program was built for libshare %u.%u.%u; this is %s", version >> 16, version >> 8 & 255, version & 255,
			shr_version_string());
	return 0;
}

static int check_params(const struct shr_ctx_params *p, const struct shr_error **reterr)
{
	if (p->flags & ~SHR_CTX_CREATE)
		return shr__fail_field(reterr, SHR_EINVAL, "flags", "use SHR_CTX_* only", "unknown bits in 0x%x", p->flags);
	if (p->config_path && p->config_text)
		return shr__fail_field(reterr, SHR_EINVAL, "config_text", "give a path or a text", "config_path is given as well");
	if (p->store && (!p->store->ops || !p->store->st))
		return shr__fail_field(reterr, SHR_EINVAL, "store", "make it with a function of libshare/store.h",
			"it has no table or no data");
	return 0;
}

static int open_store(const struct shr_ctx_params *p, const struct shr__config *config, struct shr_store **ret,
	const struct shr_error **reterr)
{
	int create = (p->flags & SHR_CTX_CREATE) || !strcmp(config->store_path, ":memory:");

	return shr_store_sqlite(config->store_path, create ? SHR_STORE_CREATE : 0, ret, reterr);
}

/* The database goes last: once it is open the store is taken over. A store that is not the host's own is freed on failure. */
static int open_db(struct shr__env *env, const struct shr_ctx_params *p, const struct shr_error **reterr)
{
	struct shr_store *store = p->store;
	int rc = 0;

	if (!store)
		rc = open_store(p, env->config, &store, reterr);
	if (!rc)
		rc = shr__db_open(store, &env->db, reterr);
	if (rc && !p->store)
		shr_store_free(store);
	return rc;
}

static int open_parts(struct shr__env *env, const struct shr_ctx_params *p, const struct shr_error **reterr)
{
	int rc = shr__world_init(&env->world, p->host, reterr);

	if (!rc)
		rc = shr__config_read(p->config_path, p->config_text, NULL, &env->config, reterr);
	if (!rc)
		rc = shr__plugins_new(env->config, env->world.host.log, env->world.host.data, &env->plugins, reterr);
	if (!rc)
		rc = open_db(env, p, reterr);
	return rc;
}

static void close_parts(struct shr__env *env)
{
	if (env->db)
		shr__db_close(env->db);
	if (env->plugins)
		shr__plugins_free(env->plugins);
	shr__record_unref(env->config);
	shr__world_done(&env->world);
}

int shr_ctx_open(uint32_t version, const struct shr_ctx_params *params, struct shr_ctx **ret_ctx,
	const struct shr_error **reterr)
{
	struct shr_ctx_params p;
	struct shr_ctx *ctx;
	int rc;

	if (reterr)
		*reterr = NULL;
	rc = check_version(version, reterr);
	if (!rc && !ret_ctx)
		rc = shr__fail_field(reterr, SHR_EINVAL, "ret_ctx", "give the address of a pointer", "it is NULL");
	if (!rc)
		rc = shr__params_copy(params, "shr_ctx_params", SHR__LEAST(shr_ctx_params, store), &p, sizeof p, reterr);
	if (!rc)
		rc = check_params(&p, reterr);
	if (rc)
		return rc;
	ctx = shr__alloc(sizeof *ctx);
	if (!ctx)
		return shr__fail_nomem(reterr);
	rc = pthread_mutex_init(&ctx->lock, NULL) ? shr__fail_nomem(reterr) : 0;
	if (rc) {
		shr__free(ctx);
		return rc;
	}
	ctx->pid = getpid();
	ctx->waiters = shr__waiters_new();
	ctx->sched = shr__sched_new();
	rc = ctx->waiters && ctx->sched ? open_parts(&ctx->env, &p, reterr) : shr__fail_nomem(reterr);
	if (rc) {
		close_parts(&ctx->env);
		shr__sched_free(ctx->sched);
		shr__waiters_free(ctx->waiters);
		pthread_mutex_destroy(&ctx->lock);
		shr__free(ctx);
		return rc;
	}
	*ret_ctx = ctx;
	return 0;
}

void shr_ctx_close(struct shr_ctx *ctx)
{
	/* A forked child has copies of handles and locks that are its parent's: it touches none of them. */
	if (!ctx || ctx->pid != getpid())
		return;
	if (ctx->n_sessions || ctx->engine)
		shr__world_log(&ctx->env.world, SHR_LOG_ERROR, "a context is closed that still has sessions or engines");
	close_parts(&ctx->env);
	shr__sched_free(ctx->sched);
	shr__waiters_free(ctx->waiters);
	pthread_mutex_destroy(&ctx->lock);
	shr__free(ctx);
}

int shr__ctx_enter(struct shr_ctx *ctx, const struct shr_error **reterr)
{
	if (reterr)
		*reterr = NULL;
	if (!ctx)
		return shr__fail_field(reterr, SHR_EINVAL, "ctx", "open one with shr_ctx_open()", "it is NULL");
	if (ctx->pid != getpid())
		return shr__fail_do(reterr, SHR_ESTORE, "open a context in the child",
			"the context was opened before this process was forked");
	return 0;
}

int shr_ctx_check(struct shr_ctx *ctx, uint32_t how, const struct shr_error **reterr)
{
	int rc = shr__ctx_enter(ctx, reterr);

	if (rc)
		return rc;
	if (how > SHR_CHECK_FULL)
		return shr__fail_field(reterr, SHR_EINVAL, "how", "use SHR_CHECK_QUICK or SHR_CHECK_FULL", "%u is neither", how);
	return shr__db_check(ctx->env.db, how == SHR_CHECK_FULL, reterr);
}
