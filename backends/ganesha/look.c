/* backends/ganesha/look.c - what the server really has: of one share, and of all */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ganesha.h"

/* What DisplayExport tells of a client, as NFS-Ganesha 4 counts its bits. */
#define OPTION_SQUASH_ROOT 0x002u
#define OPTION_SQUASH_ALL 0x004u
#define OPTION_SQUASH 0x007u
#define OPTION_WRITE 0x040u

struct seen { /* a client of the server's, to be found by its net */
	struct gan_net net;
	uint32_t at;
	int used;
};

static int seen_cmp(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int c = gan_net_cmp(&x->net, &y->net);

	return c ? c : x->at < y->at ? -1 : x->at > y->at;
}

static struct seen *find(struct seen *list, uint32_t n, const struct gan_net *net)
{
	uint32_t low = 0, high = n, mid;

	while (low < high) { /* the first of equals: that is the one that counts */
		mid = low + (high - low) / 2;
		if (gan_net_cmp(&list[mid].net, net) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && gan_net_cmp(&list[low].net, net) == 0 ? &list[low] : NULL;
}

static int is_so(const struct gan_client *c, const struct gan_entry *e, int readonly)
{
	uint32_t squash = e->squash == SHR_SQUASH_ALL ? OPTION_SQUASH_ALL : e->squash == SHR_SQUASH_ROOT ? OPTION_SQUASH_ROOT : 0;
	int writes = !readonly && e->level == SHR_LEVEL_RW;

	return (c->options & OPTION_SQUASH) == squash && !(c->options & OPTION_WRITE) == !writes;
}

static void answer(struct gan_rule *rule, int code, const char *why)
{
	if (rule->answer == SHR_ENOTFOUND)
		return; /* the worst that can be said */
	rule->answer = code;
	rule->why = why;
}

static int foreign(struct gan_job *job, const struct gan_client *c)
{
	struct gan_found *more = realloc(job->found, (job->n_found + 1) * sizeof *more);

	if (!more)
		return -1;
	job->found = more;
	memset(&more[job->n_found], 0, sizeof *more);
	snprintf(more[job->n_found].name, sizeof more->name, "%s", c->text);
	snprintf(more[job->n_found++].what, sizeof more->what, "a client that no rule accounts for, %s",
		c->options & OPTION_WRITE ? "rw" : "ro");
	return 0;
}

/* Each entry must be there, be so, and stand behind the one before it. */
static void compare_entries(struct gan_job *job, const struct gan_entry *e, uint32_t n_e, const struct gan_shown *shown,
	struct seen *seen, uint32_t n_seen)
{
	struct gan_rule *rule;
	uint32_t i, reached = 0;
	struct seen *s;

	for (i = 0; i < n_e; i++) {
		rule = &job->set.rules[e[i].rule];
		s = find(seen, n_seen, &e[i].net);
		if (!s) {
			answer(rule, SHR_ENOTFOUND, "the server does not have it");
			continue;
		}
		s->used = 1;
		if (!is_so(&shown->clients[s->at], &e[i], job->is_readonly))
			answer(rule, SHR_ECONFLICT, "the server has it with another level or squash");
		else if (s->at < reached)
			answer(rule, SHR_ECONFLICT, "the server has it in another place of the order");
		if (s->at > reached)
			reached = s->at;
	}
}

static int compare(struct gan_job *job, const struct gan_shown *shown)
{
	struct seen *seen = calloc(shown->n_clients ? shown->n_clients : 1, sizeof *seen);
	uint32_t n_seen = 0, n_e = 0, i;
	struct gan_entry *e = gan_set_entries(&job->set, &n_e);
	int bad = !seen || !e;

	for (i = 0; !bad && i < shown->n_clients; i++) {
		seen[n_seen].at = i;
		if (gan_net_read(shown->clients[i].text, &seen[n_seen].net) == 0)
			n_seen++;
		else
			bad = foreign(job, &shown->clients[i]) < 0;
	}
	if (!bad) {
		qsort(seen, n_seen, sizeof *seen, seen_cmp);
		compare_entries(job, e, n_e, shown, seen, n_seen);
	}
	for (i = 0; !bad && i < n_seen; i++)
		if (!seen[i].used)
			bad = foreign(job, &shown->clients[seen[i].at]) < 0;
	free(seen);
	free(e);
	return bad ? gan_job_fail(job, SHR_EAGAIN, "no memory") : 0;
}

void gan_work_look(struct gan_server *s, struct gan_job *job)
{
	char path[GAN_PATH_ROOM];
	struct gan_shown shown;
	struct gan_head head;
	int answered;

	gan_path(s, job->share_id, path);
	if (gan_file_head(s->exports_fd, job->share_id, &head) && strcmp(head.instance_id, job->instance_id) != 0) {
		gan_job_fail(job, SHR_ENOTFOUND, "%.300s is exported for another instance", path);
		return;
	}
	answered = gan_bus_display(&s->bus, job->number, &shown);
	if (answered == GAN_BUS_NOTHERE) {
		gan_job_fail(job, SHR_ENOTFOUND, "NFS-Ganesha has no export %u", job->number);
		return;
	}
	if (gan_job_fail_bus(s, job, answered, "DisplayExport"))
		return;
	if (strcmp(shown.path, path) != 0)
		gan_job_fail(job, SHR_ENOTFOUND, "export %u of NFS-Ganesha is %.300s", job->number, shown.path);
	else if (gan_mount_state(s->mounts_fd, job->share_id, job->source) != GAN_MOUNT_RIGHT)
		gan_job_fail(job, SHR_ENOTFOUND, "%.200s is not what is mounted at %.200s", job->source, path);
	else
		compare(job, &shown);
	free(shown.clients);
}

/* ---- all ---- */

static int listed_cmp(const void *a, const void *b)
{
	const struct gan_listed *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* Whose it is, when the path is one of ours. */
static void name_instance(struct gan_server *s, const char *path, char ret[GAN_ID_ROOM])
{
	char below[GAN_PATH_ROOM];
	struct gan_head head;
	size_t n = (size_t)snprintf(below, sizeof below, "%s/mounts/", s->dir);

	ret[0] = '\0';
	if (strncmp(path, below, n) == 0 && gan_id_ok(path + n) && gan_file_head(s->exports_fd, path + n, &head))
		snprintf(ret, GAN_ID_ROOM, "%s", head.instance_id);
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
		gan_job_fail(job, SHR_EAGAIN, "no memory");
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
