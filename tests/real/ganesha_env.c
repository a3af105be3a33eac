/* tests/real/ganesha_env.c - a D-Bus and an NFS-Ganesha of one's own, and clients of it */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
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
	"NFSv4 { Graceless = true; Lease_Lifetime = 10; RecoveryRoot = \"%s/recov\"; RecoveryBackend = fs;\n"
	"  Only_Numeric_Owners = true; Allow_Numeric_Owners = true; }\n"
	"NFS_KRB5 { Active_krb5 = false; }\n"
	"EXPORT_DEFAULTS { Access_Type = NONE; Protocols = 4; Transports = TCP; SecType = sys; }\n";

static int on_path(const char *program)
{
	static const char *const places[] = { "/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin" };
	char path[256];
	size_t i;

	for (i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(path, sizeof path, "%s/%s", places[i], program);
		if (access(path, X_OK) == 0)
			return 1;
	}
	return 0;
}

const char *ganesha_env_missing(void)
{
	if (geteuid() != 0)
		return "not root";
	if (!on_path("ganesha.nfsd") || !on_path("dbus-daemon"))
		return "NFS-Ganesha or dbus-daemon is not installed";
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "no namespaces of one's own";
	return NULL;
}

/* ---- the network ---- */

static int add_v6(int fd, const char *address, int index)
{
	struct {
		struct in6_addr address;
		uint32_t prefix;
		int index;
	} request;

	memset(&request, 0, sizeof request);
	inet_pton(AF_INET6, address, &request.address);
	request.prefix = 128;
	request.index = index;
	return ioctl(fd, SIOCSIFADDR, &request);
}

/* The loopback alone, which has all of 127.0.0.0/8, and two more addresses of IPv6. */
static int network_up(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), six = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), bad;
	struct ifreq r;

	memset(&r, 0, sizeof r);
	strcpy(r.ifr_name, "lo");
	bad = fd < 0 || ioctl(fd, SIOCGIFFLAGS, &r) < 0;
	r.ifr_flags = (short)(r.ifr_flags | IFF_UP);
	bad = bad || ioctl(fd, SIOCSIFFLAGS, &r) < 0;
	bad = bad || six < 0 || add_v6(six, "fd00::2", (int)if_nametoindex("lo")) < 0 ||
		add_v6(six, "fd00::3", (int)if_nametoindex("lo")) < 0;
	close(fd);
	close(six);
	return bad ? -1 : 0;
}

/* ---- processes ---- */

static void nap_ms(int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* It ends with this process, however that ends. */
static pid_t run(const struct ganesha_env *env, const char *log, char *const argv[])
{
	char path[ENV_ROOM + 32];
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof path, "%s/%s", env->dir, log);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", env->bus, 1);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin", 1);
	execvp(argv[0], argv);
	_exit(127);
}

void ganesha_env_end(pid_t *pid, int signal)
{
	int i;

	if (*pid <= 0)
		return;
	kill(*pid, signal);
	for (i = 0; i < 500 && waitpid(*pid, NULL, WNOHANG) == 0; i++) {
		nap_ms(20);
		if (i == 400)
			kill(*pid, SIGKILL);
	}
	*pid = 0;
}

static int __attribute__((format(printf, 3, 4))) write_conf(const struct ganesha_env *env, const char *name, const char *format, ...)
{
	char path[ENV_ROOM + 32];
	va_list args;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", env->dir, name);
	f = fopen(path, "w");
	if (!f)
		return -1;
	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	return fclose(f) == 0 ? 0 : -1;
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
	env->bus_pid = run(env, "bus.log", argv);
	for (i = 0; i < 500 && access(sock, F_OK) < 0; i++)
		nap_ms(20);
	return i < 500 ? 0 : -1;
}

static int port_open(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc = connect(fd, (struct sockaddr *)&a, sizeof a);

	close(fd);
	return rc == 0;
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
	env->server_pid = run(env, "server.log", argv);
	for (i = 0; i < 500 && !port_open(env->port); i++) {
		if (waitpid(env->server_pid, NULL, WNOHANG) != 0) {
			env->server_pid = 0;
			return -1;
		}
		nap_ms(20);
	}
	return i < 500 ? 0 : -1;
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
	if (mkdir(env->state, 0700) < 0 || mkdir(env->files, 0755) < 0 || mkdir(path, 0700) < 0 || (port == 2049 && network_up() < 0) ||
	    write_conf(env, "bus.conf", bus_conf, env->dir) < 0 ||
	    write_conf(env, "ganesha.conf", server_conf, port, env->dir) < 0 ||
	    ganesha_env_start_bus(env) < 0 || ganesha_env_start_server(env) < 0) {
		fprintf(stderr, "the servers do not come up: see %s: %s\n", env->dir, strerror(errno));
		return -1;
	}
	return 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	return type == FTW_DP || type == FTW_D ? rmdir(path), 0 : (unlink(path), 0);
}

/* What a test that failed left mounted. */
static void drop_mounts(const struct ganesha_env *env)
{
	char line[1024], path[512];
	FILE *f = fopen("/proc/self/mounts", "r");

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "%*s %511s", path) == 1 && strncmp(path, env->dir, strlen(env->dir)) == 0)
			umount2(path, MNT_DETACH);
	if (f)
		fclose(f);
}

void ganesha_env_down(struct ganesha_env *env)
{
	ganesha_env_end(&env->server_pid, SIGKILL);
	ganesha_env_end(&env->bus_pid, SIGKILL);
	if (*env->dir)
		drop_mounts(env);
	if (*env->dir)
		nftw(env->dir, drop, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* ---- clients ---- */

int nfs_client_start(struct nfs_client *c, const char *program, const char *source, const char *server, const char *export, char *line,
	size_t room)
{
	int to[2], from[2];

	memset(c, 0, sizeof *c);
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0 || (c->pid = fork()) < 0)
		return -1;
	if (c->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl(program, program, source, server, export, (char *)NULL);
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
