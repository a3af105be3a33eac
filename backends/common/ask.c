/* backends/common/ask.c - a call puts a job into the queue, and asks a little for its answer */
#include "server.h"

#define WAIT_MS 50u
#define HANGS_NS (INT64_C(200) * PLUG_MS)           /* longer than that, and waiting 50 ms more is of no use */
#define PATIENCE_NS (INT64_C(30) * 1000 * PLUG_MS)  /* longer than that, and the server counts as down */
#define BUSY_NS (INT64_C(60) * 1000 * PLUG_MS)      /* so long a mount may stay in use after its export has gone */

static int put(const struct shr_call *call, const struct plug_order *o)
{
	struct plug_job *j = plug_job_new(o->server, o->whose, call, o->kind, o->what);
	int code;

	if (!j)
		return o->host->fail(call, SHR_EAGAIN, "no memory");
	j->revision = o->revision;
	code = o->fill ? o->fill(o, call, j) : 0;
	if (code)
		plug_job_free(o->server, j);
	else
		plug_job_put(o->server, j);
	return code;
}

static int is_held(struct plug_server *s)
{
	int yes;

	pthread_mutex_lock(&s->lock);
	yes = plug_hold_until_ns(s) != 0;
	pthread_mutex_unlock(&s->lock);
	return yes;
}

/* Not done yet: who waits behind a call that hangs asks seldom. */
static int later(const struct shr_call *call, const struct plug_order *o)
{
	int64_t busy = plug_server_busy_ns(o->server);
	uint32_t again = busy > 10 * HANGS_NS ? 1000 : busy > HANGS_NS ? 200 : is_held(o->server) ? 50 : 5;

	if (o->host->cancelled(call)) {
		plug_job_drop(o->server, o->whose, call, o->kind);
		return o->host->fail(call, SHR_ECANCELLED, "cancelled");
	}
	if (o->is_probe && busy > PATIENCE_NS)
		return shr_failf(o->host, call, SHR_EUNREACHABLE, "%.200s has not answered for %lld s: %.200s", o->who,
			(long long)(busy / (1000 * PLUG_MS)), o->why);
	return o->host->pending(call, NULL, 0, again);
}

/* The mount is in use although its export has gone: by a request that ends, or by somebody on this machine. */
static int again(const struct shr_call *call, const struct plug_order *o, struct plug_job *j)
{
	int64_t now = plug_now_ns();
	int code;

	if (j->busy_ns == 0)
		j->busy_ns = now;
	if (o->host->cancelled(call) || now - j->busy_ns > BUSY_NS) {
		code = o->host->cancelled(call) ? SHR_ECANCELLED : j->code;
		code = o->host->fail(call, code, j->words);
		plug_job_free(o->server, j);
		return code;
	}
	j->is_done = 0;
	plug_job_put(o->server, j);
	return o->host->pending(call, NULL, 0, 100);
}

int plug_ask(const struct shr_call *call, const struct plug_order *o, struct plug_job **ret)
{
	unsigned wait = !o->is_probe && plug_server_busy_ns(o->server) > HANGS_NS ? 0 : WAIT_MS;
	int code;

	*ret = NULL;
	if (!plug_job_find(o->server, o->whose, call, o->kind, o->revision, wait, ret)) {
		code = put(call, o);
		if (code)
			return code;
		plug_job_find(o->server, o->whose, call, o->kind, o->revision, wait, ret);
	}
	if (!*ret)
		return later(call, o);
	if ((*ret)->is_busy) {
		code = again(call, o, *ret);
		*ret = NULL;
		return code;
	}
	if ((*ret)->code == 0)
		return 0;
	code = o->host->fail(call, (*ret)->code, (*ret)->words);
	plug_job_free(o->server, *ret);
	*ret = NULL;
	return code;
}

int plug_ask_now(const struct shr_call *call, const struct plug_order *o, unsigned wait_ms)
{
	struct plug_job *j = NULL;
	struct plug_proc held;
	int code;

	if (plug_held(o->server, &held)) /* another backend's operation has it, which knew it before */
		return 0;
	plug_job_drop(o->server, o->whose, call, o->kind);
	code = put(call, o);
	if (code)
		return code;
	plug_job_find(o->server, o->whose, call, o->kind, o->revision, wait_ms, &j);
	if (!j) {
		plug_job_drop(o->server, o->whose, call, o->kind);
		return shr_failf(o->host, call, SHR_EUNREACHABLE, "%.200s does not answer: %.200s", o->who, o->why);
	}
	code = j->code ? o->host->fail(call, j->code, j->words) : 0;
	plug_job_free(o->server, j);
	return code;
}
