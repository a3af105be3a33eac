/* backends/ganesha/work.c - what a server's thread does: exports come, change and go, each behind its own mount */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ganesha.h"

/* ---- failing ---- */

int gan_job_fail_bus(struct gan_server *s, struct gan_job *job, int answer, const char *what)
{
	int code = answer == GAN_BUS_AWAY ? SHR_EUNREACHABLE : answer == GAN_BUS_NOMEM ? SHR_EAGAIN : SHR_EBACKEND;

	if (answer == GAN_BUS_DONE)
		return 0;
	return plug_job_fail(&job->base, code, "%s: %.440s", what, s->bus.words);
}

/* ---- the server's process ---- */

static int see_proc(struct gan_server *s, struct plug_proc *ret)
{
	struct plug_proc p = { 0, 0, 0 };
	int answer = gan_bus_owner(&s->bus, &p.pid);

	if (answer)
		return answer;
	if (s->pidfile)
		p.pid = plug_proc_file(s->pidfile);
	if (p.pid <= 0 || !plug_proc_began(p.pid, &p.began))
		p.pid = 0;
	pthread_mutex_lock(&s->base.lock);
	s->proc = p;
	pthread_mutex_unlock(&s->base.lock);
	*ret = p;
	return 0;
}

static void work_probe(struct gan_server *s, struct gan_job *job)
{
	struct gan_listed *list = NULL;
	struct plug_proc p;
	uint32_t n;

	if (gan_job_fail_bus(s, job, see_proc(s, &p), "probe") || gan_job_fail_bus(s, job, gan_bus_show(&s->bus, &list, &n),
		"ShowExports"))
		return;
	free(list);
	if (p.pid == 0 && s->pidfile)
		plug_job_fail(&job->base, SHR_EBACKEND, "setting pidfile: %.300s names no process", s->pidfile);
	job->life = plug_proc_life(&p);
}

/* ---- exports ---- */

static int is_ours(struct gan_server *s, const struct gan_job *job, const char *path)
{
	char ours[PLUG_PLACE_ROOM];

	plug_server_path(&s->base, job->base.share_id, ours);
	return strcmp(path, ours) == 0;
}

/* Is the export NUMBER there, and of this share? 1, 0, or -1 and failed. With another's path in OTHER. */
static int is_exported(struct gan_server *s, struct gan_job *job, uint32_t number, char other[PLUG_PLACE_ROOM])
{
	struct gan_shown shown;
	int answer = gan_bus_display(&s->bus, number, &shown), ours;

	if (answer == GAN_BUS_NOTHERE)
		return 0;
	if (gan_job_fail_bus(s, job, answer, "DisplayExport"))
		return -1;
	free(shown.clients);
	ours = is_ours(s, job, shown.path);
	if (!ours && other)
		snprintf(other, PLUG_PLACE_ROOM, "%s", shown.path);
	return ours;
}

/* Take the export NUMBER away if it is this share's. */
static int unexport(struct gan_server *s, struct gan_job *job, uint32_t number)
{
	int there = job->is_ahead ? -1 : is_exported(s, job, number, NULL), answer;

	if (there <= 0)
		return there;
	answer = gan_bus_remove(&s->bus, number);
	return answer == GAN_BUS_NOTHERE ? 0 : gan_job_fail_bus(s, job, answer, "RemoveExport");
}

/* A directory that nothing is mounted on would export what lies around it: so it is looked at here, and as the server sees it. */
static int check_seen(struct gan_server *s, struct gan_job *job)
{
	char path[PLUG_PLACE_ROOM];
	struct plug_proc p;
	int answer;

	gan_server_proc(s, &p);
	answer = plug_proc_alive(&p) ? 0 : job->is_ahead ? GAN_BUS_AWAY : see_proc(s, &p);
	if (gan_job_fail_bus(s, job, answer, "probe"))
		return -1;
	plug_server_path(&s->base, job->base.share_id, path);
	if (p.pid == 0 || plug_mount_seen(s->base.dir, job->base.share_id, s->base.mounts_fd, p.pid) != 0)
		return 0;
	plug_job_fail(&job->base, SHR_EBACKEND, "%.300s is mounted, but process %ld, NFS-Ganesha, does not see it: start it "
		"where it sees mounts of this process", path, (long)p.pid);
	return -1;
}

/* What lies at the source is mounted, and nothing else is. FRESH: nothing is known of the share here, and then the server is not
 * asked first whether it exports it: AddExport says so. */
static int ensure_mount(struct gan_server *s, struct gan_job *job, int fresh)
{
	char path[PLUG_PLACE_ROOM];
	int state = plug_mount_state(s->base.mounts_fd, job->base.share_id, job->base.source);

	if (state < 0)
		return plug_job_fail_errno(&job->base, job->base.source);
	if (state == PLUG_MOUNT_RIGHT)
		return 0;
	plug_server_path(&s->base, job->base.share_id, path);
	if (!(fresh && state == PLUG_MOUNT_NONE) && unexport(s, job, job->number) < 0)
		return -1;
	if (state == PLUG_MOUNT_WRONG && plug_mount_drop(s->base.dir, s->base.mounts_fd, job->base.share_id) < 0)
		return plug_job_fail_errno(&job->base, path);
	job->has_mounted = 1;
	return plug_job_mount(&s->base, &job->base);
}

/* Its mount and its file, and the call is made. */
static int begin_put(struct gan_server *s, struct gan_job *job)
{
	char file[PLUG_PLACE_ROOM];
	struct gan_head head;
	int update = job->base.kind == GAN_UPDATE;

	gan_file_head(s->base.exports_fd, job->base.share_id, &head);
	if (plug_job_check_instance(&s->base, &job->base, head.number ? head.instance_id : ""))
		return -1;
	if (head.number && head.number != job->number && unexport(s, job, head.number) < 0)
		return -1;
	if (ensure_mount(s, job, !head.number && !update) || check_seen(s, job))
		return -1;
	snprintf(file, sizeof file, "%s/exports/%.36s.conf", s->base.dir, job->base.share_id);
	if (gan_file_write(s->base.exports_fd, job->base.share_id, job->text) < 0)
		return plug_job_fail_errno(&job->base, file);
	return gan_job_fail_bus(s, job, gan_bus_put_begin(&s->bus, update, file, job->number, &job->sent),
		update ? "UpdateExport" : "AddExport");
}

static int end_put(struct gan_server *s, struct gan_job *job)
{
	char other[PLUG_PLACE_ROOM] = "", words[PLUG_WORDS];
	int update = job->base.kind == GAN_UPDATE, answer = gan_bus_put_end(&s->bus, &job->sent), there;

	if (answer != GAN_BUS_REFUSED)
		return gan_job_fail_bus(s, job, answer, update ? "UpdateExport" : "AddExport");
	memcpy(words, s->bus.words, sizeof words);
	there = is_exported(s, job, job->number, other);
	if (there == 1 && job->has_mounted) {
		job->has_mounted = 0;
		return gan_job_fail_bus(s, job, gan_bus_remove(&s->bus, job->number), "RemoveExport") || begin_put(s, job) ? -1 :
			end_put(s, job);
	}
	if (there < 0 || (there == 1 && !update)) /* it keeps its clients */
		return there < 0 ? -1 : 0;
	if (*other)
		return plug_job_fail(&job->base, SHR_EBACKEND, "export number %u is taken: NFS-Ganesha exports %.300s by it", job->number,
			other);
	return plug_job_fail(&job->base, SHR_EBACKEND, "%s: %.440s", update ? "UpdateExport" : "AddExport", words);
}

/* The server reads all mounts of the machine for a new export, and meanwhile the next one is made ready and sent: it never waits
 * for this process. It takes them in the order in which they were sent. */
static void work_put(struct gan_server *s, struct gan_job *job)
{
	if (!job->sent.pending && begin_put(s, job))
		return;
	plug_server_ahead(&s->base, &job->base);
	end_put(s, job);
}

/* Only if nothing has to be asked of the server before; whatever fails is done again, and said, when it is this job's turn. */
int gan_work_ahead(struct plug_server *server, struct plug_job *head)
{
	struct gan_server *s = (struct gan_server *)(void *)server;
	struct gan_job *job = (struct gan_job *)(void *)head;
	int is_put = head->kind == GAN_ADD || head->kind == GAN_UPDATE;

	job->is_ahead = 1;
	if (is_put)
		begin_put(s, job);
	job->is_ahead = 0;
	return job->sent.pending != NULL;
}

/* ---- and away ---- */

/* No file says what its number is, but something is mounted. */
static int unexport_by_path(struct gan_server *s, struct gan_job *job)
{
	struct gan_listed *list;
	uint32_t n, i;
	int code = gan_job_fail_bus(s, job, gan_bus_show(&s->bus, &list, &n), "ShowExports");

	if (code)
		return code;
	for (i = 0; code == 0 && i < n; i++)
		if (is_ours(s, job, list[i].path))
			code = unexport(s, job, list[i].number);
	free(list);
	return code;
}

/* RemoveExport waits for requests that are under way, and a mount that is in use does not go: when both have gone, no write of a
 * client can come any more. */
static void work_remove(struct gan_server *s, struct gan_job *job)
{
	struct gan_head head;
	char file[PLUG_PLACE_ROOM];
	int known = gan_file_head(s->base.exports_fd, job->base.share_id, &head);

	if (known && strcmp(head.instance_id, job->base.instance_id) != 0)
		return; /* another instance's export, and not this call's to take away */
	if (known && unexport(s, job, head.number) < 0)
		return;
	if (job->number && (!known || head.number != job->number) && unexport(s, job, job->number) < 0)
		return;
	if (!known && !job->number && plug_mount_state(s->base.mounts_fd, job->base.share_id, NULL) == PLUG_MOUNT_RIGHT &&
	    unexport_by_path(s, job) < 0)
		return;
	if (plug_job_unmount(&s->base, &job->base))
		return;
	snprintf(file, sizeof file, "%s/exports/%.36s.conf", s->base.dir, job->base.share_id);
	if (gan_file_drop(s->base.exports_fd, job->base.share_id) < 0)
		plug_job_fail_errno(&job->base, file);
}

void gan_work(struct plug_server *server, struct plug_job *head)
{
	struct gan_server *s = (struct gan_server *)(void *)server;
	struct gan_job *job = (struct gan_job *)(void *)head;

	job->base.code = 0;
	job->base.is_busy = 0;
	job->base.words[0] = '\0';
	switch (job->base.kind) {
	case GAN_PROBE:
		work_probe(s, job);
		break;
	case GAN_ADD:
	case GAN_UPDATE:
		work_put(s, job);
		break;
	case GAN_REMOVE:
		work_remove(s, job);
		break;
	case GAN_LOOK:
		gan_work_look(s, job);
		break;
	case GAN_LIST:
		gan_work_list(s, job);
		break;
	}
}
