/* lib/api/orphan_write.c - what was left behind on backends goes from there, or becomes a share again */
#include <string.h>

#include "api/accept_call.h"
#include "api/actions.h"
#include "base/fail.h"
#include "base/text.h"
#include "flow/flows.h"

int shr_orphan_delete(struct shr_session *session, const char *orphan_id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_orphan_delete, reterr);
	shr__call_change(&c, params);
	if (c.rc == 0 && c.a.if_version)
		shr__faults_add(&c.faults, SHR_EINVAL, "if_version", "leave it 0", "orphans have no version");
	shr__call_orphan(&c, orphan_id, &shr__flow_orphan_delete_snapshot);
	return shr__call_end(&c, ret_op);
}

/* The share's, once it is one: the caller needs the permission for that project as well as for the orphan's. */
static void take_project(struct shr__call *c, const char *project)
{
	if (c->rc < 0)
		return;
	if (project)
		shr__check_text(c, "project", project, 255, SHR__TEXT_SLASH_OK);
	else if (!c->session->project[0])
		shr__faults_add(&c->faults, SHR_EINVAL, "project", "give one, or open a session that names one",
			"neither the call nor the session has one");
	shr__call_note_str(c, SHR__NOTE_PROJECT, project);
	c->a.for_project = project ? project : c->session->project;
	shr__call_look(c);
	if (c->rc == 0)
		c->rc = shr__authorise(c->session, SHR__ACTION_ORPHAN_ADOPT, "project", c->a.for_project, "", c->reterr);
}

int shr_orphan_adopt(struct shr_session *session, const char *orphan_id, const struct shr_orphan_adopt_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr_orphan_adopt_params p;
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_orphan_adopt, reterr);
	shr__call_params(&c, params, "shr_orphan_adopt_params", SHR__LEAST(shr_orphan_adopt_params, protocols), &p, sizeof p);
	shr__call_token(&c, p.token);
	shr__check_zero(&c, "flags", p.flags);
	shr__call_orphan(&c, orphan_id, NULL);
	shr__call_words(&c, p.name, p.description);
	shr__check_protocols(&c, p.protocols);
	c.a.protocols = p.protocols;
	take_project(&c, p.project);
	return shr__call_end(&c, ret_op);
}
