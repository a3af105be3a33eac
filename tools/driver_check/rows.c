/* tools/driver_check/rows.c - each row in a process of its own, so that a driver that dies or hangs loses that row alone */
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "kit.h"

static void __attribute__((format(printf, 3, 0))) end_row(struct kit *kit, enum kit_result how, const char *format, va_list args)
{
	vsnprintf(kit->why, sizeof kit->why, format, args);
	longjmp(kit->out, (int)how);
}

void kit_fail(struct kit *kit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_row(kit, KIT_FAILED, format, args);
	va_end(args);
	abort();
}

void kit_skip(struct kit *kit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_row(kit, KIT_SKIPPED, format, args);
	va_end(args);
	abort();
}

void kit_note(struct kit *kit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(kit->why, sizeof kit->why, format, args);
	va_end(args);
}

/*
 * In the row's process. A row that failed leaves all as it is: what the driver holds goes with the process. One that
 * passed closes the backend, and only then has passed.
 */
static void run_here(struct kit *kit, const struct kit_row *row)
{
	struct kit_shared *shared = kit->shared;
	int how;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	kit->why[0] = '\0';
	how = setjmp(kit->out);
	if (how == KIT_OK) {
		kit_open(kit);
		row->run(kit);
	}
	if (how != KIT_FAILED)
		kit_close(kit);
	shared->caps = kit->caps;
	shared->free_first = kit->free_first;
	shared->sources_are_paths = kit->sources_are_paths;
	memcpy(shared->why, kit->why, sizeof shared->why);
	shared->how = how;
	if (how == KIT_FAILED)
		_exit(0);
	kit_teardown(kit);
	exit(0);
}

/* The process has no end yet: 1 as long as calls begin or end within the patience. */
static int is_alive(struct kit *kit, int end)
{
	struct pollfd p = { .fd = end, .events = POLLIN };
	unsigned calls = atomic_load(&kit->shared->calls), now;
	int64_t since = shr__clock_mono_ns();

	while (poll(&p, 1, 50) == 0) {
		now = atomic_load(&kit->shared->calls);
		if (now != calls)
			since = shr__clock_mono_ns();
		else if (shr__clock_mono_ns() - since > kit->args.patience * INT64_C(1000000000))
			return 0;
		calls = now;
	}
	return 1;
}

static const char *doing(const struct kit *kit)
{
	const char *call = atomic_load(&kit->shared->doing);

	return call ? call : "no call";
}

static enum kit_result how_it_ended(struct kit *kit, int hung, int status)
{
	const struct kit_shared *shared = kit->shared;

	if (hung)
		kit_note(kit, "it hangs: %s did not come back within %d seconds", doing(kit), kit->args.patience);
	else if (WIFSIGNALED(status))
		kit_note(kit, "it died in %s: %s", doing(kit), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0 || shared->how < 0)
		kit_note(kit, "it ended the process in %s (exit status %d)", doing(kit), WEXITSTATUS(status));
	else
		memcpy(kit->why, shared->why, sizeof kit->why);
	if (hung || WIFSIGNALED(status) || WEXITSTATUS(status) != 0 || shared->how < 0)
		return KIT_FAILED;
	kit->caps = shared->caps;
	kit->free_first = shared->free_first;
	kit->sources_are_paths = shared->sources_are_paths;
	return (enum kit_result)shared->how;
}

static enum kit_result run_apart(struct kit *kit, const struct kit_row *row)
{
	int status = 0, hung, end;
	pid_t pid;

	kit->shared->how = -1;
	atomic_store(&kit->shared->doing, NULL);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0); /* with its own children, so that all of them can be ended */
		run_here(kit, row);
	}
	end = pid > 0 ? pidfd_open(pid, 0) : -1;
	if (end < 0) {
		kit_note(kit, "no process for it: %m");
		return KIT_FAILED;
	}
	setpgid(pid, pid);
	hung = !is_alive(kit, end);
	if (hung)
		kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(end);
	return how_it_ended(kit, hung, status);
}

enum kit_result kit_run_row(struct kit *kit, const struct kit_row *row)
{
	if (row->cap && !(kit->caps & row->cap)) {
		kit_note(kit, "the pool does not declare it");
		return KIT_SKIPPED;
	}
	return run_apart(kit, row);
}
