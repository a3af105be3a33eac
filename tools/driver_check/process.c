/* tools/driver_check/process.c - threads, a second process, cancelled calls */
#include <dirent.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kit.h"

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
	int i, k, had_files = 0;

	for (i = 0; i < ROUNDS; i++) {
		for (k = 0; k < 4; k++) {
			kit_create(&w->kit, &shares[k], KIT_MIB);
			had_files = kit_has_files(&shares[k]);
			if (had_files)
				kit_write_file(&shares[k], shares[k].id, 100);
		}
		kit_pool_number(&w->kit, SHR_NUMBER_FREE);
		for (k = 0; k < 4; k++) {
			memset(&call, 0, sizeof call);
			call.verb = SHR__VERB_RESIZE;
			call.share = &shares[k];
			call.bytes = 2 * KIT_MIB;
			if (w->kit.caps & SHR_CAP_EXTEND)
				kit_must_make(&w->kit, &call, 0);
			if (had_files && !kit_file_is(&shares[k], shares[k].id, 100))
				kit_fail(&w->kit, "its file is not where it was written: %s", shares[k].path);
			kit_remove(&w->kit, &shares[k]);
			if (kit_has_files(&shares[k]))
				kit_fail(&w->kit, "removed, but %s is still there", shares[k].path);
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

/* ---- what a driver leaves alone: it is a guest ---- */

struct house {
	char dir[1024];
	mode_t mask;
	struct sigaction signals[65];
	sigset_t blocked;
	char locale[256];
};

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static void look_around(struct house *h)
{
	int i;

	memset(h, 0, sizeof *h);
	if (!getcwd(h->dir, sizeof h->dir))
		h->dir[0] = '\0';
	h->mask = umask(0);
	umask(h->mask);
	for (i = 1; i < 65; i++)
		sigaction(i, NULL, &h->signals[i]);
	pthread_sigmask(SIG_BLOCK, NULL, &h->blocked);
	snprintf(h->locale, sizeof h->locale, "%s", setlocale(LC_ALL, NULL));
}

static void must_be_as_before(struct kit *kit, const struct house *before)
{
	struct house now;
	int i;

	look_around(&now);
	if (strcmp(now.dir, before->dir) != 0)
		kit_fail(kit, "the working directory is %s now", now.dir);
	if (now.mask != before->mask)
		kit_fail(kit, "the umask is %03o now, and was %03o", (unsigned)now.mask, (unsigned)before->mask);
	if (strcmp(now.locale, before->locale) != 0)
		kit_fail(kit, "the locale is %s now", now.locale);
	if (memcmp(&now.blocked, &before->blocked, sizeof now.blocked) != 0)
		kit_fail(kit, "other signals are blocked now");
	for (i = 1; i < 65; i++)
		if (now.signals[i].sa_handler != before->signals[i].sa_handler)
			kit_fail(kit, "it handles signal %d (%s) now", i, strsignal(i));
}

static void process_is_left_alone(struct kit *kit)
{
	struct kit_share share;
	struct house before;
	unsigned files = 0, i;

	kit_close(kit);
	look_around(&before);
	kit_open(kit);
	for (i = 0; i < 12; i++) {
		if (i == 2) /* what it opens once and keeps is open by now */
			files = open_files();
		kit_create(kit, &share, KIT_MIB);
		if (kit->driver->look)
			kit_must(kit, SHR__VERB_LOOK, &share, 0, 0);
		kit_remove(kit, &share);
	}
	must_be_as_before(kit, &before);
	if (open_files() > files)
		kit_fail(kit, "ten shares came and went, and %u files more are open", open_files() - files);
}

/* ---- calls that are to stop ---- */

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

static void running_call_is_given_up(struct kit *kit)
{
	struct kit_share share;
	struct kit_call call = { .verb = SHR__VERB_CREATE, .share = &share, .at_running = KIT_STOP };
	struct kit_call cancel = { .verb = SHR__VERB_CANCEL, .share = &share, .step = "create" };

	if (!kit->driver->cancel)
		kit_skip(kit, "it has no cancel");
	kit_share_init(kit, &share, KIT_MIB);
	if (kit_make(kit, &call) != SHR_RUNNING) {
		kit_must(kit, SHR__VERB_REMOVE, &share, 0, 0);
		kit_skip(kit, "create answered at once");
	}
	memcpy(cancel.op_id, call.op_id, sizeof cancel.op_id);
	kit_must_make(kit, &cancel, 0);
	kit_must_make(kit, &cancel, 0);
	kit_must(kit, SHR__VERB_REMOVE, &share, 0, 0);
	kit_must(kit, SHR__VERB_CREATE, &share, 0, 0);
	kit_must(kit, SHR__VERB_REMOVE, &share, 0, 0);
}

const struct kit_row kit_process_rows[] = {
	{ "threads: four at once, as many as it declares", many_threads_at_once, KIT_CONTRACT, 0 },
	{ "process: what is not the driver's is left alone", process_is_left_alone, KIT_CONTRACT, 0 },
	{ "host lock: a second process is kept out, by name", second_process_is_kept_out, KIT_CONTRACT, 0 },
	{ "cancelled: each call, then made again", cancelled_calls_can_be_made_again, KIT_CONTRACT, 0 },
	{ "cancel: of nothing", cancel_of_nothing_is_fine, KIT_CONTRACT, 0 },
	{ "cancel: of a call that is running", running_call_is_given_up, KIT_CONTRACT, 0 },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};
