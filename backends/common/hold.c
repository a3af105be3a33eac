/* backends/common/hold.c - hold and release: one operation at a time has the whole server frozen, and is told if that had ended */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "freeze.h"

#define BOUND_MOST_MS 600000u
#define CONFIRM_NS (INT64_C(50) * PLUG_MS)
#define QUIET_NS (INT64_C(1000) * PLUG_MS)    /* so long does no job begin for a hold that nobody asks for any more */
#define PATIENCE_NS (INT64_C(25000) * PLUG_MS) /* no job takes longer but one that hangs */
#define LOST_MOST 16

/* What is lost is only remembered: the operation's release, however often it is called, must say so. */
struct plug_hold {
	struct plug_hold *next; /* of the lost ones */
	char *whose;            /* the operation that began it */
	uint32_t bound_ms;
	uint32_t reserved0;
	int64_t until_ns; /* when the guard thaws, or a little before it */
	struct plug_frozen frozen;
};

/* Whatever its step is called: hold and release are two. */
static char *whose_is(const struct shr_call *call)
{
	char *whose;

	return asprintf(&whose, "%s\n%s", call->op_id, call->item_id) < 0 ? NULL : whose;
}

static void free_hold(struct plug_hold *hold)
{
	if (hold)
		free(hold->whose);
	free(hold);
}

/* It is nobody's any more, and jobs go on. */
static struct plug_hold *thaw(struct plug_server *s, int *ret_whole)
{
	struct plug_hold *hold = s->hold;

	*ret_whole = plug_freeze_end(&hold->frozen);
	s->hold = NULL;
	s->quiet_until_ns = 0;
	pthread_cond_signal(&s->changed);
	return hold;
}

/* *RET, unless it is NULL: what is remembered of it, or NULL: it was frozen until now. */
static void end(struct plug_server *s, const struct plug_hold **ret)
{
	int whole, n = 0;
	struct plug_hold *hold = thaw(s, &whole), **p;

	if (ret)
		*ret = whole ? NULL : hold;
	if (whole) {
		free_hold(hold);
		return;
	}
	hold->next = s->lost;
	s->lost = hold;
	for (p = &s->lost; *p && n < LOST_MOST; p = &(*p)->next)
		n++;
	free_hold(*p);
	*p = NULL;
}

static struct plug_hold **find_lost(struct plug_server *s, const char *whose)
{
	struct plug_hold **p;

	for (p = &s->lost; *p && strcmp((*p)->whose, whose) != 0; p = &(*p)->next)
		;
	return p;
}

void plug_hold_clear(struct plug_server *s)
{
	struct plug_hold *hold;

	if (s->hold)
		end(s, NULL);
	while ((hold = s->lost) != NULL) {
		s->lost = hold->next;
		free_hold(hold);
	}
}

int64_t plug_hold_until_ns(const struct plug_server *s)
{
	int64_t until = s->quiet_until_ns;

	if (s->hold && s->hold->until_ns > until)
		until = s->hold->until_ns;
	return until > plug_now_ns() ? until : 0;
}

int plug_held(struct plug_server *s, struct plug_proc *ret)
{
	int held;

	pthread_mutex_lock(&s->lock);
	held = s->hold && plug_now_ns() < s->hold->until_ns;
	if (held)
		*ret = s->hold->frozen.server;
	pthread_mutex_unlock(&s->lock);
	return held && plug_proc_alive(ret);
}

/* ---- hold ---- */

/* 1: a hold of this operation is there; 0: none is; or failed. One whose bound has passed is in nobody's way. */
static int find_hold(const struct plug_holder *h, const struct shr_call *call, const char *whose)
{
	struct plug_server *s = h->server;

	if (s->hold && strcmp(s->hold->whose, whose) == 0)
		return 1;
	if (s->hold && plug_now_ns() < s->hold->until_ns)
		return h->host->fail(call, SHR_EAGAIN, "hold: another call holds the server");
	if (s->hold)
		end(s, NULL);
	return 0;
}

/* A job that is under way ends first, and no other begins: it would wait for what stands still. */
static int be_quiet(const struct plug_holder *h, const struct shr_call *call)
{
	struct plug_server *s = h->server;
	int64_t busy = plug_jobs_busy_ns(s);

	if (busy > PATIENCE_NS)
		return shr_failf(h->host, call, SHR_EAGAIN, "hold: %s has been at another call for %lld s", h->who,
			(long long)(busy / (1000 * PLUG_MS)));
	s->quiet_until_ns = busy ? plug_now_ns() + QUIET_NS : 0;
	return busy ? h->host->pending(call, NULL, 0, 10) : 0;
}

/* *WHOSE is the hold's with 0. */
static int begin(const struct plug_holder *h, const struct shr_call *call, char **whose, uint32_t bound_ms,
	const struct plug_proc *proc)
{
	struct plug_server *s = h->server;
	struct plug_hold *hold = calloc(1, sizeof *hold), **lost = find_lost(s, *whose), *before = *lost;
	int code;

	if (!hold)
		return h->host->fail(call, SHR_EAGAIN, "no memory");
	hold->bound_ms = bound_ms;
	hold->until_ns = plug_now_ns() + bound_ms * PLUG_MS;
	code = plug_freeze_begin(h, call, proc, bound_ms, &hold->frozen);
	if (code) {
		free(hold);
		return code;
	}
	if (before) { /* it was told so, and begins anew */
		*lost = before->next;
		free_hold(before);
	}
	hold->whose = *whose;
	*whose = NULL;
	s->hold = hold;
	return 0;
}

static int confirm(const struct plug_holder *h, const struct shr_call *call)
{
	static const struct timespec nap = { 0, 500000 };
	struct plug_hold *hold = h->server->hold;
	int64_t until = plug_now_ns() + CONFIRM_NS;
	int done, code;

	for (;;) {
		if (plug_now_ns() >= hold->until_ns)
			return shr_failf(h->host, call, SHR_EBACKEND, "hold: its bound of %u ms is over", hold->bound_ms);
		code = plug_freeze_more(h, call, &hold->frozen, &done);
		if (code || done)
			return code;
		if (plug_now_ns() > until)
			return h->host->pending(call, NULL, 0, 10);
		nanosleep(&nap, NULL);
	}
}

/* One that cannot become whole is none: what stands still goes on now, and not at its bound. */
static int freeze(const struct plug_holder *h, const struct shr_call *call, char **whose, uint32_t bound_ms,
	const struct plug_proc *proc)
{
	struct plug_server *s = h->server;
	int code = find_hold(h, call, *whose), whole;

	if (code == 0)
		code = be_quiet(h, call);
	else if (code > 0)
		code = 0;
	if (code == 0 && !s->hold)
		code = proc->pid > 0 ? begin(h, call, whose, bound_ms, proc) : h->host->fail(call, SHR_EAGAIN, "hold: it was released "
			"meanwhile");
	if (code)
		return code;
	code = confirm(h, call);
	if (code < 0 && plug_now_ns() < s->hold->until_ns)
		free_hold(thaw(s, &whole));
	return code;
}

int plug_hold(const struct plug_holder *h, const struct shr_call *call, uint32_t bound_ms)
{
	struct plug_server *s = h->server;
	struct plug_proc proc = { 0, 0, 0 };
	char *whose;
	int found, code = 0;

	if (bound_ms < 1 || bound_ms > BOUND_MOST_MS)
		return shr_failf(h->host, call, SHR_EBACKEND, "hold: a bound from 1 to %u ms is wanted", BOUND_MOST_MS);
	whose = whose_is(call);
	if (!whose)
		return h->host->fail(call, SHR_EAGAIN, "no memory");
	pthread_mutex_lock(&s->lock);
	found = find_hold(h, call, whose);
	pthread_mutex_unlock(&s->lock);
	if (found <= 0)
		code = found < 0 ? found : h->find(h->ex, call, &proc);
	if (code == 0) {
		pthread_mutex_lock(&s->lock);
		code = freeze(h, call, &whose, bound_ms, &proc);
		pthread_mutex_unlock(&s->lock);
	}
	free(whose);
	return code;
}

/* ---- release ---- */

/* What another operation holds stays held. */
int plug_release(const struct plug_holder *h, const struct shr_call *call)
{
	struct plug_server *s = h->server;
	const struct plug_hold *lost;
	char *whose = whose_is(call);
	int code = 0;

	if (!whose)
		return h->host->fail(call, SHR_EAGAIN, "no memory");
	pthread_mutex_lock(&s->lock);
	if (s->hold && strcmp(s->hold->whose, whose) == 0)
		end(s, &lost);
	else
		lost = *find_lost(s, whose);
	if (lost)
		code = shr_failf(h->host, call, SHR_EBACKEND, "release: the hold had ended by itself, its bound being %u ms, and %s went "
			"on before now", lost->bound_ms, h->who);
	pthread_mutex_unlock(&s->lock);
	free(whose);
	return code;
}
