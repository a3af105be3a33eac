/* examples/sharectl/signals.c - SIGINT, SIGTERM and SIGHUP while an engine runs: looked for, never in the way */
#include "ctl.h"
#include "open.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

static void set(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGHUP);
}

/* Before the engine is opened: its threads inherit it, so that a signal waits until this thread looks. */
void ctl_signals_hold(struct ctl *c)
{
	sigset_t s;

	set(&s);
	c->signals_held = pthread_sigmask(SIG_BLOCK, &s, NULL) == 0;
}

/* What came while they were held has its usual effect now. */
void ctl_signals_release(struct ctl *c)
{
	sigset_t s;

	set(&s);
	if (c->signals_held)
		pthread_sigmask(SIG_UNBLOCK, &s, NULL);
	c->signals_held = 0;
}

int ctl_signals_look(struct ctl *c, int timeout_ms)
{
	struct timespec wait = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };
	sigset_t s;
	int sig;

	set(&s);
	if (!c->signals_held) {
		nanosleep(&wait, NULL);
		return 0;
	}
	sig = sigtimedwait(&s, NULL, &wait);
	if (sig > 0)
		c->interrupted = sig;
	return sig > 0;
}
