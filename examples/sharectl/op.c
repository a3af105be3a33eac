/* examples/sharectl/op.c - operations */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "table.h"
#include "wait.h"
#include "words.h"

#include <inttypes.h>
#include <string.h>

static int fetch(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
	const struct shr_error **reterr)
{
	struct shr_op_filter filter = SHR_OP_FILTER_INIT;
	const struct shr_op_page *page = NULL;
	int rc;

	filter.unended = (uint32_t)ctl_has(c, OPT_UNENDED);
	filter.object_id = ctl_text(c, OPT_OBJECT);
	rc = shr_op_list(c->session, &filter, list, &page, reterr);
	if (rc == 0)
		*ret = (struct ctl_page){ page->n, 0, (const void *const *)page->items, page->after, page };
	return rc;
}

static void row(struct ctl_table *t, const void *item)
{
	const struct shr_op *op = item;
	char text[CTL_TEXT];

	ctl_cell(t, "%s", op->id);
	ctl_cell(t, "%s", op->kind);
	ctl_cell(t, "%s", op->object_id);
	ctl_cell(t, "%s", shr_op_state_name(op->state));
	ctl_cell(t, "%u%%", (unsigned)op->percent);
	ctl_cell(t, "%s", op->user);
	ctl_cell(t, "%s", ctl_time_text(text, op->created_ns));
	ctl_cell(t, "%s", op->error ? op->error->message : "");
}

static char *json(const void *item)
{
	return shr_op_json(item);
}

static void unref(const void *page)
{
	shr_op_page_unref(page);
}

int ctl_op_list(struct ctl *c)
{
	static const char *const headings[] = { "ID", "KIND", "OBJECT", "STATE", "DONE>", "USER", "ACCEPTED", "WHY" };
	static const struct ctl_listing listing = { headings, 8, fetch, row, json, unref };

	return ctl_list(c, &listing);
}

void ctl_op_print(struct ctl *c, const struct shr_op *op)
{
	char text[CTL_TEXT], total[CTL_TEXT];
	struct ctl_table t;

	if (ctl_has(c, OPT_JSON)) {
		ctl_json(c, shr_op_json(op));
		return;
	}
	ctl_table_begin(&t, NULL, 2);
	ctl_field(&t, "id", "%s", op->id);
	ctl_field(&t, "kind", "%s", op->kind);
	ctl_field(&t, "object", "%s %s", op->object, op->object_id);
	ctl_field(&t, "state", "%s, %u%%%s", shr_op_state_name(op->state), (unsigned)op->percent,
		op->cancellable ? ", can be cancelled" : "");
	if (*op->step)
		ctl_field(&t, "step", "%u of %u: %s", (unsigned)op->step_number, (unsigned)op->n_steps, op->step);
	if (op->bytes_total)
		ctl_field(&t, "copied", "%s of %s", ctl_size_text(text, op->bytes_done), ctl_size_text(total, op->bytes_total));
	if (op->attempts)
		ctl_field(&t, "attempts", "%u", (unsigned)op->attempts);
	ctl_field(&t, "project", "%s", op->project);
	ctl_field(&t, "user", "%s", op->user);
	ctl_field(&t, "backend", "%s", op->backend);
	ctl_field(&t, "engine", "%s", op->engine);
	ctl_field(&t, "accepted", "%s", ctl_time_text(text, op->created_ns));
	ctl_field(&t, "ended", "%s", ctl_time_text(text, op->ended_ns));
	if (op->error) {
		ctl_field(&t, "error", "%s (%s)", op->error->message, shr_strcode(op->error->code));
		if (*op->error->remedy)
			ctl_field(&t, "do", "%s", op->error->remedy);
	}
	ctl_table_end(&t);
}

int ctl_op_show(struct ctl *c)
{
	const struct shr_op *op = NULL;
	const struct shr_error *error = NULL;
	int rc = shr_op_get(c->session, c->argv[0], &op, &error);

	if (rc < 0)
		return ctl_fail(c, rc, error);
	ctl_op_print(c, op);
	shr_op_unref(op);
	return CTL_OK;
}

/* The operation as it is at the end of the wait, and its own error. */
int ctl_op_wait(struct ctl *c)
{
	const struct shr_op *op = NULL;
	const struct shr_error *error = NULL;
	int rc = ctl_await(c, c->argv[0], &op, &error), status;

	if (op)
		ctl_op_print(c, op);
	status = rc < 0 ? ctl_fail(c, rc, error) : ctl_exit_for(rc);
	if (rc == SHR_RUNNING)
		ctl_note(c, "it has not ended yet");
	shr_op_unref(op);
	return status;
}

/* Asked for an end, it ends: cancelled is what was wanted. Where it was faster it succeeded, and that is told. */
int ctl_op_cancel(struct ctl *c)
{
	const struct shr_op *op = NULL;
	const struct shr_error *error = NULL;
	int rc = shr_op_cancel(c->session, c->argv[0], &error);

	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (ctl_has(c, OPT_NO_WAIT))
		return ctl_op_show(c);
	rc = ctl_await(c, c->argv[0], &op, &error);
	if (op)
		ctl_op_print(c, op);
	if (op && op->state == SHR_OP_CANCELLED) {
		shr_error_unref(error);
		shr_op_unref(op);
		return CTL_OK;
	}
	shr_op_unref(op);
	if (rc == 0)
		return ctl_complain(CTL_CONFLICT, "", "it had succeeded before it could be cancelled");
	return rc < 0 ? ctl_fail(c, rc, error) : ctl_exit_for(rc);
}
