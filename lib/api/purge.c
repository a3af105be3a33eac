/* lib/api/purge.c - forgetting what is older than it is kept */
#include "api/ctx.h"
#include "flow/purge.h"

#define MOST 1000u

int shr_purge(struct shr_session *session, uint32_t limit, const struct shr_error **reterr)
{
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_system(session, "purging", reterr);
	if (rc)
		return rc;
	return shr__purge(&session->ctx->env, shr__world_wall(&session->ctx->env.world), limit && limit < MOST ? limit : MOST, reterr);
}
