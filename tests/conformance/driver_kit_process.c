/* tests/conformance/driver_kit_process.c - threads, a second process, cancelled calls */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver_kit.h"

#define THREADS 4
#define ROUNDS 25

struct worker {
	struct kit kit; /* a copy: its way out of a check is its own */
	pthread_t thread;
	int failed;
};

static void work(struct worker *w)
{
	struct kit_share shares[4];
	struct kit_call call;
	int i, k;

	for (i = 0; i < ROUNDS; i++) {
		for (k = 0; k < 4; k++)
			kit_create(&w->kit, &shares[k], KIT_MIB);
		kit_pool_number(&w->kit, SHR_NUMBER_FREE);
		for (k = 0; k < 4; k++) {
			memset(&call, 0, sizeof call);
			call.verb = SHR__VERB_RESIZE;
			call.share = &shares[k];
			call.bytes = 2 * KIT_MIB;
			if (w->kit.caps & SHR_CAP_EXTEND)
				kit_must_make(&w->kit, &call, 0);
			kit_remove(&w->kit, &shares[k]);
		}
	}
}

static void *run_worker(void *data)
{
	struct worker *w = data;

	if (setjmp(w->kit.out) == 0)
		work(w);
	else
		w->failed = 1;
	return NULL;
}

static void many_threads_at_once(struct kit *kit)
{
	struct worker *workers = calloc(THREADS, sizeof *workers);
	int i, failed = -1;

	for (i = 0; i < THREADS; i++) {
		workers[i].kit = *kit;
		if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) != 0)
			kit_fail(kit, "no thread");
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].failed)
			failed = i;
	}
	if (failed >= 0)
		snprintf(kit->why, sizeof kit->why, "%s", workers[failed].kit.why);
	free(workers);
	if (failed >= 0) {
		char why[sizeof kit->why];

		memcpy(why, kit->why, sizeof why);
		kit_fail(kit, "%s", why);
	}
}

/* What a second process gets when it opens the backend: its words through a pipe. */
static int open_elsewhere(struct kit *kit, char *why, size_t room)
{
	int ends[2], status, code;
	struct shr__backend *b = NULL;
	ssize_t n;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		kit_fail(kit, "no second process");
	if (pid == 0) {
		code = kit_try_open(kit, &b, why, room);
		if (code == 0)
			shr__backend_close(b);
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

static void second_process_is_kept_out(struct kit *kit)
{
	char why[1024] = "", me[32];
	int how;

	if (kit->driver->fencing != SHR_FENCING_HOST_LOCK)
		kit_skip(kit, "it declares no host lock");
	how = open_elsewhere(kit, why, sizeof why);
	if (how != 1)
		kit_fail(kit, "a second process got %s", how == 0 ? "in" : why);
	snprintf(me, sizeof me, "%ld", (long)getpid());
	if (!strstr(why, me))
		kit_fail(kit, "the holder, %s, is not named: %s", me, why);
	kit_close(kit);
	how = open_elsewhere(kit, why, sizeof why);
	kit_open(kit);
	if (how != 0)
		kit_fail(kit, "after close the lock was still held: %s", why);
}

static int always(void *data)
{
	(void)data;
	return 1;
}

static void cancelled(struct kit *kit, enum shr__verb verb, struct kit_share *share, uint64_t bytes)
{
	struct kit_call call = { .verb = verb, .share = share, .bytes = bytes, .cancelled = always };
	int code = kit_make(kit, &call);

	if (code != 0 && code != SHR_ECANCELLED)
		kit_fail(kit, "%s: %s: %s", shr__verb_name(verb), shr_strcode(code), call.message);
	call.cancelled = NULL;
	kit_must_make(kit, &call, 0);
}

static void cancelled_calls_can_be_made_again(struct kit *kit)
{
	struct kit_share share;

	kit_share_init(kit, &share, 4 * KIT_MIB);
	cancelled(kit, SHR__VERB_CREATE, &share, 0);
	cancelled(kit, SHR__VERB_EXPORT, &share, 0);
	kit_make_tree(&share);
	if (kit->driver->usage)
		cancelled(kit, SHR__VERB_USAGE, &share, 0);
	if (kit->caps & SHR_CAP_EXTEND)
		cancelled(kit, SHR__VERB_RESIZE, &share, 8 * KIT_MIB);
	cancelled(kit, SHR__VERB_UNEXPORT, &share, 0);
	cancelled(kit, SHR__VERB_REMOVE, &share, 0);
	if (kit_has_files(&share))
		kit_fail(kit, "%s is still there", share.path);
}

static void cancel_of_nothing_is_fine(struct kit *kit)
{
	struct kit_share share;

	if (!kit->driver->cancel)
		kit_skip(kit, "it has no cancel");
	kit_share_init(kit, &share, KIT_MIB);
	kit_must(kit, SHR__VERB_CANCEL, &share, 0, 0);
	kit_must(kit, SHR__VERB_REMOVE, &share, 0, 0);
}

const struct kit_check kit_process_checks[] = {
	{ "threads: four at once, as many as it declares", many_threads_at_once },
	{ "host lock: a second process is kept out, by name", second_process_is_kept_out },
	{ "cancelled: each call, then made again", cancelled_calls_can_be_made_again },
	{ "cancel: of nothing", cancel_of_nothing_is_fine },
	{ NULL, NULL },
};
