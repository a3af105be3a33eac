/* tests/real/samba.c - the samba exporter with a real smbd and real clients: samba kit|clients|library|hold PLUGIN SCRIPT */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "samba.h"

struct samba_env env;
const char *smb_script;

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
	xkit_book_add(kit, &s->book, who + 3, SHR_ACCESS_USER, who[1] == 'w' ? SHR_LEVEL_RW : SHR_LEVEL_RO, SHR_SQUASH_DEFAULT, 0);
}

void shared_new(struct xkit *kit, struct shared *s, const char *const *who)
{
	memset(s, 0, sizeof *s);
	xkit_share_new(kit, &s->share);
	if (chmod(s->share.path, 0777) < 0)
		xkit_fail(kit, "%s: %s", s->share.path, strerror(errno));
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

void must_connect(struct xkit *kit, struct smb_client *c, const struct shared *s, const char *user)
{
	if (smb_client_start(c, &env, user, "127.0.0.1", s->share.share_id) < 0)
		xkit_fail(kit, "%s cannot connect: %.500s", user, c->said);
}

void must_answer(struct xkit *kit, struct smb_client *c, int ok, const char *text, const char *command)
{
	int how = smb_client_ask(c, "%s", command);

	if (how == ok && (!text || strstr(c->said, text)))
		return;
	smb_client_end(c);
	xkit_fail(kit, "%s: %s%.500s", command, how < 0 ? "no answer: " : "", c->said);
}

char what_can(const char *share, const char *user)
{
	struct smb_client c;
	char what = '?';

	if (smb_client_start(&c, &env, user, "127.0.0.1", share) < 0)
		return strstr(c.said, "tree connect failed: NT_STATUS_ACCESS_DENIED") ||
			strstr(c.said, "tree connect failed: NT_STATUS_BAD_NETWORK_NAME") ? '-' : '?';
	if (smb_client_ask(&c, "put %s file-%d", env.config, (int)c.pid) == 1)
		what = 'w';
	else if (strstr(c.said, "NT_STATUS_ACCESS_DENIED") && smb_client_ask(&c, "ls") == 1)
		what = 'r';
	smb_client_end(&c);
	return what;
}

void can(struct xkit *kit, const struct shared *s, const char *user, char what)
{
	char got = what_can(s->share.share_id, user);

	if (got != what)
		xkit_fail(kit, "%s can '%c' in place of '%c'", user, got, what);
}

/* ---- main ---- */

static void stop(int signal)
{
	(void)signal;
	_exit(98); /* smbd, the mounts and the clients end with this process */
}

int main(int argc, char **argv)
{
	static struct xkit kit;
	char directory[300], config[300], why[XKIT_WORDS];
	const char *missing, *set[] = { directory, config, "address=127.0.0.1", "address=::1" };

	if (argc != 4)
		return 2;
	smb_script = argv[3];
	setvbuf(stdout, NULL, _IOLBF, 0);
	missing = samba_env_missing();
	if (missing) {
		printf("1..0 # SKIP %s\n", missing);
		return 0;
	}
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	if (samba_env_up(&env) < 0)
		return 99;
	snprintf(directory, sizeof directory, "directory=%s", env.state);
	snprintf(config, sizeof config, "config=%s", env.config);
	kit.args = (struct xkit_args){ .plugin = argv[2], .root = env.files, .set = set, .n_set = 4, .number = 100, .kills = 8 };
	kit.tap = 1;
	if (xkit_load(&kit, why, sizeof why) < 0) {
		fprintf(stderr, "%s\n", why);
		samba_env_down(&env);
		return 99;
	}
	if (strcmp(argv[1], "kit") == 0) {
		xkit_run(&kit, xkit_life_checks);
		xkit_run(&kit, xkit_access_checks);
		xkit_run(&kit, xkit_process_checks);
	} else if (strcmp(argv[1], "library") == 0) {
		xkit_run(&kit, samba_library_checks);
	} else if (strcmp(argv[1], "hold") == 0) {
		xkit_run(&kit, samba_hold_checks);
	} else {
		xkit_run(&kit, samba_access_checks);
		xkit_run(&kit, samba_server_checks);
	}
	xkit_close(&kit);
	printf("1..%d\n", kit.n_passed + kit.n_failed + kit.n_skipped);
	if (kit.n_failed)
		shell("tail -n 20 %s/log/* %s/smbd.log >&2", env.dir, env.dir);
	samba_env_down(&env);
	return kit.n_failed ? 1 : 0;
}
