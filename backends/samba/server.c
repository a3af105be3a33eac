/* backends/samba/server.c - what makes an smbd one: its configuration, its directory, and the programs that speak to it */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "samba.h"

static struct smb_server *of(struct plug_server *s)
{
	return (struct smb_server *)(void *)s;
}

static int same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int match(const struct shr_driver_host *host, const struct shr_call *call, const struct plug_server *server,
	const void *wanted, int same_dir)
{
	const struct smb_server *s = (const struct smb_server *)(const void *)server;
	const struct smb_wanted *w = wanted;
	int same_server = strcmp(s->config, w->config) == 0;

	if (same_dir && same_server && same_text(s->pidfile_set, w->pidfile) && same_text(s->cgroup, w->cgroup))
		return 1;
	if (same_dir)
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.200s is that of another backend, whose config, pidfile or "
			"cgroup is not the same: one directory a server", server->dir);
	if (same_server)
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: another backend has the server of %.100s with the directory "
			"%.200s: name the same", w->config, server->dir);
	return 0;
}

static int find_program(const struct shr_driver_host *host, const struct shr_call *call, const char *name, char ret[128])
{
	static const char *const places[] = { "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/samba/bin", "/bin", "/sbin" };
	size_t i;

	for (i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(ret, 128, "%s/%s", places[i], name);
		if (access(ret, X_OK) == 0)
			return 0;
	}
	return shr_failf(host, call, SHR_EBACKEND, "Samba's program %s is not installed", name);
}

/* smbd goes into a share as the user whom it serves: whoever that is must get through. */
static int check_way(const struct shr_driver_host *host, const struct shr_call *call, const char *dir)
{
	char path[PLUG_DIR_ROOM];
	struct stat st;
	size_t i, n = strlen(dir);

	for (i = 1; i <= n; i++) {
		if (dir[i] != '/' && dir[i] != '\0')
			continue;
		snprintf(path, sizeof path, "%.*s", (int)i, dir);
		if (stat(path, &st) < 0)
			return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s: %s", path, strerror(errno));
		if (!(st.st_mode & S_IXOTH))
			return shr_failf(host, call, SHR_EBACKEND, "setting directory: users cannot pass through %.300s, and smbd serves as "
				"them: chmod o+x", path);
	}
	return 0;
}

static int make(const struct shr_driver_host *host, const struct shr_call *call, struct plug_server *server, const void *wanted)
{
	const struct smb_wanted *w = wanted;
	struct smb_server *s = of(server);
	int code = find_program(host, call, "net", s->net);

	if (code == 0)
		code = find_program(host, call, "smbcontrol", s->smbcontrol);
	if (code == 0)
		code = find_program(host, call, "testparm", s->testparm);
	if (code == 0)
		code = check_way(host, call, server->dir);
	if (code)
		return code;
	s->config = strdup(w->config);
	s->pidfile_set = w->pidfile ? strdup(w->pidfile) : NULL;
	s->cgroup = w->cgroup ? strdup(w->cgroup) : NULL;
	if (!s->config || (w->pidfile && !s->pidfile_set) || (w->cgroup && !s->cgroup))
		return host->fail(call, SHR_EAGAIN, "no memory");
	return 0;
}

static void clear(struct plug_server *server)
{
	free(of(server)->config);
	free(of(server)->pidfile_set);
	free(of(server)->cgroup);
}

static void clear_job(struct plug_job *job)
{
	struct smb_job *j = (struct smb_job *)(void *)job;

	smb_set_clear(&j->set);
	smb_shown_clear(&j->shown);
	free(j->found);
}

const struct plug_server_type smb_server_type = {
	.size = sizeof(struct smb_server),
	.job_size = sizeof(struct smb_job),
	.match = match,
	.make = make,
	.work = smb_work,
	.clear = clear,
	.clear_job = clear_job,
	.mounts_mode = 0711,
};
