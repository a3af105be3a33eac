/* tests/real/ganesha_env.c - a D-Bus and an NFS-Ganesha of one's own, and clients of it */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>
#include "ganesha_env.h"

static const char bus_conf[] =
	"<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\"\n"
	" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
	"<busconfig><type>system</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>\n"
	"<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/><allow send_destination=\"*\"/>"
	"<allow receive_sender=\"*\"/></policy></busconfig>\n";
static const char server_conf[] =
	"NFS_CORE_PARAM { NFS_Port = %d; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false;\n"
	"  fsid_device = true; }\n"
	"NFSv4 { Graceless = %s; Grace_Period = %d; Lease_Lifetime = %d; RecoveryRoot = \"%s/recov\"; RecoveryBackend = fs;\n"
	"  Only_Numeric_Owners = true; Allow_Numeric_Owners = true; }\n"
	"NFS_KRB5 { Active_krb5 = false; }\n"
	"EXPORT_DEFAULTS { Access_Type = NONE; Protocols = 4; Transports = TCP; SecType = sys; }\n";

const char *ganesha_env_missing(void)
{
	if (geteuid() != 0)
		return "not root";
	if (!env_on_path("ganesha.nfsd") || !env_on_path("dbus-daemon"))
		return "NFS-Ganesha or dbus-daemon is not installed";
	if (env_namespaces() < 0)
		return "no namespaces of one's own";
	return NULL;
}

/* The bus is told to these alone. */
static pid_t on_bus(const struct ganesha_env *env, const char *log, char *const argv[])
{
	pid_t pid;

	setenv("DBUS_SYSTEM_BUS_ADDRESS", env->bus, 1);
	pid = env_run(env->dir, log, argv);
	unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
	return pid;
}

int ganesha_env_start_bus(struct ganesha_env *env)
{
	char conf[ENV_ROOM + 64], sock[ENV_ROOM + 32];
	char program[] = "dbus-daemon", nofork[] = "--nofork", nopid[] = "--nopidfile";
	char *argv[] = { program, conf, nofork, nopid, NULL };
	int i;

	snprintf(conf, sizeof conf, "--config-file=%s/bus.conf", env->dir);
	snprintf(sock, sizeof sock, "%s/bus", env->dir);
	unlink(sock);
	env->bus_pid = on_bus(env, "bus.log", argv);
	for (i = 0; i < 500 && access(sock, F_OK) < 0; i++)
		env_nap(20);
	return i < 500 ? 0 : -1;
}

int ganesha_env_start_server(struct ganesha_env *env)
{
	char conf[ENV_ROOM + 32], log[ENV_ROOM + 32], pid[ENV_ROOM + 32];
	char program[] = "ganesha.nfsd", f[] = "-F", c[] = "-f", l[] = "-L", p[] = "-p";
	char *argv[] = { program, f, c, conf, l, log, p, pid, NULL };
	int i;

	snprintf(conf, sizeof conf, "%s/ganesha.conf", env->dir);
	snprintf(log, sizeof log, "%s/ganesha.log", env->dir);
	snprintf(pid, sizeof pid, "%s/ganesha.pid", env->dir);
	env->server_pid = on_bus(env, "server.log", argv);
	for (i = 0; i < 500 && !env_port_open(env->port); i++) {
		if (waitpid(env->server_pid, NULL, WNOHANG) != 0) {
			env->server_pid = 0;
			return -1;
		}
		env_nap(20);
	}
	return i < 500 ? 0 : -1;
}

int ganesha_env_grace(const struct ganesha_env *env, int seconds)
{
	return env_write(env->dir, "ganesha.conf", server_conf, env->port, seconds ? "false" : "true", seconds ? seconds : 90,
		seconds ? seconds : 10, env->dir);
}

int ganesha_env_up(struct ganesha_env *env, int port)
{
	const char *tmp = getenv("TMPDIR");
	char path[ENV_ROOM + 32];

	memset(env, 0, sizeof *env);
	env->port = port;
	signal(SIGPIPE, SIG_IGN);
	snprintf(env->dir, sizeof env->dir, "%.80s/libshare-ganesha.XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	if (!mkdtemp(env->dir))
		return -1;
	snprintf(env->state, sizeof env->state, "%s/state", env->dir);
	snprintf(env->files, sizeof env->files, "%s/files", env->dir);
	snprintf(env->bus, sizeof env->bus, "unix:path=%s/bus", env->dir);
	snprintf(path, sizeof path, "%s/recov", env->dir);
	if (mkdir(env->state, 0700) < 0 || mkdir(env->files, 0755) < 0 || mkdir(path, 0700) < 0 || (port == 2049 && env_network_up() < 0) ||
	    env_write(env->dir, "bus.conf", bus_conf, env->dir) < 0 ||
	    ganesha_env_grace(env, 0) < 0 ||
	    ganesha_env_start_bus(env) < 0 || ganesha_env_start_server(env) < 0) {
		fprintf(stderr, "the servers do not come up: see %s: %s\n", env->dir, strerror(errno));
		return -1;
	}
	return 0;
}

void ganesha_env_down(struct ganesha_env *env)
{
	env_end(&env->server_pid, SIGKILL);
	env_end(&env->bus_pid, SIGKILL);
	if (*env->dir)
		env_drop(env->dir);
}

/* ---- clients ---- */

int nfs_client_start_as(struct nfs_client *c, const char *program, const char *source, const char *server, const char *export,
	const char *name, char *line, size_t room)
{
	int to[2], from[2];

	memset(c, 0, sizeof *c);
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0 || (c->pid = fork()) < 0)
		return -1;
	if (c->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl(program, program, source, server, export, name, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	c->to = to[1];
	c->from = from[0];
	if (nfs_client_line(c, line, room, 30000) == 1 && strncmp(line, "ok", 2) == 0)
		return 0;
	nfs_client_end(c);
	return -1;
}

int nfs_client_start(struct nfs_client *c, const char *program, const char *source, const char *server, const char *export, char *line,
	size_t room)
{
	return nfs_client_start_as(c, program, source, server, export, NULL, line, room);
}

void nfs_client_send(struct nfs_client *c, const char *line)
{
	if (write(c->to, line, strlen(line)) < 0 || write(c->to, "\n", 1) < 0)
		return; /* it has ended, and gives no answer */
}

int nfs_client_line(struct nfs_client *c, char *line, size_t room, int timeout_ms)
{
	struct pollfd p = { c->from, POLLIN, 0 };
	ssize_t got;
	char *end;
	size_t n;

	while ((end = memchr(c->buffer, '\n', c->n)) == NULL) {
		if (c->n == sizeof c->buffer)
			c->n = 0;
		if (poll(&p, 1, timeout_ms) == 0)
			return 0;
		got = read(c->from, c->buffer + c->n, sizeof c->buffer - c->n);
		if (got <= 0)
			return -1;
		c->n += (size_t)got;
	}
	n = (size_t)(end - c->buffer);
	snprintf(line, room, "%.*s", (int)n, c->buffer);
	c->n -= n + 1;
	memmove(c->buffer, end + 1, c->n);
	return 1;
}

int nfs_client_ask(struct nfs_client *c, char *line, size_t room, const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	nfs_client_send(c, command);
	if (nfs_client_line(c, line, room, 30000) != 1)
		return -1;
	return strncmp(line, "ok", 2) == 0;
}

void nfs_client_end(struct nfs_client *c)
{
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		close(c->to);
		close(c->from);
	}
	c->pid = 0;
}
