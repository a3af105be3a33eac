/* tests/real/samba_env.c - an smbd of one's own with users of one's own, and clients of it */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "samba_env.h"

static const char server_conf[] =
	"[global]\n\tworkgroup = TEST\n\tnetbios name = TESTSRV\n\tserver role = standalone server\n"
	"\tpassdb backend = tdbsam:%s/private/passdb.tdb\n\tinterfaces = lo\n\tbind interfaces only = yes\n\tsmb ports = %d\n"
	"\tdisable netbios = yes\n\tmap to guest = never\n\tload printers = no\n\tprintcap name = /dev/null\n\tdisable spoolss = yes\n"
	"\tprivate dir = %s/private\n\tlock directory = %s/lock\n\tstate directory = %s/var\n\tcache directory = %s/cache\n"
	"\tpid directory = %s/pid\n\tncalrpc dir = %s/ncalrpc\n\tlog file = %s/log/%%m\n\tlog level = 1\n\tregistry shares = yes\n%s";

const char *samba_env_missing(void)
{
	if (geteuid() != 0)
		return "not root";
	if (!env_on_path("smbd") || !env_on_path("smbclient") || !env_on_path("net") || !env_on_path("smbcontrol"))
		return "Samba or smbclient is not installed";
	if (env_namespaces() < 0)
		return "no namespaces of one's own";
	return NULL;
}

int samba_env_config(const struct samba_env *env, const char *more)
{
	const char *d = env->dir;

	return env_write(d, "smb.conf", server_conf, d, SAMBA_PORT, d, d, d, d, d, d, d, more);
}

/* The system's users are this test's, in its namespace alone. */
static int add_users(const struct samba_env *env)
{
	static const char *const users[] = { "alice", "bob", "carol", "john smith" };
	char from[SAMBA_ROOM + 16], command[600];
	size_t i;

	if (env_write(env->dir, "passwd", "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"
		"alice:x:30001:30000::/nonexistent:/usr/sbin/nologin\nbob:x:30002:30000::/nonexistent:/usr/sbin/nologin\n"
		"carol:x:30003:30000::/nonexistent:/usr/sbin/nologin\njohn smith:x:30004:30000::/nonexistent:/usr/sbin/nologin\n") < 0 ||
	    env_write(env->dir, "group", "root:x:0:\nnogroup:x:65534:\nsharers:x:30000:\n") < 0)
		return -1;
	snprintf(from, sizeof from, "%s/passwd", env->dir);
	if (mount(from, "/etc/passwd", NULL, MS_BIND, NULL) < 0)
		return -1;
	snprintf(from, sizeof from, "%s/group", env->dir);
	if (mount(from, "/etc/group", NULL, MS_BIND, NULL) < 0)
		return -1;
	for (i = 0; i < sizeof users / sizeof *users; i++) {
		snprintf(command, sizeof command, "printf 'secret\\nsecret\\n' | smbpasswd -c '%s' -s -a '%s' >>%s/users.log 2>&1", env->config,
			users[i], env->dir);
		if (system(command) != 0)
			return -1;
	}
	return 0;
}

int samba_env_start(struct samba_env *env)
{
	char program[] = "smbd", d[] = "--daemon", f[] = "--foreground", g[] = "--no-process-group", config[SAMBA_ROOM + 32];
	char *argv[] = { program, d, f, g, config, NULL };
	int i;

	snprintf(config, sizeof config, "--configfile=%s", env->config);
	env->server_pid = env_run(env->dir, "smbd.log", argv);
	for (i = 0; i < 500 && !env_port_open(SAMBA_PORT); i++) {
		if (waitpid(env->server_pid, NULL, WNOHANG) != 0) {
			env->server_pid = 0;
			return -1;
		}
		env_nap(20);
	}
	return i < 500 ? 0 : -1;
}

int samba_env_up(struct samba_env *env)
{
	static const char *const dirs[] = { "private", "lock", "var", "cache", "pid", "ncalrpc", "log" };
	const char *tmp = getenv("TMPDIR");
	char path[SAMBA_ROOM + 32];
	size_t i;

	memset(env, 0, sizeof *env);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	snprintf(env->dir, sizeof env->dir, "%.80s/libshare-samba.XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	if (!mkdtemp(env->dir) || chmod(env->dir, 0755) < 0)
		return -1;
	snprintf(env->state, sizeof env->state, "%s/state", env->dir);
	snprintf(env->files, sizeof env->files, "%s/files", env->dir);
	snprintf(env->config, sizeof env->config, "%s/smb.conf", env->dir);
	for (i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		snprintf(path, sizeof path, "%s/%s", env->dir, dirs[i]);
		if (mkdir(path, i == 0 ? 0700 : 0755) < 0)
			return -1;
	}
	if (mkdir(env->state, 0755) < 0 || mkdir(env->files, 0755) < 0 || env_network_up() < 0 || samba_env_config(env, "") < 0 ||
	    add_users(env) < 0 || samba_env_start(env) < 0) {
		fprintf(stderr, "smbd does not come up: see %s: %s\n", env->dir, strerror(errno));
		return -1;
	}
	return 0;
}

/* smbd's other processes end when the first one does. */
void samba_env_down(struct samba_env *env)
{
	env_end(&env->server_pid, SIGTERM);
	umount2("/etc/passwd", MNT_DETACH);
	umount2("/etc/group", MNT_DETACH);
	if (*env->dir)
		env_drop(env->dir);
}

/* ---- clients ---- */

#define END "=end-of-answer="

/* Read until the mark, or the client's end. 1: the mark came. */
static int answer(struct smb_client *c)
{
	struct pollfd p = { c->from, POLLIN, 0 };
	ssize_t got;
	char *end;

	c->n = 0;
	c->said[0] = '\0';
	while ((end = strstr(c->said, END "\n")) == NULL) {
		if (c->n + 1 == sizeof c->said || poll(&p, 1, 30000) <= 0)
			return 0;
		got = read(c->from, c->said + c->n, sizeof c->said - 1 - c->n);
		if (got <= 0)
			return 0;
		c->n += (size_t)got;
		c->said[c->n] = '\0';
	}
	*end = '\0';
	return 1;
}

static void run_client(const struct samba_env *env, const char *user, const char *server, const char *share)
{
	char who[64], what[300], port[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(who, sizeof who, "%s%%secret", user);
	snprintf(what, sizeof what, "//%s/%s", server, share);
	snprintf(port, sizeof port, "%d", SAMBA_PORT);
	execlp("stdbuf", "stdbuf", "-oL", "smbclient", "--configfile", env->config, "--port", port, "--user", who, what, (char *)NULL);
	_exit(127);
}

int smb_client_start(struct smb_client *c, const struct samba_env *env, const char *user, const char *server, const char *share)
{
	int to[2], from[2];

	memset(c, 0, sizeof *c);
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0 || (c->pid = fork()) < 0)
		return -1;
	if (c->pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		dup2(from[1], 2);
		run_client(env, user, server, share);
	}
	close(to[0]);
	close(from[1]);
	c->to = to[1];
	c->from = from[0];
	if (smb_client_ask(c, "pwd") == 1)
		return 0;
	smb_client_end(c);
	return -1;
}

/* It waits for input that it has not read yet: of two lines that it gets at once it would not see the second. */
static int send_line(struct smb_client *c, const char *line)
{
	siginfo_t ended = { 0 };
	int left = 1, i;

	if (dprintf(c->to, "%s\n", line) < 0)
		return -1;
	for (i = 0; i < 20000 && left > 0; i++) {
		if (ioctl(c->to, FIONREAD, &left) < 0 || waitid(P_PID, (id_t)c->pid, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 || ended.si_pid)
			return -1;
		if (left > 0)
			env_nap(1);
	}
	return left > 0 ? -1 : 0;
}

int smb_client_ask(struct smb_client *c, const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	if (send_line(c, command) < 0 || send_line(c, "!echo " END) < 0) {
		answer(c); /* its last words */
		return -1;
	}
	if (!answer(c))
		return -1;
	return strstr(c->said, "NT_STATUS_") == NULL;
}

void smb_client_end(struct smb_client *c)
{
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		close(c->to);
		close(c->from);
	}
	c->pid = 0;
}
