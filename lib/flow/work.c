/* lib/flow/work.c - one operation being executed: its memory, and its way to the plugins */
#include "flow/work.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"

struct shr__work *shr__work_in(struct shr__arena *arena, const struct shr__env *env, const struct shr__flow *flow)
{
	struct shr__work *w = shr__arena_alloc(arena, sizeof *w);

	if (!w)
		return NULL;
	w->arena = arena;
	w->env = env;
	w->flow = flow;
	w->attempt = 1;
	w->share.id = w->share.op_id = w->instance.id = w->instance.ref = w->instance.path = "";
	w->instance.number_server = w->instance.source = w->instance.pool = w->instance.backend = w->share.name = w->share.project = "";
	return w;
}

void shr__work_free(struct shr__work *w)
{
	if (!w)
		return;
	shr_error_unref(w->error);
	shr_error_unref(w->outcome);
	shr__arena_free(w->arena);
}

static int take_instance(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__instance_row *)data = *(const struct shr__instance_row *)row;
	return 1;
}

static int read_share(struct shr__work *w, struct shr__txn *t, struct shr__share_row *share, struct shr__instance_row *instance)
{
	struct shr__instance_row from = { .share_id = w->op.object_id };
	int rc;

	memset(share, 0, sizeof *share);
	share->id = w->op.object_id;
	rc = shr__txn_get(t, shr__flow_rows(w->flow), share);
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? SHR_EFENCED : rc;
	if (share->epoch != w->op.epoch)
		return SHR_EFENCED;
	if (w->instance.id[0]) { /* its id is known: a get is cheaper than a scan */
		instance->id = w->instance.id;
		rc = shr__txn_get(t, &shr__instance_def, instance);
		return rc == SHR_ENOTFOUND ? SHR_EFENCED : rc;
	}
	rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_share, &from, 1, 1, 0, 1, take_instance, instance);
	return rc < 0 ? rc : rc == 0 ? SHR_EFENCED : 0;
}

int shr__work_refresh(struct shr__work *w, struct shr__txn *t)
{
	struct shr__share_row share;
	struct shr__instance_row instance = { 0 };
	int rc;

	if (w->flow->flags & (SHR__FLOW_ALONE | SHR__FLOW_OUTLIVES))
		return 0;
	rc = read_share(w, t, &share, &instance);
	if (rc < 0)
		return rc;
	w->share = share;
	w->instance = instance;
	return 0;
}

/* What it was accepted with can only be gone when it was taken away by hand: then there is its id alone, and no instance. */
static int load_others(struct shr__work *w, struct shr__txn *t)
{
	char *id = w->flow->other_rows ? shr__arena_alloc(w->arena, SHR__UUID_ROOM) : NULL;
	int rc;

	if (!id)
		return w->flow->other_rows ? SHR_ENOMEM : 0;
	shr__other_id(&w->op, id);
	rc = id[0] ? shr__others_read(t, w->flow, id, &w->others) : 0;
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

int shr__work_load(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__op_item_row item = { .op_id = w->op.id, .step = w->op.step };
	int rc = shr__work_refresh(w, t);

	if (rc == 0)
		rc = load_others(w, t);
	if (rc < 0)
		return rc;
	if (w->flow->load && (rc = w->flow->load(w)) < 0)
		return rc;
	item.item_id = w->instance.id[0] ? w->instance.id : w->op.object_id;
	rc = shr__txn_get(t, &shr__op_item_def, &item);
	if (rc == SHR_ENOTFOUND)
		return 0;
	if (rc < 0)
		return rc;
	if (item.undoing == w->op.undoing) {
		w->kept = item.token.p;
		w->kept_len = item.token.n;
		w->kept_step = (uint32_t)shr__flow_step(w->flow, w->op.step);
	}
	return 0;
}

int shr__work_fail(struct shr__work *w, int code, const char *format, ...)
{
	char message[600];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	shr_error_unref(w->error);
	w->error = NULL;
	return shr__fail(&w->error, code, "%s", message);
}

const struct shr_instance *shr__work_instance_of(struct shr__work *w, const struct shr__share_row *share,
	const struct shr__instance_row *row)
{
	struct shr_instance *i = shr__arena_alloc(w->arena, sizeof *i);

	if (!i) {
		shr__work_fail(w, SHR_ENOMEM, "no memory");
		return NULL;
	}
	i->size = sizeof *i;
	i->flags = (uint32_t)row->flags;
	i->bytes = share->bytes > 0 ? (uint64_t)share->bytes : 0;
	i->protocols = (uint64_t)share->protocols;
	i->id = row->id;
	i->share_id = share->id;
	i->project = share->project;
	i->pool = row->pool;
	i->name = share->name;
	i->ref = row == &w->instance && w->told_ref ? w->ref : row->ref;
	i->source = row->source;
	return i;
}

const struct shr_instance *shr__work_instance(struct shr__work *w)
{
	return shr__work_instance_of(w, &w->share, &w->instance);
}

int shr__work_snapshot_call(struct shr__work *w, enum shr__verb verb, struct shr__callargs *args, struct shr__told *told)
{
	struct shr__callargs given = args ? *args : (struct shr__callargs){ 0 };

	if (!w->others.other_instance.id)
		return shr__work_fail(w, SHR_ENOTFOUND, "the share of snapshot %s is on no backend", w->share.id);
	given.of = shr__work_instance_of(w, &w->others.other, &w->others.other_instance);
	return given.of ? shr__work_call(w, verb, &given, told) : SHR_ENOMEM;
}

/* An undo is what a cancel asks for: only the loss of the backend ends that one. */
int shr__work_cancelled(const struct shr__work *w)
{
	int why = atomic_load(&w->cancel);

	return why == SHR__CANCEL_LOST || (why && (!w->undoing || w->give_up) &&
		(w->flow->steps[w->step].flags & SHR__STEP_CANCELLABLE));
}

static int is_cancelled(void *data)
{
	return shr__work_cancelled(data);
}

static void note_progress(void *data, uint64_t done, uint64_t total)
{
	struct shr__work *w = data;

	w->bytes_done = done;
	w->bytes_total = total;
}

/* What a call told goes to W, where the next save finds it. */
static void keep_told(struct shr__work *w, const struct shr__told *told)
{
	if (told->has_ref) {
		w->told_ref = 1;
		w->ref = told->ref;
	}
	if (told->path)
		w->path = told->path;
	if (told->has_exports) {
		w->told_exports = 1;
		w->exports = told->exports;
		w->n_exports = told->n_exports;
	}
	shr__told_number(told, w->instance.id, SHR_NUMBER_BYTES, &w->told_bytes);
	shr__told_number(told, w->instance.id, SHR_NUMBER_CUT, &w->told_cut);
	if (told->has_progress) {
		w->bytes_done = told->done;
		w->bytes_total = told->total;
	}
}

int shr__work_later(struct shr__work *w, const void *token, uint64_t len, uint32_t again_ms)
{
	w->again_ms = again_ms;
	w->token_changed = len != w->token_len || (len && memcmp(token, w->token, len) != 0) || !w->token;
	w->token = token ? token : "";
	w->token_len = len;
	return SHR_RUNNING;
}

static void keep_error(struct shr__work *w, int code, const struct shr__told *told)
{
	struct shr__fail_parts parts = { .code = code, .retryable = -1, .message = told->message, .op_id = w->op.id,
		.driver_message = told->driver_message };

	shr_error_unref(w->error);
	w->error = NULL;
	shr__fail_parts(&w->error, &parts);
}

int shr__work_call(struct shr__work *w, enum shr__verb verb, struct shr__callargs *args, struct shr__told *told)
{
	struct shr__told own;
	struct shr__callargs given = args ? *args : (struct shr__callargs){ 0 };
	struct shr__callname name = { .op_id = w->op.id, .step = w->flow->steps[w->step].name, .item_id = w->instance.id,
		.attempt = w->attempt, .fence = (uint64_t)w->op.fence, .token = w->token_len || w->token ? w->token : NULL,
		.token_len = w->token_len, .cancelled = is_cancelled, .progress = note_progress, .data = w };
	struct shr__told *out = told ? told : &own;
	int rc;

	shr__told_init(out, w->arena);
	if (!given.instance)
		given.instance = shr__work_instance(w);
	if (!given.instance)
		return SHR_ENOMEM;
	if (!given.path)
		given.path = w->path ? w->path : w->instance.path;
	given.export_number = (uint32_t)w->instance.export_number;
	rc = shr__backend_call(w->backend, verb, &name, &given, out);
	keep_told(w, out);
	w->refused = rc == SHR_EFENCED;
	if (rc == SHR_RUNNING)
		rc = shr__work_later(w, out->token, out->token_len, out->again_ms);
	else
		w->token = NULL, w->token_len = 0;
	if (rc < 0)
		keep_error(w, rc, out);
	if (!told)
		shr__told_clear(&own);
	return rc;
}

int shr__work_reach(struct shr__work *w, const struct shr__reach *reach, struct shr__told *told)
{
	struct shr__callname name = { .op_id = w->op.id, .step = reach->step, .item_id = reach->instance->id, .attempt = w->attempt,
		.fence = (uint64_t)(reach->of_source ? w->source_fence : w->op.fence), .token = reach->token,
		.token_len = reach->token_len, .cancelled = is_cancelled, .data = w };
	struct shr__callargs args = { .instance = reach->instance, .readonly = reach->readonly };
	int rc;

	shr__told_init(told, w->arena);
	rc = shr__backend_call(reach->of_source ? w->source : w->backend, reach->verb, &name, &args, told);
	w->refused = rc == SHR_EFENCED;
	w->at_source = rc < 0 && reach->of_source;
	if (rc < 0)
		keep_error(w, rc, told);
	return rc;
}
