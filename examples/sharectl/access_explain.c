/* examples/sharectl/access_explain.c - can a client mount a share, by which rule and how, or why not */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "table.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>

static void rule(struct ctl_table *t, const char *name, const struct shr_rule *r)
{
	ctl_field(t, name, "%s %s %s, priority %" PRId32 ", %s%s%s", shr_access_type_name(r->type), r->who,
		shr_level_name(r->level), r->priority, shr_rule_state_name(r->state), *r->reason ? ": " : "", r->reason);
}

static void rules(struct ctl_table *t, const char *name, const struct shr_rule *const *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		rule(t, i ? "" : name, list[i]);
}

/* The command has the rest of its line to itself, to be taken from there. */
static void way(struct ctl_table *t, const char *name, const struct shr_way *w)
{
	const struct shr_export *e = w->location;

	ctl_field(t, name, "%s", *w->command ? w->command : e->path);
	ctl_field(t, "", "  %s by %s%s%s%s%s", shr_level_name(w->level), shr_proto_name(e->protocol),
		w->family ? " over " : "", w->family ? ctl_family_name(w->family) : "",
		e->flags & SHR_EXPORT_PREFERRED ? ", preferred" : "", e->flags & SHR_EXPORT_ADMIN_ONLY ? ", admin-only" : "");
	if (*w->note)
		ctl_field(t, "", "  %s", w->note);
}

static void show(const struct shr_explanation *x)
{
	struct ctl_table t;

	ctl_table_begin(&t, NULL, 2);
	ctl_field(&t, "can mount", "%s", x->level ? shr_level_name(x->level) : "no");
	ctl_field(&t, "why", "%s", x->reason);
	if (*x->remedy)
		ctl_field(&t, "do", "%s", x->remedy);
	if (*x->op_id)
		ctl_field(&t, "operation", "%s", x->op_id);
	if (x->rule)
		rule(&t, "rule", x->rule);
	rules(&t, "others", x->others, x->n_others);
	rules(&t, "inside", x->inside, x->n_inside);
	if (x->flags & SHR_EXPLAIN_MORE)
		ctl_field(&t, x->n_inside ? "" : "inside", "... and more");
	for (uint32_t i = 0; i < x->n_ways; i++)
		way(&t, i ? "" : "mount", x->ways[i]);
	ctl_table_end(&t);
}

int ctl_access_explain(struct ctl *c)
{
	struct shr_explain_params p = SHR_EXPLAIN_PARAMS_INIT;
	const struct shr_explanation *x = NULL;
	const struct shr_error *error = NULL;
	char id[64];
	int rc, level, status = ctl_either_id(c, c->argv[0], id);

	if (status)
		return status;
	p.type = (uint32_t)ctl_number(c, OPT_TYPE, SHR_ACCESS_IP);
	p.family = (uint32_t)ctl_number(c, OPT_FAMILY, SHR_FAMILY_ANY);
	p.protocol = (uint64_t)ctl_number(c, OPT_PROTOCOL, 0);
	p.who = c->argv[1];
	p.target = ctl_text(c, OPT_TARGET);
	rc = shr_access_explain(c->session, id, &p, &x, &error);
	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (ctl_has(c, OPT_JSON))
		status = ctl_json(c, shr_explanation_json(x));
	else
		show(x);
	level = (int)x->level;
	shr_explanation_unref(x);
	return status ? status : level ? CTL_OK : CTL_NO;
}
