/* lib/api/authorise.c - may this caller do that: the host's word, or the default rules */
#include "api/ctx.h"

#include <string.h>

#include "api/actions.h"
#include "base/fail.h"

enum rule { OWN, ADMIN, KEYS, OWN_NAME };

struct action {
	const char *name;
	enum rule rule;
};
#define ACTION(name, action, rule, what) { action, rule },
static const struct action actions[] = { SHR__ACTIONS(ACTION) };

int shr__session_system(const struct shr_session *s)
{
	return (s->flags & SHR_SESSION_SYSTEM) != 0;
}

int shr__no_such(const char *object, const char *id, const struct shr_error **reterr)
{
	return shr__fail_do(reterr, SHR_ENOTFOUND, "look at its id, and at the project that you ask for", "no %s %s", object, id);
}

static int has_role(const struct shr_session *s, const char *role)
{
	for (uint32_t i = 0; i < s->n_roles; i++)
		if (!strcmp(s->roles[i], role))
			return 1;
	return 0;
}

/* An action that is not in the table is one that nobody may do: the table is the list of all there are. */
static enum rule rule_of(const char *name)
{
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (!strcmp(actions[i].name, name))
			return actions[i].rule;
	return ADMIN;
}

static int by_default(const struct shr_session *s, const char *action, const char *object_project)
{
	enum rule rule = rule_of(action);
	int other = object_project[0] && strcmp(object_project, s->project) != 0;

	if (has_role(s, "admin"))
		return 0;
	/* First of all: what is another's is not there, whatever was to be done with it. */
	if (other && rule != OWN_NAME)
		return SHR_ENOTFOUND;
	if (other || rule == ADMIN)
		return SHR_EPERM;
	return rule == KEYS && !has_role(s, "access_key") ? SHR_EPERM : 0;
}

static int by_host(const struct shr_session *s, const char *action, const char *object_project, const char *object_id)
{
	const struct shr_host *host = &s->ctx->env.world.host;
	struct shr_ask ask = { .size = sizeof ask, .n_roles = s->n_roles, .action = action, .project = s->project,
		.user = s->user, .roles = s->roles, .object_project = object_project, .object_id = object_id,
		.session_data = s->data };

	return host->authorise(host->data, &ask);
}

int shr__allowed(const struct shr_session *s, const char *action, const char *object_project, const char *object_id)
{
	int rc;

	if (shr__session_system(s))
		return 0;
	if (s->ctx->env.world.host.authorise)
		rc = by_host(s, action, object_project, object_id);
	else
		rc = by_default(s, action, object_project);
	/* Whatever a host answers that is neither yes nor "not found" is a no. */
	return rc == 0 || rc == SHR_ENOTFOUND ? rc : SHR_EPERM;
}

int shr__authorise(struct shr_session *s, const char *action, const char *object, const char *object_project,
	const char *object_id, const struct shr_error **reterr)
{
	int rc = shr__allowed(s, action, object_project, object_id);

	if (rc == SHR_ENOTFOUND && object_id[0])
		return shr__no_such(object, object_id, reterr);
	if (rc == 0)
		return 0;
	return shr__fail_do(reterr, SHR_EPERM, "ask for the permission, or use a session that has it",
		"user \"%s\" of project \"%s\" has no permission \"%s\"", s->user, s->project, action);
}

int shr__need_system(struct shr_session *s, const char *what, const struct shr_error **reterr)
{
	if (shr__session_system(s))
		return 0;
	return shr__fail_do(reterr, SHR_EPERM, "open the session with SHR_SESSION_SYSTEM",
		"%s: only the host's own session may do this", what);
}
