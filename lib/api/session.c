/* lib/api/session.c - a context plus a caller */
#include "api/ctx.h"

#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/params.h"
#include "base/text.h"

#define MOST_ROLES 1000u
#define MOST_TEXT 255u

static int check_text(const char *s, const char *field, unsigned flags, const struct shr_error **reterr)
{
	char buf[96];
	const char *wrong = shr__text_wrong(s, MOST_TEXT, flags | SHR__TEXT_SLASH_OK, buf, sizeof buf);

	return wrong ? shr__fail_field(reterr, SHR_EINVAL, field, "", "it %s", wrong) : 0;
}

static int check_roles(const struct shr_session_params *p, const struct shr_error **reterr)
{
	int rc = 0;

	if (p->n_roles > MOST_ROLES || (p->n_roles && !p->roles))
		return shr__fail_field(reterr, SHR_EINVAL, "roles", "", "%s", p->roles ? "there are more than 1000" : "they are NULL");
	for (uint32_t i = 0; i < p->n_roles && !rc; i++)
		rc = p->roles[i] ? check_text(p->roles[i], "roles", 0, reterr)
			: shr__fail_field(reterr, SHR_EINVAL, "roles", "", "role %u is NULL", i);
	return rc;
}

static int check_params(const struct shr_session_params *p, const struct shr_error **reterr)
{
	int rc = 0;

	if (p->flags & ~SHR_SESSION_SYSTEM)
		return shr__fail_field(reterr, SHR_EINVAL, "flags", "use SHR_SESSION_* only", "unknown bits in 0x%x", p->flags);
	if (p->reserved0)
		return shr__fail_field(reterr, SHR_EINVAL, "reserved0", "set it to 0", "it is %u", p->reserved0);
	if (!p->project && !(p->flags & SHR_SESSION_SYSTEM))
		return shr__fail_field(reterr, SHR_EINVAL, "project", "name the caller's project, or set SHR_SESSION_SYSTEM",
			"it is missing");
	if (p->project)
		rc = check_text(p->project, "project", 0, reterr);
	if (!rc && p->user)
		rc = check_text(p->user, "user", SHR__TEXT_EMPTY_OK, reterr);
	if (!rc && p->request_id)
		rc = check_text(p->request_id, "request_id", SHR__TEXT_EMPTY_OK, reterr);
	return rc ? rc : check_roles(p, reterr);
}

/* The session itself lies in its arena too. */
static struct shr_session *copy(struct shr_ctx *ctx, const struct shr_session_params *p, struct shr__arena *arena)
{
	struct shr_session *s = shr__arena_alloc(arena, sizeof *s);
	const char **roles = shr__arena_alloc(arena, (p->n_roles + 1) * sizeof *roles);

	if (!s || !roles)
		return NULL;
	s->ctx = ctx;
	s->flags = p->flags;
	s->data = p->data;
	s->arena = arena;
	s->n_roles = p->n_roles;
	s->roles = roles;
	s->project = shr__arena_strdup(arena, p->project);
	s->user = shr__arena_strdup(arena, p->user);
	s->request_id = shr__arena_strdup(arena, p->request_id);
	for (uint32_t i = 0; i < p->n_roles; i++) {
		roles[i] = shr__arena_strdup(arena, p->roles[i]);
		if (!roles[i])
			return NULL;
	}
	return s->project && s->user && s->request_id ? s : NULL;
}

int shr_session_open(struct shr_ctx *ctx, const struct shr_session_params *params, struct shr_session **ret_session,
	const struct shr_error **reterr)
{
	struct shr_session_params p;
	struct shr_session *s = NULL;
	struct shr__arena *arena;
	int rc = shr__ctx_enter(ctx, reterr);

	if (!rc && !ret_session)
		rc = shr__fail_field(reterr, SHR_EINVAL, "ret_session", "give the address of a pointer", "it is NULL");
	if (!rc)
		rc = shr__params_copy(params, "shr_session_params", SHR__LEAST(shr_session_params, data), &p, sizeof p, reterr);
	if (!rc)
		rc = check_params(&p, reterr);
	if (rc)
		return rc;
	arena = shr__arena_new();
	if (arena)
		s = copy(ctx, &p, arena);
	if (!s) {
		shr__arena_free(arena);
		return shr__fail_nomem(reterr);
	}
	pthread_mutex_lock(&ctx->lock);
	ctx->n_sessions++;
	pthread_mutex_unlock(&ctx->lock);
	*ret_session = s;
	return 0;
}

void shr_session_close(struct shr_session *session)
{
	if (!session)
		return;
	if (session->ctx->pid == getpid()) { /* in a forked child another thread's copy may hold the lock for ever */
		pthread_mutex_lock(&session->ctx->lock);
		session->ctx->n_sessions--;
		pthread_mutex_unlock(&session->ctx->lock);
	}
	shr__arena_free(session->arena);
}

int shr__session_enter(struct shr_session *s, const struct shr_error **reterr)
{
	if (reterr)
		*reterr = NULL;
	if (!s)
		return shr__fail_field(reterr, SHR_EINVAL, "session", "open one with shr_session_open()", "it is NULL");
	return shr__ctx_enter(s->ctx, reterr);
}

int shr__id_check(const char *id, const char *field, const struct shr_error **reterr)
{
	if (!id)
		return shr__fail_field(reterr, SHR_EINVAL, field, "give the object's id", "it is NULL");
	if (!shr__uuid_ok(id))
		return shr__fail_field(reterr, SHR_EINVAL, field, "ids are 36 characters of lower-case hex and '-'",
			"\"%.64s\" is no id", id);
	return 0;
}
