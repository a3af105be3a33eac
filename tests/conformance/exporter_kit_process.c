/* tests/conformance/exporter_kit_process.c - a second process, cancelled calls, killed calls, hold and release */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "exporter_kit.h"

/* What a second process gets when it opens it: its words through a pipe. */
static int open_elsewhere(struct xkit *kit, char *why, size_t room)
{
	int ends[2], status, code;
	void *ex = NULL;
	ssize_t n;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		xkit_fail(kit, "no second process");
	if (pid == 0) {
		code = xkit_try_open(kit, &ex, why, room);
		if (code == 0)
			kit->x->close(ex);
		else if (write(ends[1], why, strlen(why)) < 0)
			_exit(99);
		_exit(code == 0 ? 0 : code == SHR_EAGAIN ? 1 : 2);
	}
	close(ends[1]);
	n = read(ends[0], why, room - 1);
	why[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void second_process_is_kept_out(struct xkit *kit)
{
	char why[XKIT_WORDS] = "", me[32];
	int how;

	if (kit->x->fencing != SHR_FENCING_HOST_LOCK)
		xkit_skip(kit, "it declares no host lock");
	how = open_elsewhere(kit, why, sizeof why);
	if (how != 1)
		xkit_fail(kit, "a second process got %s", how == 0 ? "in" : why);
	snprintf(me, sizeof me, "%ld", (long)getpid());
	if (!strstr(why, me))
		xkit_fail(kit, "the holder, %s, is not named: %s", me, why);
	xkit_close(kit);
	how = open_elsewhere(kit, why, sizeof why);
	xkit_open(kit);
	if (how != 0)
		xkit_fail(kit, "after close the lock was still held: %s", why);
}

static void two_backends_on_one_server(struct xkit *kit)
{
	struct xkit other = *kit;
	struct xkit_share s;
	char why[XKIT_WORDS];

	xkit_share_new(kit, &s);
	if (xkit_try_open(kit, &other.ex, why, sizeof why) != 0)
		xkit_fail(kit, "a second backend of this process: %s", why);
	xkit_must(kit, XKIT_ADD, &s, 0);
	if (setjmp(other.out) == 0) {
		xkit_must(&other, XKIT_PROBE, NULL, 0);
		xkit_must(&other, XKIT_REMOVE, &s, 0);
	} else {
		kit->x->close(other.ex);
		xkit_fail(kit, "the second backend: %s", other.why);
	}
	kit->x->close(other.ex);
	xkit_share_end(kit, &s);
}

static void cancelled(struct xkit *kit, enum xkit_verb verb, const struct xkit_share *s)
{
	struct xkit_call *c = xkit_call_new(kit, xkit_verb_name(verb));
	int code;

	c->cancel = 1;
	code = xkit_make(c, verb, s, NULL);
	if (code != 0 && code != SHR_ECANCELLED)
		xkit_fail(kit, "%s: %s: %s", xkit_verb_name(verb), shr_strcode(code), c->words);
	c->cancel = 0;
	if (xkit_make(c, verb, s, NULL) != 0)
		xkit_fail(kit, "%s again: %s", xkit_verb_name(verb), c->words);
	xkit_call_free(c);
}

static void cancelled_calls_can_be_made_again(struct xkit *kit)
{
	struct xkit_share s;

	xkit_share_new(kit, &s);
	cancelled(kit, XKIT_PROBE, NULL);
	cancelled(kit, XKIT_ADD, &s);
	if (kit->x->drain)
		cancelled(kit, XKIT_DRAIN, &s);
	cancelled(kit, XKIT_ADD, &s);
	cancelled(kit, XKIT_REMOVE, &s);
	xkit_share_end(kit, &s);
}

/* ---- killed ---- */

static int make_verb(struct xkit *kit, enum xkit_verb verb, const struct xkit_share *s, struct xkit_book *b)
{
	struct xkit_call *c;
	int code;

	if (verb == XKIT_UPDATE)
		return xkit_book_tell(kit, s, b, 0, 0, NULL);
	c = xkit_call_new(kit, xkit_verb_name(verb));
	code = xkit_make(c, verb, s, NULL);
	xkit_call_free(c);
	return code;
}

/* A child opens it and makes the call; it is killed AFTER_NS later. 1: before its end. */
static int kill_in(struct xkit *kit, enum xkit_verb verb, const struct xkit_share *s, struct xkit_book *b, int64_t after_ns)
{
	struct timespec t = { (time_t)(after_ns / 1000000000), (long)(after_ns % 1000000000) };
	int ends[2], status;
	char byte;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		xkit_fail(kit, "no second process");
	if (pid == 0) {
		if (setjmp(kit->out)) {
			fprintf(stderr, "# %s\n", kit->why);
			_exit(2);
		}
		xkit_open(kit);
		if (write(ends[1], "", 1) != 1)
			_exit(3);
		_exit(make_verb(kit, verb, s, b) == 0 ? 0 : 1);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		after_ns = 0;
	close(ends[0]);
	nanosleep(&t, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		xkit_fail(kit, "%s failed in the second process", xkit_verb_name(verb));
	return WIFSIGNALED(status);
}

/* Behind the kill, by a new process: the call is made again, or gone back on. */
static void settle(struct xkit *kit, enum xkit_verb verb, struct xkit_share *s, struct xkit_book *b, int undo)
{
	uint32_t foreign;

	xkit_open(kit);
	if (undo)
		xkit_must(kit, XKIT_REMOVE, s, 0);
	else if (make_verb(kit, verb, s, b) != 0 || make_verb(kit, verb, s, b) != 0)
		xkit_fail(kit, "%s, again after it was killed, failed", xkit_verb_name(verb));
	if (!undo && kit->x->look && (verb == XKIT_ADD || verb == XKIT_UPDATE) &&
	    xkit_book_look(kit, s, b, &foreign) != 0)
		xkit_fail(kit, "%s, again after it was killed: look sees nothing", xkit_verb_name(verb));
	xkit_share_end(kit, s);
}

static void killed(struct xkit *kit, enum xkit_verb verb)
{
	struct xkit_book b = { NULL, 0, 0, 0 }, empty = { NULL, 0, 0, 0 };
	struct xkit_share s;
	int64_t took;
	int i, n = 0;

	if (kit->args.kills == 0)
		xkit_skip(kit, "nobody is to be killed");
	xkit_book_fill(kit, &b, 10);
	xkit_share_new(kit, &s);
	if (verb != XKIT_ADD)
		xkit_must(kit, XKIT_ADD, &s, 0);
	took = xkit_now_ns();
	make_verb(kit, verb, &s, &b);
	took = xkit_now_ns() - took;
	xkit_share_end(kit, &s);
	for (i = 0; i < kit->args.kills; i++) {
		xkit_share_new(kit, &s);
		if (verb != XKIT_ADD)
			xkit_must(kit, XKIT_ADD, &s, 0);
		xkit_close(kit);
		n += kill_in(kit, verb, &s, verb == XKIT_UPDATE ? &b : &empty, (took + 1000000) * i / kit->args.kills);
		settle(kit, verb, &s, verb == XKIT_UPDATE ? &b : &empty, i % 2 && verb != XKIT_REMOVE && verb != XKIT_DRAIN);
	}
	xkit_book_clear(&b);
	snprintf(kit->why, sizeof kit->why, "(%d of %d in the middle)", n, kit->args.kills);
}

static void add_killed(struct xkit *kit)
{
	killed(kit, XKIT_ADD);
}

static void update_killed(struct xkit *kit)
{
	killed(kit, XKIT_UPDATE);
}

static void remove_killed(struct xkit *kit)
{
	killed(kit, XKIT_REMOVE);
}

static void drain_killed(struct xkit *kit)
{
	if (!kit->x->drain)
		xkit_skip(kit, "it has no drain");
	killed(kit, XKIT_DRAIN);
}

/* ---- hold ---- */

static int hold(struct xkit *kit, struct xkit_call *c, uint32_t bound_ms)
{
	struct xkit_more more = { .bound_ms = bound_ms };

	return xkit_make(c, XKIT_HOLD, NULL, &more);
}

/* A check that is skipped does not come back: before anything is made for it. */
static void wants_hold(struct xkit *kit)
{
	if (!kit->x->hold)
		xkit_skip(kit, "it has no hold");
}

static void hold_and_release(struct xkit *kit)
{
	struct xkit_call *c, *other, *r;
	int code, again, second, foreign, still, released, twice;

	wants_hold(kit);
	c = xkit_call_new(kit, "hold");
	other = xkit_call_new(kit, "hold");
	r = xkit_call_of(c, "release");
	code = hold(kit, c, 20000);
	again = hold(kit, c, 20000);
	second = hold(kit, other, 20000);
	foreign = xkit_make(other, XKIT_RELEASE, NULL, NULL);
	still = hold(kit, other, 20000);
	released = xkit_make(r, XKIT_RELEASE, NULL, NULL);
	twice = xkit_make(r, XKIT_RELEASE, NULL, NULL);
	if (code || again)
		xkit_fail(kit, "hold: %s, and again: %s: %s", shr_strcode(code), shr_strcode(again), c->words);
	if (second == 0)
		xkit_fail(kit, "hold: a second operation got it too");
	if (foreign || still == 0)
		xkit_fail(kit, "release by an operation that holds nothing: %s, and it took the hold of another", shr_strcode(foreign));
	if (released || twice)
		xkit_fail(kit, "release: %s, and again: %s: %s", shr_strcode(released), shr_strcode(twice), r->words);
	xkit_must(kit, XKIT_PROBE, NULL, 0);
	code = hold(kit, other, 20000);
	released = xkit_make(other, XKIT_RELEASE, NULL, NULL);
	if (code || released)
		xkit_fail(kit, "hold after a release: %s, and its release: %s", shr_strcode(code), shr_strcode(released));
	xkit_call_free(c);
	xkit_call_free(other);
	xkit_call_free(r);
}

/* The server is there: neither is it taken for one that is down, nor does who comes and goes let go of it. */
static void held_server_is_there(struct xkit *kit)
{
	struct xkit_call *c, *probe, *again;
	struct xkit other = *kit;
	char why[XKIT_WORDS] = "";
	int code, opened, probed, released;

	wants_hold(kit);
	c = xkit_call_new(kit, "hold");
	probe = xkit_call_new(kit, "probe");
	again = xkit_call_new(&other, "probe");
	code = hold(kit, c, 20000);
	probed = xkit_once(probe, XKIT_PROBE, NULL, NULL);
	opened = xkit_try_open(kit, &other.ex, why, sizeof why);
	if (opened == 0) {
		probed = probed ? probed : xkit_once(again, XKIT_PROBE, NULL, NULL);
		kit->x->close(other.ex);
	}
	released = xkit_make(c, XKIT_RELEASE, NULL, NULL);
	if (code || released)
		xkit_fail(kit, "hold: %s; release: %s: %s", shr_strcode(code), shr_strcode(released), c->words);
	if (opened || probed)
		xkit_fail(kit, "while it is held: open: %s %s; probe: %s", shr_strcode(opened), why, shr_strcode(probed));
	xkit_call_free(c);
	xkit_call_free(probe);
	xkit_call_free(again);
}

/* Whose hold has ended is told so, also when another operation has held the server since. */
static void hold_ends_at_its_bound(struct xkit *kit)
{
	static const struct timespec nap = { 1, 500000000 };
	struct xkit_call *c, *r, *other;
	int code, late, next, first, again, others;

	wants_hold(kit);
	c = xkit_call_new(kit, "hold");
	r = xkit_call_of(c, "release");
	other = xkit_call_new(kit, "hold");
	code = hold(kit, c, 1000);
	nanosleep(&nap, NULL);
	late = hold(kit, c, 1000);
	xkit_must(kit, XKIT_PROBE, NULL, 0);
	next = hold(kit, other, 20000);
	first = xkit_make(r, XKIT_RELEASE, NULL, NULL);
	again = xkit_make(r, XKIT_RELEASE, NULL, NULL);
	others = xkit_make(other, XKIT_RELEASE, NULL, NULL);
	if (code)
		xkit_fail(kit, "hold: %s", c->words);
	if (late == 0)
		xkit_fail(kit, "hold, made again after its bound, says that it holds");
	if (next || others)
		xkit_fail(kit, "the next one's hold: %s, and its release: %s", shr_strcode(next), shr_strcode(others));
	if (first != SHR_EBACKEND || again != first)
		xkit_fail(kit, "release does not say that the hold had ended: %s, then %s", shr_strcode(first), shr_strcode(again));
	code = hold(kit, c, 20000); /* it was told, and begins anew */
	first = xkit_make(r, XKIT_RELEASE, NULL, NULL);
	if (code || first)
		xkit_fail(kit, "hold, made again after its release: %s, then %s", shr_strcode(code), shr_strcode(first));
	xkit_call_free(c);
	xkit_call_free(r);
	xkit_call_free(other);
	xkit_must(kit, XKIT_RELEASE, NULL, 0);
}

const struct xkit_check xkit_process_checks[] = {
	{ "host lock: a second process is kept out, by name", second_process_is_kept_out },
	{ "two backends of one process on one server", two_backends_on_one_server },
	{ "cancelled: each call, then made again", cancelled_calls_can_be_made_again },
	{ "hold: twice is once, a second one waits, release is the holder's", hold_and_release },
	{ "hold: the server is there meanwhile, for another backend too", held_server_is_there },
	{ "hold: ends at its bound, and release says so to its holder", hold_ends_at_its_bound },
	{ "killed: add, then again or removed", add_killed },
	{ "killed: update_access, then again or removed", update_killed },
	{ "killed: remove, then again", remove_killed },
	{ "killed: drain, then again", drain_killed },
	{ NULL, NULL },
};
