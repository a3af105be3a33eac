/* tests/whole/scenes_walk.c - a scene with each thing failing once, and what must be so afterwards */
#include "scenes.h"

static long round_n;
static const char *scene_name;

/* The create of a cancelled scene goes on for ever unless it is cancelled. */
static void cancel_slow(struct whole *w, const struct scene *s)
{
	if (strcmp(scene_name, "a create that is cancelled") != 0 || !s->op[0])
		return;
	if (shr_op_cancel(w->s, s->op, NULL) < 0)
		return; /* it has ended, or is being undone */
}

/* An operation that was accepted has succeeded, and then it is done; or has failed, and says why. */
static void look_at_op(struct whole *w, const struct scene_kind *kind, struct scene *s)
{
	const struct shr_op *op = whole_op(w, s->op);
	int done = kind->done(w, s);

	ck_assert_msg(op->state >= SHR_OP_SUCCEEDED, "%s, %ld: not ended", kind->name, round_n);
	if (kind->wants == 0 && op->state == SHR_OP_SUCCEEDED)
		ck_assert_msg(done, "%s, %ld: succeeded, and is not done", kind->name, round_n);
	if (kind->wants == 0 && op->state != SHR_OP_SUCCEEDED)
		ck_assert_msg(!done && op->error, "%s, %ld: failed, and is done or does not say why", kind->name, round_n);
	shr_op_unref(op);
}

static int again(struct whole *w, const struct scene_kind *kind, struct scene *s)
{
	const struct shr_error *e = NULL;
	int rc = kind->act(w, s, &e);

	if (rc != kind->wants)
		ck_abort_msg("%s, %ld: made again: %s: %s", kind->name, round_n, shr_strcode(rc), e ? e->message : "");
	shr_error_unref(e);
	whole_rest(w);
	return kind->done(w, s);
}

static int one_round(struct whole *w, const struct scene_kind *kind, const struct scene_trouble *trouble, struct scene *s)
{
	const struct shr_error *e = NULL;
	int fired, rc, done;

	s->share[0] = s->op[0] = 0;
	s->n++;
	kind->prepare(w, s);
	trouble->inject(round_n);
	rc = kind->act(w, s, &e);
	fired = trouble->heal();
	if (!fired && rc != kind->wants)
		ck_abort_msg("%s, %ld: %s: %s", kind->name, round_n, shr_strcode(rc), e ? e->message : "");
	ck_assert_msg(rc >= 0 || (e && e->code == rc), "%s, %ld: no error, or another", kind->name, round_n);
	shr_error_unref(e);
	cancel_slow(w, s);
	whole_rest(w);
	whole_holds(w, INV_REFUSED | kind->allowed);
	done = kind->done(w, s);
	ck_assert_msg(rc != 0 || done, "%s, %ld: acknowledged, and is lost", kind->name, round_n);
	if (rc < 0 && !s->op[0] && rc != SHR_EUNKNOWN)
		ck_assert_msg(!done, "%s, %ld: refused with %s, and is done", kind->name, round_n, shr_strcode(rc));
	if (s->op[0])
		look_at_op(w, kind, s);
	if (!done) {
		s->n += kind->wants == 0 && s->op[0] != 0; /* a token stands for what was accepted */
		done = again(w, kind, s);
	}
	ck_assert_msg(done, "%s, %ld: not done", kind->name, round_n);
	kind->tidy(w, s);
	whole_rest(w);
	whole_holds(w, 0);
	return fired;
}

long scenes_walk(struct whole *w, const struct scene_kind *kind, const struct scene_trouble *trouble, long first, long step)
{
	struct scene s = { .n = (unsigned)(kind - scene_kinds) * 100000 };

	scene_name = kind->name;
	for (round_n = first; one_round(w, kind, trouble, &s); round_n += step)
		;
	ck_assert_msg(round_n > 1, "%s: nothing failed", kind->name);
	return round_n;
}
