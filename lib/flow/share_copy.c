/* lib/flow/share_copy.c - a new share with the files of a snapshot that nothing can clone there: made, copied, exported */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"
#include "mover/mover.h"

#define SLICE_NS INT64_C(2000000000) /* a call copies for so long; then others have their turn, and the store knows how far it is */

static int copy_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	const struct shr__instance_row *at = &a->others.other_instance;
	int rc;

	if (!a->others.other.id || !at->id)
		return shr__fail(reterr, SHR_ENOTFOUND, "snapshot %s is on no backend", a->other_id ? a->other_id : "");
	if (!((uint64_t)a->pool.capabilities & SHR_CAP_DATA))
		return shr__fail_field(reterr, SHR_EUNSUPPORTED, "snapshot", "use a snapshot of a pool with the capability data",
			"pool %s/%s cannot hand out the files of snapshot %s", at->backend, at->pool, a->others.other.id);
	if ((rc = shr__snapshot_fits(a, reterr)) < 0)
		return rc;
	return shr__create_accept(a, t, reterr);
}

static int make(struct shr__work *w)
{
	return shr__work_call(w, SHR__VERB_CREATE, NULL, NULL);
}

/* ---- copying ---- */

/* What is done now; each of them is a call that may be answered later. Both ends are let go of at the end of each slice, so that
 * nothing is attached for longer than an engine surely lives. */
enum phase { ATTACH_SOURCE, ATTACH_OWN, MOVE, DETACH_OWN, DETACH_SOURCE, N_PHASES };

struct copy {
	struct shr__work *w;
	int64_t phase, whole;  /* WHOLE: all of it is copied */
	int64_t waits;         /* the phase that CALL is of */
	const void *call, *move; /* the tokens of that phase's driver, and of the mover */
	size_t call_len, move_len;
	const char *from, *to;
	struct shr__move *moving;
};

/* Tags of the step's token: for ever. */
#define TAG_PHASE 1
#define TAG_WHOLE 2
#define TAG_CALL 3
#define TAG_MOVE 4

/* The phase goes on; but what was attached before it is of an earlier call, or of another process. */
static void read_token(struct copy *c)
{
	const struct shr__work *w = c->w;

	if (!w->token_len || !shr__pack_find_int(w->token, w->token_len, TAG_PHASE, &c->waits) || c->waits < 0 ||
		c->waits >= N_PHASES) {
		c->waits = ATTACH_SOURCE;
		return;
	}
	shr__pack_find_int(w->token, w->token_len, TAG_WHOLE, &c->whole);
	shr__pack_find(w->token, w->token_len, TAG_CALL, 0, &c->call, &c->call_len);
	shr__pack_find(w->token, w->token_len, TAG_MOVE, 0, &c->move, &c->move_len);
	c->phase = c->waits <= MOVE ? ATTACH_SOURCE : c->waits;
}

/* CALL: what the driver left, where it was one that is not done. */
static int later(struct copy *c, const void *call, size_t call_len, uint32_t again_ms)
{
	struct shr__buf pack = { 0 };
	const void *token;

	shr__pack_int(&pack, TAG_PHASE, c->phase);
	shr__pack_int(&pack, TAG_WHOLE, c->whole);
	shr__pack_bytes(&pack, TAG_CALL, call, call_len);
	shr__pack_bytes(&pack, TAG_MOVE, c->move ? c->move : "", c->move_len);
	token = pack.failed ? NULL : shr__arena_memdup(c->w->arena, pack.p, pack.n);
	if (token)
		shr__work_later(c->w, token, pack.n, again_ms);
	shr__buf_clear(&pack);
	return token ? SHR_RUNNING : shr__work_fail(c->w, SHR_ENOMEM, "there was no memory to go on with the copy later");
}

static int reach(struct copy *c, int attach, int of_source, const char **ret_path)
{
	struct shr__work *w = c->w;
	struct shr__reach r = { .verb = attach ? SHR__VERB_ATTACH : SHR__VERB_DETACH, .of_source = of_source, .readonly = of_source,
		.step = attach ? "copy:attach" : "copy:detach" };
	struct shr__told told;
	int rc;

	r.instance = of_source ? shr__work_instance_of(w, &w->others.other, &w->others.other_instance) : shr__work_instance(w);
	if (!r.instance)
		return SHR_ENOMEM;
	if (c->call_len && c->phase == c->waits) {
		r.token = c->call;
		r.token_len = c->call_len;
	}
	rc = shr__work_reach(w, &r, &told);
	if (rc == SHR_RUNNING) {
		rc = later(c, told.token ? told.token : "", (size_t)told.token_len, told.again_ms);
	} else if (rc == 0 && attach && !told.path) {
		rc = shr__work_fail(w, SHR_EDRIVER, "backend %s: attach told no path", of_source ? w->others.other_instance.backend :
			w->instance.backend);
	} else if (rc == 0 && attach) {
		*ret_path = told.path;
	}
	shr__told_clear(&told);
	return rc;
}

static void *memory(void *old, size_t n)
{
	if (n)
		return shr__realloc(old, n);
	shr__free(old);
	return NULL;
}

static int stops(void *data)
{
	const struct copy *c = data;

	return shr__work_cancelled(c->w) ? SHR__STOPS : atomic_load(&c->w->hurry) ? SHR__HURRIES : 0;
}

static int64_t now(void *data)
{
	const struct copy *c = data;

	return shr__world_mono(&c->w->env->world);
}

static void progress(void *data, uint64_t bytes)
{
	const struct copy *c = data;

	c->w->bytes_done = bytes > c->moving->done ? bytes : c->moving->done; /* what is passed again counts no less */
	c->w->bytes_total = c->moving->total;
}

/* Names of files are anybody's bytes. */
static void show(char *name)
{
	for (unsigned char *p = (unsigned char *)name; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
}

static int say_why(struct copy *c, struct shr__move *m)
{
	static const struct { int error, code; const char *remedy; } known[] = {
		{ ENOSPC, SHR_ENOSPC, ": give the new share more bytes" }, { EDQUOT, SHR_ENOSPC, ": give the new share more bytes" },
		{ ENOMEM, SHR_ENOMEM, "" }, { EAGAIN, SHR_EAGAIN, "" }, { EBUSY, SHR_EAGAIN, "" }, { ESTALE, SHR_EAGAIN, "" },
		{ ECANCELED, SHR_ECANCELLED, "" }, { EPERM, SHR_EBACKEND, ": only root can give files to other users" },
	};
	struct shr__work *w = c->w;
	int error = errno, code = SHR_EBACKEND;
	const char *remedy = "";
	char words[128];

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].error == error) {
			code = known[i].code;
			remedy = known[i].remedy;
		}
	show(m->at);
	return shr__work_fail(w, code, "copying snapshot %s to %s/%s: %.255s: %s%s", w->others.other.id, w->instance.backend,
		w->instance.pool, m->of[0] ? m->of : m->to, strerror_r(error, words, sizeof words), remedy);
}

/* 0: all is there, and durable; 1: a slice of it. */
static int move(struct copy *c)
{
	const struct shr__mover_host host = { memory, stops, now, progress, c };
	struct shr__work *w = c->w;
	char links[64];
	struct shr__move m = { .host = &host, .from = c->from, .to = c->to, .links = links, .token = c->move, .token_len = c->move_len,
		.slice_ns = SLICE_NS };
	int rc;

	snprintf(links, sizeof links, ".libshare-link-%.40s", w->instance.id);
	c->moving = &m;
	rc = w->env->move ? w->env->move(w->env->move_data, &m) : shr__move(&m);
	c->moving = NULL;
	if (rc < 0)
		return say_why(c, &m);
	w->bytes_done = m.done;
	w->bytes_total = rc == 0 ? m.done : m.total;
	c->move = m.left_len ? shr__arena_memdup(w->arena, m.left, (size_t)m.left_len) : NULL;
	c->move_len = c->move ? (size_t)m.left_len : 0;
	return rc;
}

/* Both, whatever the first one says: the undo, or the next try, does it again. */
static void let_go(struct copy *c)
{
	const struct shr_error *why = c->w->error;

	c->w->error = NULL;
	c->call_len = 0;
	reach(c, 0, 0, NULL);
	reach(c, 0, 1, NULL);
	c->w->token_changed = 0; /* one that would answer later is called again by the undo */
	shr_error_unref(c->w->error);
	c->w->error = why;
	c->w->at_source = c->w->refused = 0;
}

static int make_phase(struct copy *c)
{
	int rc;

	switch ((enum phase)c->phase) {
	case ATTACH_SOURCE:
		return reach(c, 1, 1, &c->from);
	case ATTACH_OWN:
		return reach(c, 1, 0, &c->to);
	case MOVE:
		rc = move(c);
		c->whole = rc == 0;
		if (rc < 0)
			let_go(c);
		return rc < 0 ? rc : 0;
	case DETACH_OWN:
		return reach(c, 0, 0, NULL);
	default:
		return reach(c, 0, 1, NULL);
	}
}

static int copy(struct shr__work *w)
{
	struct copy c = { .w = w };
	int rc;

	if (!w->others.other_instance.id)
		return shr__work_fail(w, SHR_ENOTFOUND, "snapshot %s is on no backend", w->others.other.id);
	if (!w->source)
		return shr__work_fail(w, SHR_EAGAIN, "backend %s, where snapshot %s lies, is not this engine's now: one engine needs both"
			" backends for a copy", w->others.other_instance.backend, w->others.other.id);
	for (read_token(&c); c.phase < N_PHASES; c.phase++)
		if ((rc = make_phase(&c)))
			return rc;
	w->token = NULL;
	w->token_len = 0;
	if (c.whole)
		return 0;
	c.phase = ATTACH_SOURCE;
	return later(&c, "", 0, 1);
}

/* What is attached on a backend that this engine has no more is the next one's to let go of. */
static int let_go_of_both(struct shr__work *w)
{
	struct copy c = { .w = w };
	int rc = 0;

	read_token(&c);
	if (c.phase < DETACH_OWN)
		c.phase = DETACH_OWN;
	for (; rc == 0 && c.phase < (w->source ? N_PHASES : DETACH_SOURCE); c.phase++)
		rc = make_phase(&c);
	if (rc != SHR_RUNNING) { /* it is not the next step's */
		w->token = NULL;
		w->token_len = 0;
	}
	return rc;
}

const struct shr__flow shr__flow_share_copy = {
	.kind = "share_copy", .version = 1, .flags = SHR__FLOW_NEW, .object = "share", .action = "share:create",
	.verb = "created", .during = SHR_SHARE_CREATING, .to = SHR_SHARE_AVAILABLE, .failed = SHR_SHARE_ERROR,
	.other_rows = &shr__snapshot_def, .other_from = SHR__ST(SHR_SNAPSHOT_AVAILABLE), .other_shared = SHR__LIFE,
	.hold_shared = SHR__LIFE, .hold_exclusive = SHR__PLACE | SHR__DATA | SHR__SIZE | SHR__ROLE,
	.event_accepted = "share.creating", .event_done = "share.created", .event_failed = "share.create_failed",
	.accept = copy_accept, .failure = shr__create_failed, .n_steps = 4,
	.steps = {
		{ "create", SHR__STEP_CANCELLABLE, make, NULL, shr__remove_call, NULL },
		{ "copy", SHR__STEP_CANCELLABLE | SHR__STEP_SOURCE, copy, NULL, let_go_of_both, NULL },
		{ "export", SHR__STEP_CANCELLABLE, shr__export_call, NULL, shr__unexport_call, NULL },
		{ "rules", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__create_rules, shr__create_publish, NULL, NULL },
	},
};
