/* backends/ganesha/look.c - the thread asks what the server really has: of one share, and of all */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ganesha.h"

void gan_work_look(struct gan_server *s, struct gan_job *job)
{
	char path[PLUG_PLACE_ROOM];
	struct gan_shown shown;
	struct gan_head head;
	int answered;

	plug_server_path(&s->base, job->base.share_id, path);
	if (gan_file_head(s->base.exports_fd, job->base.share_id, &head) && strcmp(head.instance_id, job->base.instance_id) != 0) {
		plug_job_fail(&job->base, SHR_ENOTFOUND, "%.300s is exported for another instance", path);
		return;
	}
	answered = gan_bus_display(&s->bus, job->number, &shown);
	if (answered == GAN_BUS_NOTHERE) {
		plug_job_fail(&job->base, SHR_ENOTFOUND, "NFS-Ganesha has no export %u", job->number);
		return;
	}
	if (gan_job_fail_bus(s, job, answered, "DisplayExport"))
		return;
	if (strcmp(shown.path, path) != 0)
		plug_job_fail(&job->base, SHR_ENOTFOUND, "export %u of NFS-Ganesha is %.300s", job->number, shown.path);
	else if (plug_mount_state(s->base.mounts_fd, job->base.share_id, job->base.source) != PLUG_MOUNT_RIGHT)
		plug_job_fail(&job->base, SHR_ENOTFOUND, "%.200s is not what is mounted at %.200s", job->base.source, path);
	job->clients = shown.clients;
	job->n_clients = shown.n_clients;
}

/* ---- all ---- */

static int listed_cmp(const void *a, const void *b)
{
	const struct gan_listed *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* Whose it is, when the path is one of ours. */
static void name_instance(struct gan_server *s, const char *path, char ret[PLUG_ID_ROOM])
{
	char below[PLUG_PLACE_ROOM];
	struct gan_head head;
	size_t n = (size_t)snprintf(below, sizeof below, "%s/mounts/", s->base.dir);

	ret[0] = '\0';
	if (strncmp(path, below, n) == 0 && plug_id_ok(path + n) && gan_file_head(s->base.exports_fd, path + n, &head))
		snprintf(ret, PLUG_ID_ROOM, "%s", head.instance_id);
}

void gan_work_list(struct gan_server *s, struct gan_job *job)
{
	struct gan_listed *list;
	uint32_t n, i;
	char name[16];

	if (gan_job_fail_bus(s, job, gan_bus_show(&s->bus, &list, &n), "ShowExports"))
		return;
	qsort(list, n, sizeof *list, listed_cmp);
	job->found = calloc(n ? n : 1, sizeof *job->found);
	if (!job->found)
		plug_job_fail(&job->base, SHR_EAGAIN, "no memory");
	for (i = 0; job->found && i < n && job->n_found < job->max; i++) {
		snprintf(name, sizeof name, "%05u", list[i].number);
		if (list[i].number == 0 || strcmp(name, job->after) <= 0)
			continue; /* 0 is the root above all of them, which the server has of itself */
		memcpy(job->found[job->n_found].name, name, sizeof name);
		memcpy(job->found[job->n_found].what, list[i].path, sizeof list[i].path);
		name_instance(s, list[i].path, job->found[job->n_found++].instance_id);
	}
	free(list);
}
