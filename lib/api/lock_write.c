/* lib/api/lock_write.c - consumers take hold of shares and rules, and let go */
#include "api/accept_call.h"
#include "base/text.h"
#include "flow/flows.h"

static void begin(struct shr__call *c, struct shr_session *session, const struct shr__flow *flow, const char *object_id,
	const char *holder, const struct shr_change_params *params, const struct shr_error **reterr)
{
	shr__call_begin(c, session, flow, reterr);
	shr__call_change(c, params);
	shr__call_object(c, object_id, "object_id", 1);
	shr__check_text(c, "holder", holder, 255, SHR__TEXT_SLASH_OK);
	shr__call_note_str(c, SHR__NOTE_HOLDER, holder);
	c->a.holder = holder;
}

int shr_lock_add(struct shr_session *session, const char *object_id, const char *holder, const char *reason,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin(&c, session, &shr__flow_lock_add, object_id, holder, params, reterr);
	shr__check_text(&c, "reason", reason, 1023, SHR__TEXT_EMPTY_OK | SHR__TEXT_SLASH_OK | SHR__TEXT_LINES_OK);
	shr__call_note_str(&c, SHR__NOTE_REASON, reason);
	c.a.reason = reason ? reason : "";
	return shr__call_end(&c, ret_op);
}

int shr_lock_remove(struct shr_session *session, const char *object_id, const char *holder,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin(&c, session, &shr__flow_lock_remove, object_id, holder, params, reterr);
	return shr__call_end(&c, ret_op);
}
