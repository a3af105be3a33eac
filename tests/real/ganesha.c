/* tests/real/ganesha.c - the ganesha exporter with a real server and real clients: ganesha kit|clients|library|locks|btrfs PLUGIN CLIENT LOCKS */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "ganesha.h"

struct ganesha_env env;
const char *client_program, *locks_program;

void nap(int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

int shell(const char *format, ...)
{
	char command[1024];
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* ---- shares ---- */

void shared_add_rule(struct xkit *kit, struct shared *s, const char *who)
{
	char address[64] = "";
	int priority = 0;

	if (sscanf(who + 3, "%63s %d", address, &priority) < 1)
		xkit_fail(kit, "\"%s\"", who);
	xkit_book_add(kit, &s->book, address, SHR_ACCESS_IP, who[1] == 'w' ? SHR_LEVEL_RW : SHR_LEVEL_RO, SHR_SQUASH_NONE, priority);
}

void shared_new(struct xkit *kit, struct shared *s, const char *const *who)
{
	shared_new_of(kit, s, 0, who);
}

void shared_new_of(struct xkit *kit, struct shared *s, uint64_t protocols, const char *const *who)
{
	memset(s, 0, sizeof *s);
	xkit_share_new(kit, &s->share);
	s->share.protocols = protocols;
	if (chmod(s->share.path, 0777) < 0)
		xkit_fail(kit, "%s: %s", s->share.path, strerror(errno));
	snprintf(s->export, sizeof s->export, "/%s", s->share.share_id);
	xkit_must(kit, XKIT_ADD, &s->share, 0);
	for (; *who; who++)
		shared_add_rule(kit, s, *who);
	xkit_book_must(kit, &s->share, &s->book, 0, 0);
}

void shared_end(struct xkit *kit, struct shared *s)
{
	shell("rm -f %s/[a-jl-z]*", s->share.path);
	xkit_share_end(kit, &s->share);
	xkit_book_clear(&s->book);
}

/* ---- clients ---- */

void must_mount(struct xkit *kit, struct nfs_client *c, const struct shared *s, const char *source, const char *server)
{
	char line[LINE] = "";

	if (nfs_client_start(c, client_program, source, server, s->export, line, sizeof line) < 0)
		xkit_fail(kit, "%s cannot mount: %s", source, line);
}

void must_not_mount(struct xkit *kit, const struct shared *s, const char *source, const char *server)
{
	struct nfs_client c;
	char line[LINE] = "";

	if (nfs_client_start(&c, client_program, source, server, s->export, line, sizeof line) == 0) {
		nfs_client_end(&c);
		xkit_fail(kit, "%s can mount", source);
	}
	if (strncmp(line, "failed", 6) != 0)
		xkit_fail(kit, "%s: the client said nothing of its mount", source);
}

void must_answer(struct xkit *kit, struct nfs_client *c, int ok, const char *text, const char *command)
{
	char line[LINE] = "";
	int how = nfs_client_ask(c, line, sizeof line, "%s", command);

	if (how == ok && (!text || strstr(line, text)))
		return;
	nfs_client_end(c);
	xkit_fail(kit, "%s: %s", command, how < 0 ? "no answer" : line);
}

char what_can(struct xkit *kit, const struct shared *s, const char *source, const char *server)
{
	struct nfs_client c;
	char line[LINE] = "", can;

	if (nfs_client_start(&c, client_program, source, server, s->export, line, sizeof line) < 0)
		return strncmp(line, "failed", 6) == 0 ? '-' : '?';
	(void)kit;
	can = nfs_client_ask(&c, line, sizeof line, "put file-%d text", (int)c.pid) == 1 ? 'w' :
		nfs_client_ask(&c, line, sizeof line, "get kit") == 1 ? 'r' : '?';
	nfs_client_end(&c);
	return can;
}

/* ---- main ---- */

static void stop(int signal)
{
	(void)signal;
	_exit(98); /* the servers, the mounts and the clients end with this process */
}

int main(int argc, char **argv)
{
	static struct xkit kit;
	char directory[300], bus[300], why[XKIT_WORDS];
	const char *missing, *set[] = { directory, "address=127.0.0.1", "address=::1", bus };

	if (argc != 5)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	missing = ganesha_env_missing();
	if (missing) {
		printf("1..0 # SKIP %s\n", missing);
		return 0;
	}
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	client_program = realpath(argv[3], NULL); /* for good: also where somebody stands elsewhere */
	locks_program = realpath(argv[4], NULL);
	if (ganesha_env_up(&env, 2049) < 0)
		return 99;
	snprintf(directory, sizeof directory, "directory=%s", env.state);
	snprintf(bus, sizeof bus, "bus=%s", env.bus);
	kit.args = (struct xkit_args){ .plugin = argv[2], .root = env.files, .set = set, .n_set = 4, .number = 100, .kills = 12 };
	kit.tap = 1;
	if (xkit_load(&kit, why, sizeof why) < 0) {
		fprintf(stderr, "%s\n", why);
		ganesha_env_down(&env);
		return 99;
	}
	if (strcmp(argv[1], "kit") == 0) {
		xkit_run(&kit, xkit_life_checks);
		xkit_run(&kit, xkit_access_checks);
		xkit_run(&kit, xkit_process_checks);
	} else if (strcmp(argv[1], "library") == 0) {
		xkit_run(&kit, ganesha_library_checks);
	} else if (strcmp(argv[1], "locks") == 0) {
		xkit_run(&kit, ganesha_locks_checks);
	} else if (strcmp(argv[1], "snapshots") == 0) {
		xkit_run(&kit, ganesha_snapshots_checks);
	} else if (strcmp(argv[1], "btrfs") == 0) {
		xkit_run(&kit, ganesha_btrfs_checks);
	} else {
		xkit_run(&kit, ganesha_access_checks);
		xkit_run(&kit, ganesha_hold_checks);
		xkit_run(&kit, ganesha_server_checks);
		xkit_run(&kit, ganesha_row_checks);
	}
	xkit_close(&kit);
	printf("1..%d\n", kit.n_passed + kit.n_failed + kit.n_skipped);
	free((void *)(uintptr_t)client_program);
	free((void *)(uintptr_t)locks_program);
	if (kit.n_failed)
		shell("tail -n 40 %s/ganesha.log >&2", env.dir);
	ganesha_env_down(&env);
	return kit.n_failed ? 1 : 0;
}
