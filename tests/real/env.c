/* tests/real/env.c - namespaces, a network, servers and a directory of a test's own, gone when it ends */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <net/if.h>
#include <netinet/in.h>
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
#include "env.h"

int env_on_path(const char *program)
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

int env_namespaces(void)
{
	return unshare(CLONE_NEWNS | CLONE_NEWNET) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -1 : 0;
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
	return ioctl(fd, SIOCSIFADDR, &request) < 0 && errno != EEXIST ? -1 : 0;
}

/* The loopback alone, which has all of 127.0.0.0/8, and two more addresses of IPv6. */
int env_network_up(void)
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

void env_nap(int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* It ends with this process, however that ends. */
pid_t env_run(const char *dir, const char *log, char *const argv[])
{
	char path[512];
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	setsid(); /* smbd signals its whole process group when it ends */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof path, "%s/%s", dir, log);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin", 1);
	execvp(argv[0], argv);
	_exit(127);
}

void env_end(pid_t *pid, int signal)
{
	int i;

	if (*pid <= 0)
		return;
	kill(*pid, signal);
	for (i = 0; i < 500 && waitpid(*pid, NULL, WNOHANG) == 0; i++) {
		env_nap(20);
		if (i == 400)
			kill(*pid, SIGKILL);
	}
	*pid = 0;
}

int env_write(const char *dir, const char *name, const char *format, ...)
{
	char path[512];
	va_list args;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f)
		return -1;
	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	return fclose(f) == 0 ? 0 : -1;
}

int env_port_open(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc = connect(fd, (struct sockaddr *)&a, sizeof a);

	close(fd);
	return rc == 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	return type == FTW_DP || type == FTW_D ? rmdir(path), 0 : (unlink(path), 0);
}

/* What a test that failed left mounted. */
static void drop_mounts(const char *dir)
{
	char line[1024], path[512];
	FILE *f = fopen("/proc/self/mounts", "r");

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "%*s %511s", path) == 1 && strncmp(path, dir, strlen(dir)) == 0)
			umount2(path, MNT_DETACH);
	if (f)
		fclose(f);
}

void env_drop(const char *dir)
{
	drop_mounts(dir);
	nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
