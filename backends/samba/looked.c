/* backends/samba/looked.c - what the thread has seen, compared with what should be there */
#include <stdlib.h>
#include <string.h>
#include "samba.h"

/* Of several rules for one name the first counts; it is the one that the server has. */
static void answer(const struct smb_job *job, struct smb_set *set, uint32_t i)
{
	struct smb_user *u = &set->users[i];
	const struct smb_user *has = smb_set_find(&job->shown.users, u->who), *counts = smb_set_find(set, u->who);
	uint32_t level = job->base.is_readonly ? SHR_LEVEL_RO : counts->level;

	u->answer = SHR_OK;
	if (!has) {
		u->answer = SHR_ENOTFOUND;
		u->why = "the server does not have it";
	} else if (has->level != level) {
		u->answer = SHR_ECONFLICT;
		u->why = "the server has it with another level";
	}
}

static void tell_foreign(const struct smb *m, const struct shr_call *call, const struct smb_set *shown, const struct smb_set *set)
{
	struct shr_found f = { sizeof f, SHR_FOUND_RULE, 0, NULL, "", NULL };
	uint32_t i;

	for (i = 0; i < shown->n; i++) {
		if (smb_set_find(set, shown->users[i].who))
			continue;
		f.name = *shown->users[i].who && plug_name_ok(shown->users[i].who) ? shown->users[i].who : "(without a name)";
		f.what = shown->users[i].level == SHR_LEVEL_RW ? "rw" : "ro";
		m->host->found(call, &f);
	}
}

/* The rules are pulled in the call that answers them: between two calls they may have changed. A rule that the server cannot take
 * was refused when it came, and is as it should be. */
int smb_look(void *ex, const struct shr_call *call, const struct shr_exported *what, struct shr_rules *all)
{
	struct smb_order o = { .kind = SMB_LOOK, .what = what };
	struct smb_set set = { NULL, 0, 0 }, unfit = { NULL, 0, 0 };
	struct smb *m = ex;
	struct smb_job *j;
	uint32_t i;
	int code = smb_ask(m, call, &o, &j);

	if (code)
		return code;
	code = smb_set_pull(m->host, call, all, &set, &unfit);
	for (i = 0; code == 0 && i < set.n; i++) {
		answer(j, &set, i);
		m->host->set_rule(call, set.users[i].id, set.users[i].answer, set.users[i].why);
	}
	for (i = 0; code == 0 && i < unfit.n; i++)
		m->host->set_rule(call, unfit.users[i].id, SHR_OK, "");
	if (code == 0)
		tell_foreign(m, call, &j->shown.users, &set);
	smb_set_clear(&set);
	smb_set_clear(&unfit);
	smb_job_free(m, j);
	return code;
}

int smb_list(void *ex, const struct shr_call *call, const char *after, uint32_t max)
{
	struct smb_order o = { .kind = SMB_LIST, .after = after, .max = max };
	struct shr_found f = { sizeof f, SHR_FOUND_EXPORT, 0, NULL, NULL, NULL };
	struct smb *m = ex;
	struct smb_job *j;
	uint32_t i;
	int code = smb_ask(m, call, &o, &j);

	if (code)
		return code;
	for (i = 0; i < j->n_found; i++) {
		f.name = j->found[i].name;
		f.instance_id = j->found[i].instance_id;
		f.what = plug_name_ok(j->found[i].what) ? j->found[i].what : "";
		m->host->found(call, &f);
	}
	smb_job_free(m, j);
	return 0;
}
