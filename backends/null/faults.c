/* backends/null/faults.c - faults by order: VERB:WHEN:WHAT, where libshare-null(7) has the words */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "null.h"

#define FAIL 1u
#define AGAIN 2u
#define UNREACHABLE 3u
#define NOSPACE 4u
#define KILL 5u
#define HANG 6u
#define LATE 7u
#define PENDING 8u
#define FAIL_AFTER 9u
#define KILL_AFTER 10u
#define LATE_AFTER 11u
#define GARBAGE 12u
#define REJECT 13u

struct null_fault {
	uint64_t first, last; /* which calls of the verb */
	const char *text;     /* REJECT; the host's, until close */
	uint32_t verb;        /* NULL_VERBS: any */
	uint32_t what;
	uint32_t times;       /* PENDING */
	uint32_t ms;          /* LATE, LATE_AFTER, PENDING */
};

struct countdown { /* what a pending call leaves */
	uint64_t nth;
	uint32_t left, ms;
};

static const char *const verbs[NULL_VERBS] = {
	"open", "stats", "create", "remove", "resize", "update_access", "manage", "unmanage", "usage",
	"look", "list", "snapshot_create", "snapshot_remove", "revert", "clone", "snapshot_manage",
	"snapshot_unmanage", "snapshot_look",
};
static const struct {
	const char *word;
	uint32_t what;
} whats[] = {
	{ "fail", FAIL }, { "again", AGAIN }, { "unreachable", UNREACHABLE }, { "nospace", NOSPACE }, { "kill", KILL },
	{ "hang", HANG }, { "fail-after", FAIL_AFTER }, { "kill-after", KILL_AFTER }, { "garbage", GARBAGE },
	{ "late=", LATE }, { "late-after=", LATE_AFTER }, { "pending=", PENDING }, { "reject=", REJECT },
};

/* ---- reading ---- */

static int read_verb(const char *s, size_t n, struct null_fault *f)
{
	f->verb = NULL_VERBS;
	if (n == 1 && *s == '*')
		return 0;
	for (f->verb = 0; f->verb < NULL_VERBS; f->verb++)
		if (strlen(verbs[f->verb]) == n && strncmp(verbs[f->verb], s, n) == 0)
			return 0;
	return -1;
}

/* "3", "3+", "3-5" or "*". */
static int read_when(const char *s, size_t n, struct null_fault *f)
{
	char copy[64], *dash;

	if (n == 0 || n >= sizeof copy)
		return -1;
	memcpy(copy, s, n);
	copy[n] = '\0';
	f->first = 1;
	f->last = UINT64_MAX;
	if (strcmp(copy, "*") == 0)
		return 0;
	if (copy[n - 1] == '+') {
		copy[n - 1] = '\0';
		return null_parse_number(copy, &f->first);
	}
	dash = strchr(copy, '-');
	if (dash)
		*dash = '\0';
	if (null_parse_number(copy, &f->first) < 0)
		return -1;
	f->last = f->first;
	return dash ? null_parse_number(dash + 1, &f->last) : 0;
}

/* "5x50ms" */
static int read_pending(const char *s, struct null_fault *f)
{
	char copy[32];
	const char *x = strchr(s, 'x');
	uint64_t times;

	if (!x || (size_t)(x - s) >= sizeof copy)
		return -1;
	memcpy(copy, s, (size_t)(x - s));
	copy[x - s] = '\0';
	if (null_parse_number(copy, &times) < 0 || times > UINT32_MAX)
		return -1;
	f->times = (uint32_t)times;
	return null_parse_ms(x + 1, &f->ms);
}

static int read_what(const char *s, struct null_fault *f)
{
	size_t i, n;

	for (i = 0; i < sizeof whats / sizeof *whats; i++) {
		n = strlen(whats[i].word);
		if (whats[i].word[n - 1] == '=' ? strncmp(s, whats[i].word, n) != 0 : strcmp(s, whats[i].word) != 0)
			continue;
		f->what = whats[i].what;
		f->text = s + n;
		if (f->what == LATE || f->what == LATE_AFTER)
			return null_parse_ms(f->text, &f->ms);
		if (f->what == PENDING)
			return read_pending(f->text, f);
		if (f->what == REJECT)
			return *f->text && f->verb == NULL_ACCESS ? 0 : -1;
		return 0;
	}
	return -1;
}

static int read_fault(const char *s, struct null_fault *f)
{
	const char *one = strchr(s, ':'), *two = one ? strchr(one + 1, ':') : NULL;

	if (!two || read_verb(s, (size_t)(one - s), f) < 0)
		return -1;
	return read_when(one + 1, (size_t)(two - one - 1), f) < 0 ? -1 : read_what(two + 1, f);
}

int null_faults_read(struct null_be *be, const struct shr_call *call)
{
	const char *s;
	uint32_t n = 0;

	while (be->host->setting(call, NULL, "fault", n))
		n++;
	if (n == 0)
		return 0;
	be->faults = calloc(n, sizeof *be->faults);
	if (!be->faults)
		return be->host->fail(call, SHR_EAGAIN, "no memory");
	for (; be->n_faults < n; be->n_faults++) {
		s = be->host->setting(call, NULL, "fault", be->n_faults);
		if (read_fault(s, &be->faults[be->n_faults]) < 0)
			return shr_failf(be->host, call, SHR_EBACKEND, "setting fault: \"%s\" is not VERB:WHEN:WHAT "
				"(as \"create:3+:fail\"; libshare-null(7) has the words)", s);
	}
	return 0;
}

/* ---- playing ---- */

static int hits(const struct null_fault *f, const struct null_plan *plan)
{
	return (f->verb == plan->verb || f->verb == NULL_VERBS) && plan->nth >= f->first && plan->nth <= f->last;
}

static void sleep_ms(uint32_t ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) < 0)
		;
}

static int hang(const struct null_be *be, const struct shr_call *call)
{
	while (!be->release || access(be->release, F_OK) != 0) {
		if (be->host->cancelled(call))
			return be->host->fail(call, SHR_ECANCELLED, "fault: it hung until it was cancelled");
		sleep_ms(2);
	}
	return 0;
}

static int say(const struct null_be *be, const struct shr_call *call, const struct null_plan *plan, int code,
	const char *what)
{
	return shr_failf(be->host, call, code, "fault: %s call %llu %s", verbs[plan->verb],
		(unsigned long long)plan->nth, what);
}

static int play(struct null_be *be, const struct shr_call *call, const struct null_fault *f, struct null_plan *plan)
{
	switch (f->what) {
	case FAIL:
		return say(be, call, plan, SHR_EBACKEND, "fails");
	case AGAIN:
		return say(be, call, plan, SHR_EAGAIN, "fails for now");
	case UNREACHABLE:
		return say(be, call, plan, SHR_EUNREACHABLE, "does not reach the backend");
	case NOSPACE:
		return say(be, call, plan, SHR_ENOSPC, "finds no room");
	case KILL:
		kill(getpid(), SIGKILL);
		return 0;
	case HANG:
		return hang(be, call);
	case LATE:
		sleep_ms(f->ms);
		return 0;
	case PENDING:
		if (f->times == 0)
			return 0;
		return be->host->pending(call, &(struct countdown){ plan->nth, f->times - 1, f->ms }, sizeof(struct countdown),
			f->ms);
	default:
		if (f->what != REJECT)
			plan->after |= 1u << f->what;
		return 0;
	}
}

/* A call that comes again because it was pending is the same call: it is not counted, and only counts down. The rules that it
 * rejects are still rejected. */
static int count_down(struct null_be *be, const struct shr_call *call, struct null_plan *plan)
{
	struct countdown c;

	memcpy(&c, call->token, sizeof c);
	plan->nth = c.nth;
	if (c.left == 0)
		return 0;
	c.left--;
	return be->host->pending(call, &c, sizeof c, c.ms);
}

int null_begin(struct null_be *be, const struct shr_call *call, uint32_t verb, struct null_plan *ret_plan)
{
	uint32_t i;
	int code;

	memset(ret_plan, 0, sizeof *ret_plan);
	ret_plan->verb = verb;
	if (be->n_faults == 0)
		return 0;
	if (call->token && call->token_len == sizeof(struct countdown))
		return count_down(be, call, ret_plan);
	ret_plan->nth = __atomic_add_fetch(&be->calls[verb], 1, __ATOMIC_RELAXED);
	for (i = 0; i < be->n_faults; i++) {
		if (!hits(&be->faults[i], ret_plan))
			continue;
		code = play(be, call, &be->faults[i], ret_plan);
		if (code)
			return code;
	}
	return 0;
}

static void sleep_after(const struct null_be *be, const struct null_plan *plan)
{
	uint32_t i;

	for (i = 0; i < be->n_faults; i++)
		if (be->faults[i].what == LATE_AFTER && hits(&be->faults[i], plan))
			sleep_ms(be->faults[i].ms);
}

/* Their garbage is in what they tell. */
static const uint32_t tell_much = 1u << NULL_CREATE | 1u << NULL_MANAGE | 1u << NULL_ACCESS | 1u << NULL_SNAP_CREATE |
	1u << NULL_SNAP_MANAGE | 1u << NULL_CLONE | 1u << NULL_REVERT;

int null_end(struct null_be *be, const struct shr_call *call, const struct null_plan *plan, int code)
{
	if (plan->after & 1u << KILL_AFTER)
		kill(getpid(), SIGKILL);
	if (plan->after & 1u << LATE_AFTER)
		sleep_after(be, plan);
	if (code == 0 && plan->after & 1u << FAIL_AFTER)
		return say(be, call, plan, SHR_EBACKEND, "fails after it was done");
	if (code == 0 && null_garbage(plan) && !(tell_much & 1u << plan->verb))
		return 12345;
	return code;
}

int null_garbage(const struct null_plan *plan)
{
	return (plan->after & 1u << GARBAGE) != 0;
}

int null_rejects(const struct null_be *be, const struct null_plan *plan, const char *who)
{
	uint32_t i;

	for (i = 0; i < be->n_faults; i++)
		if (be->faults[i].what == REJECT && hits(&be->faults[i], plan) && strstr(who, be->faults[i].text))
			return 1;
	return 0;
}
