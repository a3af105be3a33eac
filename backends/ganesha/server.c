/* backends/ganesha/server.c - what makes a server of NFS-Ganesha one: its bus, its name, its directory */
#include <stdlib.h>
#include <string.h>
#include "ganesha.h"

static struct gan_server *of(struct plug_server *s)
{
	return (struct gan_server *)(void *)s;
}

static int same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static char *copy(const char *s, int *bad)
{
	char *c = s ? strdup(s) : NULL;

	if (s && !c)
		*bad = 1;
	return c;
}

static int match(const struct shr_driver_host *host, const struct shr_call *call, const struct plug_server *server,
	const void *wanted, int same_dir)
{
	const struct gan_server *s = (const struct gan_server *)(const void *)server;
	const struct gan_wanted *w = wanted;
	int same_server = same_text(s->address, w->bus) && same_text(s->name, w->name);

	if (same_dir && same_server && same_text(s->pidfile, w->pidfile) && same_text(s->cgroup, w->cgroup))
		return 1;
	if (same_dir && !same_server)
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.200s is that of another backend, whose bus or name is "
			"not the same: one directory a server", server->dir);
	if (same_dir)
		return shr_failf(host, call, SHR_EBACKEND, "setting pidfile or cgroup: another backend says otherwise of the server in "
			"%.200s", server->dir);
	if (same_server)
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: another backend has the server %.100s with the directory "
			"%.200s: name the same", w->name, server->dir);
	return 0;
}

static int make(const struct shr_driver_host *host, const struct shr_call *call, struct plug_server *server, const void *wanted)
{
	const struct gan_wanted *w = wanted;
	struct gan_server *s = of(server);
	int bad = 0;

	s->address = copy(w->bus, &bad);
	s->name = copy(w->name, &bad);
	s->pidfile = copy(w->pidfile, &bad);
	s->cgroup = copy(w->cgroup, &bad);
	s->bus.address = s->address;
	s->bus.name = s->name;
	return bad ? host->fail(call, SHR_EAGAIN, "no memory") : 0;
}

static void clear(struct plug_server *server)
{
	struct gan_server *s = of(server);

	gan_bus_close(&s->bus);
	free(s->address);
	free(s->name);
	free(s->pidfile);
	free(s->cgroup);
}

static void clear_job(struct plug_job *job)
{
	struct gan_job *j = (struct gan_job *)(void *)job;

	free(j->text);
	free(j->found);
	free(j->clients);
}

void gan_server_proc(struct gan_server *s, struct plug_proc *ret)
{
	pthread_mutex_lock(&s->base.lock);
	*ret = s->proc;
	pthread_mutex_unlock(&s->base.lock);
}

const struct plug_server_type gan_server_type = {
	.size = sizeof(struct gan_server),
	.job_size = sizeof(struct gan_job),
	.match = match,
	.make = make,
	.work = gan_work,
	.ahead = gan_work_ahead,
	.clear = clear,
	.clear_job = clear_job,
	.mounts_mode = 0700,
};
