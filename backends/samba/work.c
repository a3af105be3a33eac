/* backends/samba/work.c - what a server's thread does: shares come, change and go, each behind its own mount */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "samba.h"

/* ---- smbd, and its configuration ---- */

static int must_be(struct smb_server *s, struct smb_job *job, const char *name, const char *value)
{
	char is[256];
	int code = smb_tool_param(s, job, name, is, sizeof is);

	if (code == 0 && strcasecmp(is, value) != 0)
		code = plug_job_fail(&job->base, SHR_EBACKEND, "setting config: %.200s: [global] must say \"%s = %s\", and says %.60s",
			s->config, name, value, is);
	return code;
}

static int find_pidfile(struct smb_server *s, struct smb_job *job)
{
	char dir[PLUG_DIR_ROOM];
	int code;

	if (s->pidfile_set) {
		snprintf(s->pidfile, sizeof s->pidfile, "%s", s->pidfile_set);
		return 0;
	}
	code = smb_tool_param(s, job, "pid directory", dir, sizeof dir);
	if (code == 0)
		snprintf(s->pidfile, sizeof s->pidfile, "%.512s/smbd.pid", dir);
	return code;
}

static void set_proc(struct smb_server *s, struct plug_proc p)
{
	pthread_mutex_lock(&s->base.lock);
	s->proc = p;
	pthread_mutex_unlock(&s->base.lock);
}

/* The configuration is read for each smbd once: one that was started anew may have another. */
int smb_see(struct smb_server *s, struct smb_job *job)
{
	const struct plug_proc none = { 0, 0, 0 };
	struct plug_proc p = none;
	int code = 0;

	if (!*s->pidfile || !plug_proc_alive(&s->proc))
		code = find_pidfile(s, job);
	if (code)
		return code;
	p.pid = plug_proc_file(s->pidfile);
	if (p.pid <= 0 || !plug_proc_began(p.pid, &p.began))
		return plug_job_fail(&job->base, SHR_EUNREACHABLE, "setting config: smbd does not run: %.300s names no process",
			s->pidfile);
	if (p.pid == s->proc.pid && p.began == s->proc.began)
		return 0;
	set_proc(s, none);
	code = must_be(s, job, "registry shares", "Yes");
	if (code == 0)
		code = must_be(s, job, "unix charset", "UTF-8");
	if (code == 0)
		set_proc(s, p);
	return code;
}

static void work_probe(struct smb_server *s, struct smb_job *job)
{
	if (smb_see(s, job) || smb_tool_control(s, job, "ping", NULL))
		return;
	job->life = plug_proc_life(&s->proc);
}

/* ---- sections ---- */

static struct smb_block block_of(const struct smb_job *job, const char *path)
{
	struct smb_block b = { job->base.share_id, job->base.instance_id, path, job->is_both, 0 };

	return b;
}

static int write_block(struct smb_server *s, struct smb_job *job, const struct smb_block *b, const struct smb_set *users)
{
	char *text = smb_block_text(b, users);
	int code = text ? smb_tool_import(s, job, text) : plug_job_fail(&job->base, SHR_EAGAIN, "no memory");

	free(text);
	return code ? code : smb_tool_control(s, job, "reload-config", NULL);
}

/* Nobody is let in, and who is in is put out. */
static int close_to_all(struct smb_server *s, struct smb_job *job)
{
	char path[PLUG_PLACE_ROOM];
	struct smb_block b = block_of(job, path);
	int code;

	plug_server_path(&s->base, job->base.share_id, path);
	b.is_cutting = 1;
	code = write_block(s, job, &b, NULL);
	if (code == 0)
		code = smb_tool_control(s, job, "close-share", job->base.share_id);
	return code ? code : smb_tool_settle(s, job, 0); /* one that hangs keeps the mount in use, if it is in there */
}

/*
 * Who goes, and whose level changes, is put out first: smbd looks at rules when a client connects. Until that is done the section
 * says so, so that whoever finds it half-done does it again. Others stay connected.
 */
static int cut_off(struct smb_server *s, struct smb_job *job, const struct smb_block *final, const struct smb_set *left)
{
	struct smb_block b = *final;
	int code;

	b.is_cutting = 1;
	code = write_block(s, job, &b, left);
	if (code == 0)
		code = smb_tool_control(s, job, "close-denied-share", job->base.share_id);
	return code ? code : smb_tool_settle(s, job, 1);
}

/* From what there is (SHOWN; NULL: nothing) to USERS. */
static int apply(struct smb_server *s, struct smb_job *job, const struct smb_shown *shown, const struct smb_set *users)
{
	char path[PLUG_PLACE_ROOM];
	const struct smb_block b = block_of(job, path);
	struct smb_set left = { NULL, 0, 0 };
	int code = 0, n;

	plug_server_path(&s->base, job->base.share_id, path);
	n = shown ? smb_set_between(&shown->users, users, &left) : 0;
	if (n < 0)
		return plug_job_fail(&job->base, SHR_EAGAIN, "no memory");
	if (n > 0 || (shown && shown->is_cutting))
		code = cut_off(s, job, &b, &left);
	smb_set_clear(&left);
	return code ? code : write_block(s, job, &b, users);
}

/* What is there of the share: *RET_TEXT is the caller's, NULL when there is nothing. */
static int read_shown(struct smb_server *s, struct smb_job *job, char **ret_text, struct smb_shown *ret)
{
	int code = smb_tool_show(s, job, ret_text);

	memset(ret, 0, sizeof *ret);
	if (code == 0 && *ret_text && smb_block_read(*ret_text, ret) < 0) {
		code = plug_job_fail(&job->base, SHR_EAGAIN, "no memory");
		free(*ret_text);
		*ret_text = NULL;
	}
	return code;
}

/* ---- mounts ---- */

static int make_mount(struct smb_server *s, struct smb_job *job, int state)
{
	int code = state == PLUG_MOUNT_WRONG ? plug_job_unmount(&s->base, &job->base) : 0;

	return code ? code : plug_job_mount(&s->base, &job->base);
}

/* A directory that nothing is mounted on would share what lies around it: so it is looked at here, and as smbd sees it. */
static int check_seen(struct smb_server *s, struct smb_job *job)
{
	char path[PLUG_PLACE_ROOM];

	if (plug_mount_seen(s->base.dir, job->base.share_id, s->base.mounts_fd, s->proc.pid) != 0)
		return 0;
	plug_server_path(&s->base, job->base.share_id, path);
	return plug_job_fail(&job->base, SHR_EBACKEND, "%.300s is mounted, but process %ld, smbd, does not see it: start it where it "
		"sees mounts of this process", path, (long)s->proc.pid);
}

/* ---- shares ---- */

/* Clients that NFS knows nothing of must not keep leases; that is said for the whole server. */
static int check_both(struct smb_server *s, struct smb_job *job)
{
	return job->is_both ? must_be(s, job, "smb2 leases", "No") : 0;
}

/* Is what is there this instance's, with the mount that it should have? Else it is made so, closed to all. */
static int make_right(struct smb_server *s, struct smb_job *job, const char *text, const struct smb_shown *shown, int *ret_was)
{
	int state = plug_mount_state(s->base.mounts_fd, job->base.share_id, job->base.source), code = 0;

	*ret_was = 0;
	if (state < 0)
		return plug_job_fail_errno(&job->base, job->base.source);
	*ret_was = text && state == PLUG_MOUNT_RIGHT && strcmp(shown->instance_id, job->base.instance_id) == 0;
	if (text && !*ret_was)
		code = close_to_all(s, job);
	if (code == 0 && state != PLUG_MOUNT_RIGHT)
		code = make_mount(s, job, state);
	return code ? code : check_seen(s, job);
}

static int put_users(struct smb_server *s, struct smb_job *job, const struct smb_shown *shown)
{
	const struct smb_set nobody = { NULL, 0, 0 };
	struct smb_set kept;
	int code;

	if (job->base.kind == SMB_UPDATE)
		return apply(s, job, shown, &job->set);
	if (!shown)
		return apply(s, job, NULL, &nobody);
	if (smb_set_effective(&shown->users, job->base.is_readonly, &kept) < 0)
		return plug_job_fail(&job->base, SHR_EAGAIN, "no memory");
	code = apply(s, job, shown, &kept);
	smb_set_clear(&kept);
	return code;
}

static void work_put(struct smb_server *s, struct smb_job *job)
{
	struct smb_shown shown;
	char *text;
	int was;

	if (smb_see(s, job) || check_both(s, job) || read_shown(s, job, &text, &shown))
		return;
	if (!(text && plug_job_check_instance(&s->base, &job->base, shown.instance_id)) && make_right(s, job, text, &shown, &was) == 0)
		put_users(s, job, was ? &shown : NULL);
	smb_shown_clear(&shown);
	free(text);
}

/* When its clients have been put out and the mount, which is in use while one of them is in there, has gone, no write can come. */
static void work_remove(struct smb_server *s, struct smb_job *job)
{
	struct smb_shown shown;
	char *text;
	int code, others;

	if (smb_see(s, job) || read_shown(s, job, &text, &shown))
		return;
	others = text && *shown.instance_id && strcmp(shown.instance_id, job->base.instance_id) != 0;
	code = text && !others ? close_to_all(s, job) : 0;
	if (code == 0 && text && !others)
		code = smb_tool_delete(s, job);
	if (code == 0 && !others)
		code = smb_tool_control(s, job, "reload-config", NULL);
	if (code == 0 && !others && !text && job->base.busy_ns) /* it was deleted before, and somebody is still in there */
		code = smb_tool_control(s, job, "close-share", job->base.share_id);
	if (code == 0 && !others)
		plug_job_unmount(&s->base, &job->base);
	smb_shown_clear(&shown);
	free(text);
}

void smb_work(struct plug_server *server, struct plug_job *head)
{
	struct smb_server *s = (struct smb_server *)(void *)server;
	struct smb_job *job = (struct smb_job *)(void *)head;

	head->code = 0;
	head->is_busy = 0;
	head->words[0] = '\0';
	switch (head->kind) {
	case SMB_PROBE:
		work_probe(s, job);
		break;
	case SMB_ADD:
	case SMB_UPDATE:
		work_put(s, job);
		break;
	case SMB_REMOVE:
		work_remove(s, job);
		break;
	case SMB_LOOK:
		smb_work_look(s, job);
		break;
	default:
		smb_work_list(s, job);
		break;
	}
}
