/* lib/plugin/each.c - one call of a backend with several exporters: in order, of each that it concerns */
#include "plugin/each.h"

#include <string.h>

#include "plugin/told.h"

#define HEAD 2u        /* bytes of a token's length */
#define DONE 0xffffu   /* in its place: this exporter has done its part */

struct token {
	const uint8_t *p;
	uint32_t len;
	int done;
};

struct each {
	struct shr__backend *b;
	enum shr__verb verb;
	unsigned tells;
	const struct shr__callname *name;
	const struct shr__callargs *args;
	struct shr__told *told;
	struct token tokens[SHR__MOST_EXPORTERS]; /* the last one of each: it gets its own back, whoever else answers later */
	const char *message, *driver_message; /* of the first failure */
	int worst;
	int running;
	uint32_t again_ms;
	int has_progress;
	uint64_t progress[2];
};

/* ---- tokens ---- */

/* The number of exporters, then each one's length and bytes. One that is not so comes from another configuration: what a call
 * began is then found by its names, as after a crash. */
static void read_tokens(struct each *e)
{
	const uint8_t *p = e->name->token, *end = p ? p + e->name->token_len : p;
	uint32_t n = e->b->n_sides - 1;
	uint32_t len;

	if (p == end || *p++ != n)
		return;
	for (uint32_t i = 0; i < n && end - p >= (ptrdiff_t)HEAD; i++) {
		len = (uint32_t)p[0] | (uint32_t)p[1] << 8;
		p += HEAD;
		e->tokens[i].done = len == DONE;
		len = len == DONE ? 0 : len;
		if (len > (size_t)(end - p))
			break;
		e->tokens[i].p = len ? p : NULL;
		e->tokens[i].len = len;
		p += len;
		if (i + 1 == n && p == end)
			return;
	}
	memset(e->tokens, 0, sizeof e->tokens);
}

static int fail(struct each *e, int code, const char *message, const char *driver_message)
{
	shr__told_clear(e->told);
	e->told->code = code;
	e->told->message = message;
	e->told->driver_message = driver_message;
	return code;
}

static int no_memory(struct each *e)
{
	return fail(e, SHR_ENOMEM, "there was no memory for what the exporters told", "");
}

static void put_tokens(const struct each *e, uint8_t *at)
{
	uint32_t n = e->b->n_sides - 1;

	*at++ = (uint8_t)n;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = e->tokens[i].done ? DONE : e->tokens[i].len;

		*at++ = (uint8_t)len;
		*at++ = (uint8_t)(len >> 8);
		if (e->tokens[i].len)
			memcpy(at, e->tokens[i].p, e->tokens[i].len);
		at += e->tokens[i].len;
	}
}

/* What the earlier ones told is told again when the later ones have answered. */
static int answer_running(struct each *e)
{
	struct shr__told *told = e->told;
	size_t total = 1;
	uint8_t *p;

	for (uint32_t i = 0; i + 1 < e->b->n_sides; i++)
		total += HEAD + e->tokens[i].len;
	if (total > SHR__TOKEN_MOST)
		return fail(e, SHR_EDRIVER, "the exporters' tokens are together longer than one may be", "");
	p = shr__arena_alloc(told->arena, total);
	if (!p)
		return no_memory(e);
	put_tokens(e, p);
	shr__told_clear(told);
	told->token = p;
	told->token_len = total;
	told->again_ms = e->again_ms;
	told->has_progress = e->has_progress;
	told->done = e->progress[0];
	told->total = e->progress[1];
	return told->code = SHR_RUNNING;
}

/* ---- which of them ---- */

static int meets(const struct each *e, const struct shr__side *side)
{
	const struct shr_instance *instance = e->args->instance;

	return !instance || !instance->protocols || (instance->protocols & side->protocols);
}

static int has_verb(const struct each *e, const struct shr__side *side)
{
	if (e->verb == SHR__VERB_XLOOK)
		return side->exporter->look != NULL;
	return e->verb != SHR__VERB_XLIST || side->exporter->list != NULL;
}

/* One that cannot look leaves that to the others; that none of them can is for the first one to say. */
static int concerns(const struct each *e, const struct shr__side *side)
{
	const struct shr__side *sides = e->b->sides;

	if (!meets(e, side))
		return 0;
	if (has_verb(e, side))
		return 1;
	for (uint32_t i = 1; i < e->b->n_sides; i++)
		if (meets(e, &sides[i]) && (&sides[i] < side || has_verb(e, &sides[i])))
			return 0;
	return 1;
}

/* ---- one of them ---- */

static void note_running(struct each *e, struct token *token, const struct shr__told *told)
{
	token->p = told->token;
	token->len = (uint32_t)told->token_len;
	e->again_ms = !e->running || told->again_ms < e->again_ms ? told->again_ms : e->again_ms;
	e->running = 1;
	e->has_progress = told->has_progress;
	e->progress[0] = told->done;
	e->progress[1] = told->total;
}

/* No change is of what it can have a rule for. It is called all the same when the rules are told anew as a whole: it may have
 * forgotten its export, which comes back with them. */
static int is_idle(const struct shr_access_diff *whole, const struct shr__part *part)
{
	return whole && whole->n_changes && !part->diff.n_changes && whole->from_revision && whole->from_revision != whole->revision;
}

static int call_one(struct each *e, uint32_t i, struct shr__told *told)
{
	struct shr__side *side = &e->b->sides[1 + i];
	struct token *token = &e->tokens[i];
	struct shr__callname name = *e->name;
	struct shr__part part;
	int rc;

	if (shr__part_make(&part, side, e->args, e->told->arena) < 0)
		return SHR_ENOMEM;
	if (is_idle(e->args->diff, &part))
		return 0;
	name.token = token->p;
	name.token_len = token->len;
	rc = shr__side_call(e->b, side, e->verb, &name, &part.args, told);
	*token = (struct token){ .done = rc == 0 && !e->tells };
	if (rc == SHR_RUNNING)
		note_running(e, token, told);
	return rc == 0 ? shr__join(e->told, told, &part) : rc;
}

/* What takes something away does so everywhere, though it fails at one place. */
static int goes_on(enum shr__verb verb)
{
	return verb == SHR__VERB_UNEXPORT || verb == SHR__VERB_DRAIN || verb == SHR__VERB_RELEASE;
}

/* The first failure is the call's. */
static int call_noted(struct each *e, uint32_t i)
{
	struct shr__told told;
	int rc;

	shr__told_init(&told, e->told->arena);
	rc = call_one(e, i, &told);
	if (rc < 0 && !e->worst) {
		e->worst = rc;
		e->message = told.code == rc ? told.message :
			"what the exporters told together is too much, or there was no memory for it";
		e->driver_message = told.driver_message;
	}
	shr__told_clear(&told);
	return rc;
}

/*
 * A verb that tells something is made of the later ones only when the earlier ones have answered in the same call, since what
 * they told must be joined: they are called again, without a token, for what is done already. Meanwhile each keeps the token of
 * its own, so that all come to their end. A verb that tells nothing is made of all at once, and of none twice.
 */
static int call_all(struct each *e)
{
	int rc;

	for (uint32_t i = 0; i + 1 < e->b->n_sides; i++) {
		if (e->tokens[i].done || !concerns(e, &e->b->sides[1 + i]))
			continue;
		rc = call_noted(e, i);
		if ((rc < 0 && !goes_on(e->verb)) || (rc == SHR_RUNNING && e->tells))
			break;
	}
	if (e->worst && !e->running)
		return fail(e, e->worst, e->message, e->driver_message);
	return e->running ? answer_running(e) : 0;
}

/* ---- hold ---- */

/* What it answers is for the operation's own release to hear. */
static void let_go(struct each *e, uint32_t i)
{
	struct shr__callname name = *e->name;
	struct shr__told told;

	name.token = NULL;
	name.token_len = 0;
	shr__told_init(&told, e->told->arena);
	(void)shr__side_call(e->b, &e->b->sides[1 + i], SHR__VERB_RELEASE, &name, e->args, &told);
	shr__told_clear(&told);
}

/* Those that have not answered before (DONE 0), or those that have: what is held may have come to its bound meanwhile. */
static int hold_those(struct each *e, int done, uint32_t *asked)
{
	int rc;

	for (uint32_t i = 0; i + 1 < e->b->n_sides; i++) {
		if ((*asked >> i & 1) || e->tokens[i].done != done || !concerns(e, &e->b->sides[1 + i]))
			continue;
		*asked |= UINT32_C(1) << i;
		rc = call_noted(e, i);
		if (rc)
			return rc;
	}
	return 0;
}

/*
 * All are held or none is. One that fails may do so for long, and one that answers later may not be asked again before its server
 * is back: nobody else's clients stand still meanwhile. When the call comes again the one that was late is asked first, and what
 * is held from then on stays so, that two that are slow come to an end.
 */
static int hold_all(struct each *e)
{
	uint32_t asked = 0; /* a bit for each */
	int first = e->name->token_len == 0, rc = hold_those(e, 0, &asked);

	if (rc == 0)
		rc = hold_those(e, 1, &asked);
	for (uint32_t i = 0; i + 1 < e->b->n_sides; i++)
		if (concerns(e, &e->b->sides[1 + i]) && (rc < 0 || (rc == SHR_RUNNING && first && e->tokens[i].done)))
			let_go(e, i);
	return rc < 0 ? fail(e, rc, e->message, e->driver_message) : rc == SHR_RUNNING ? answer_running(e) : 0;
}

int shr__each_call(struct shr__backend *b, enum shr__verb verb, unsigned tells, const struct shr__callname *name,
	const struct shr__callargs *args, struct shr__told *told)
{
	struct shr__callargs own = *args;
	struct each e = { .b = b, .verb = verb, .tells = tells, .name = name, .args = &own, .told = told };
	int rc;

	if (!(tells & SHR__TELLS_RULES))
		own.diff = NULL;
	read_tokens(&e);
	if (shr__join_begin(told, own.diff) < 0)
		return no_memory(&e);
	rc = verb == SHR__VERB_HOLD ? hold_all(&e) : call_all(&e);
	if (rc == 0)
		shr__join_end(told, own.diff);
	return rc;
}
