/* backends/samba/look.c - the thread reads what the registry really has: of one share, and of all */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "samba.h"

static int is_as_written(struct smb_server *s, struct smb_job *job, const char *text)
{
	char path[PLUG_PLACE_ROOM];
	const struct smb_block b = { job->base.share_id, job->base.instance_id, path, job->is_both, 0 };
	const struct smb_shown *shown = &job->shown;

	plug_server_path(&s->base, job->base.share_id, path);
	if (*shown->instance_id && strcmp(shown->instance_id, job->base.instance_id) != 0)
		return plug_job_fail(&job->base, SHR_ENOTFOUND, "share %s is exported for instance %s", job->base.share_id,
			shown->instance_id);
	if (strcmp(shown->path, path) != 0)
		return plug_job_fail(&job->base, SHR_ENOTFOUND, "share %s of smbd is %.300s", job->base.share_id, shown->path);
	if (shown->is_cutting || shown->is_strange || !smb_block_same(text, &b))
		return plug_job_fail(&job->base, SHR_ENOTFOUND, "share %s of smbd has other settings than were given to it",
			job->base.share_id);
	if (plug_mount_state(s->base.mounts_fd, job->base.share_id, job->base.source) != PLUG_MOUNT_RIGHT)
		return plug_job_fail(&job->base, SHR_ENOTFOUND, "%.200s is not what is mounted at %.200s", job->base.source, path);
	return 0;
}

void smb_work_look(struct smb_server *s, struct smb_job *job)
{
	char *text;

	smb_shown_clear(&job->shown);
	if (smb_see(s, job) || smb_tool_show(s, job, &text))
		return;
	if (!text)
		plug_job_fail(&job->base, SHR_ENOTFOUND, "smbd has no share %s", job->base.share_id);
	else if (smb_block_read(text, &job->shown) < 0)
		plug_job_fail(&job->base, SHR_EAGAIN, "no memory");
	else
		is_as_written(s, job, text);
	free(text);
}

/* ---- all ---- */

/* The section at TEXT, "[name]", to *RET; where the next one begins, or the end. */
static const char *next_section(const char *text, struct smb_found *ret)
{
	const char *end;
	char *part;
	struct smb_shown shown;

	memset(ret, 0, sizeof *ret);
	snprintf(ret->name, sizeof ret->name, "%.*s", (int)strcspn(text + 1, "]\n"), text + 1);
	end = strstr(text, "\n[");
	end = end ? end + 1 : text + strlen(text);
	part = strndup(text, (size_t)(end - text));
	if (!part || smb_block_read(part, &shown) < 0) {
		free(part);
		return NULL;
	}
	free(part);
	memcpy(ret->instance_id, shown.instance_id, sizeof ret->instance_id);
	memcpy(ret->what, shown.path, sizeof ret->what);
	smb_shown_clear(&shown);
	return end;
}

static int found_cmp(const void *a, const void *b)
{
	return strcmp(((const struct smb_found *)a)->name, ((const struct smb_found *)b)->name);
}

static uint32_t count_sections(const char *text)
{
	uint32_t n = *text == '[';

	while ((text = strstr(text, "\n[")) != NULL) {
		text++;
		n++;
	}
	return n;
}

/* Those behind AFTER, at most MAX, in order. */
static void keep_page(struct smb_job *job, uint32_t n)
{
	uint32_t i, kept = 0;

	qsort(job->found, n, sizeof *job->found, found_cmp);
	for (i = 0; i < n && kept < job->max; i++)
		if (strcmp(job->found[i].name, job->after) > 0)
			job->found[kept++] = job->found[i];
	job->n_found = kept;
}

void smb_work_list(struct smb_server *s, struct smb_job *job)
{
	const char *at;
	char *text;
	uint32_t most, n = 0;

	job->n_found = 0;
	if (smb_see(s, job) || smb_tool_list(s, job, &text))
		return;
	most = count_sections(text);
	free(job->found);
	job->found = calloc(most ? most : 1, sizeof *job->found);
	at = *text == '[' ? text : strstr(text, "\n[");
	if (at && *at == '\n')
		at++;
	while (job->found && at && *at && n < most) {
		at = next_section(at, &job->found[n]);
		if (at && *job->found[n].name && plug_name_ok(job->found[n].name) && strcmp(job->found[n].name, "global") != 0)
			n++;
	}
	if (!job->found || (most && !at))
		plug_job_fail(&job->base, SHR_EAGAIN, "no memory");
	else
		keep_page(job, n);
	free(text);
}
