/* backends/samba/tools.c - Samba's own programs: net, smbcontrol, testparm */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "samba.h"

#define TOOL_MS 20000u /* longer than that and something hangs */
#define PING_MS 4000u
#define PING_S "2"
#define PINGS_AT_ONCE 4

static int started(struct smb_job *job, const char *program, int bad)
{
	if (bad == 0)
		return 0;
	return plug_job_fail(&job->base, bad == ENOMEM || bad == EAGAIN || bad == EMFILE || bad == ENFILE ? SHR_EAGAIN : SHR_EBACKEND,
		"%s does not start: %s", program, strerror(bad));
}

/* Run it to its end. 0, and how it ended is in *RUN, whose output is the caller's; or it has failed the job. */
static int run(const struct smb_server *s, struct smb_job *job, const char *const argv[], struct smb_run *ret)
{
	int bad = started(job, argv[0], smb_run_start(ret, argv, s->base.lock_fd));

	if (bad)
		return bad;
	if (smb_run_end(ret, TOOL_MS) != 0)
		bad = plug_job_fail(&job->base, SHR_EAGAIN, "no memory");
	else if (ret->status == -2)
		bad = plug_job_fail(&job->base, SHR_EAGAIN, "how %s ended is not known: this process must neither ignore SIGCHLD nor wait "
			"for children that are not its own", argv[0]);
	else if (ret->status == -3)
		bad = plug_job_fail(&job->base, SHR_EUNREACHABLE, "%s has not ended after %u s: Samba or its disk hangs", argv[0],
			TOOL_MS / 1000);
	if (bad) {
		free(ret->out);
		ret->out = NULL;
	}
	return bad;
}

/* Some of net's words of failure go to the standard output. */
static int no_such_share(const struct smb_run *r)
{
	return r->status != 0 && (strstr(r->out, "SBC_ERR_NO_SUCH_SERVICE") || strstr(r->err, "SBC_ERR_NO_SUCH_SERVICE"));
}

static int went_well(struct smb_job *job, const struct smb_run *r, const char *what)
{
	if (r->status == 0)
		return 0;
	return plug_job_fail(&job->base, SHR_EBACKEND, "%s: exit status %d: %.150s %.230s", what, r->status, r->err, r->out);
}

int smb_tool_param(struct smb_server *s, struct smb_job *job, const char *name, char *ret, size_t room)
{
	char param[80];
	const char *const argv[] = { s->testparm, "--suppress-prompt", param, s->config, NULL };
	struct smb_run r;
	int code;

	snprintf(param, sizeof param, "--parameter-name=%s", name);
	code = run(s, job, argv, &r);
	if (code)
		return code;
	if (r.status != 0)
		code = plug_job_fail(&job->base, SHR_EBACKEND, "setting config: %.200s: testparm does not take it: %.200s", s->config,
			r.err);
	snprintf(ret, room, "%.*s", (int)strcspn(r.out, "\n"), r.out);
	free(r.out);
	return code;
}

/* ---- the registry ---- */

int smb_tool_show(struct smb_server *s, struct smb_job *job, char **ret)
{
	const char *const argv[] = { s->net, "--configfile", s->config, "conf", "showshare", job->base.share_id, NULL };
	struct smb_run r;
	int code = run(s, job, argv, &r);

	*ret = NULL;
	if (code)
		return code;
	if (no_such_share(&r)) {
		free(r.out);
		return 0;
	}
	code = went_well(job, &r, "net conf showshare");
	if (code)
		free(r.out);
	else
		*ret = r.out;
	return code;
}

int smb_tool_list(struct smb_server *s, struct smb_job *job, char **ret)
{
	const char *const argv[] = { s->net, "--configfile", s->config, "conf", "list", NULL };
	struct smb_run r;
	int code = run(s, job, argv, &r);

	*ret = NULL;
	if (code)
		return code;
	code = went_well(job, &r, "net conf list");
	if (code)
		free(r.out);
	else
		*ret = r.out;
	return code;
}

static int write_text(struct smb_server *s, const char *text)
{
	size_t n = strlen(text);
	int fd = openat(s->base.exports_fd, "import", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), why = 0;
	ssize_t k;

	if (fd < 0)
		return -1;
	while (n > 0 && !why) {
		k = write(fd, text, n);
		if (k < 0 && errno != EINTR)
			why = errno;
		text += k > 0 ? k : 0;
		n -= k > 0 ? (size_t)k : 0;
	}
	if (close(fd) < 0 && !why)
		why = errno;
	errno = why;
	return why ? -1 : 0;
}

/* The whole section in one transaction: it is as before, or as TEXT says. */
int smb_tool_import(struct smb_server *s, struct smb_job *job, const char *text)
{
	char file[PLUG_PLACE_ROOM];
	const char *const argv[] = { s->net, "--configfile", s->config, "conf", "import", file, job->base.share_id, NULL };
	struct smb_run r;
	int code;

	snprintf(file, sizeof file, "%s/exports/import", s->base.dir);
	if (write_text(s, text) < 0)
		return plug_job_fail_errno(&job->base, file);
	code = run(s, job, argv, &r);
	unlinkat(s->base.exports_fd, "import", 0);
	if (code)
		return code;
	code = went_well(job, &r, "net conf import");
	free(r.out);
	return code;
}

int smb_tool_delete(struct smb_server *s, struct smb_job *job)
{
	const char *const argv[] = { s->net, "--configfile", s->config, "conf", "delshare", job->base.share_id, NULL };
	struct smb_run r;
	int code = run(s, job, argv, &r);

	if (code)
		return code;
	if (!no_such_share(&r))
		code = went_well(job, &r, "net conf delshare");
	free(r.out);
	return code;
}

/* ---- smbd ---- */

int smb_tool_control(struct smb_server *s, struct smb_job *job, const char *message, const char *parameter)
{
	char pid[32];
	const char *const argv[] = { s->smbcontrol, "--configfile", s->config, "--timeout=" PING_S, pid, message, parameter, NULL };
	struct smb_run r;
	int code;

	snprintf(pid, sizeof pid, "%ld", (long)s->proc.pid);
	code = run(s, job, argv, &r);
	if (code)
		return code;
	if (strcmp(message, "ping") == 0 && !strstr(r.out, "PONG"))
		code = plug_job_fail(&job->base, SHR_EUNREACHABLE, "setting config: process %s, smbd, does not answer: %.300s", pid, r.err);
	else if (r.status != 0)
		code = plug_job_fail(&job->base, SHR_EUNREACHABLE, "smbcontrol %s %s: %.300s", pid, message, r.err);
	free(r.out);
	return code;
}

struct ping {
	struct plug_proc proc;
	struct smb_run run;
	char pid[32];
};

static int ping_start(struct smb_server *s, struct smb_job *job, struct ping *p)
{
	const char *const argv[] = { s->smbcontrol, "--configfile", s->config, "--timeout=" PING_S, p->pid, "ping", NULL };

	snprintf(p->pid, sizeof p->pid, "%ld", (long)p->proc.pid);
	return started(job, argv[0], smb_run_start(&p->run, argv, s->base.lock_fd));
}

/* One that has ended meanwhile will do nothing any more. */
static int ping_end(struct smb_job *job, struct ping *p)
{
	int bad = smb_run_end(&p->run, PING_MS), answered = !bad && p->run.out && strstr(p->run.out, "PONG") != NULL;

	free(p->run.out);
	if (answered || !plug_proc_alive(&p->proc))
		return 0;
	return plug_job_fail(&job->base, SHR_EAGAIN, "process %s, smbd for a client, does not answer: what it is at may hang; end it, "
		"and this goes on", p->pid);
}

/* Programs that smbd has started are its children too, and no smbd. */
static int is_same_program(pid_t a, pid_t b)
{
	char path[64], one[PLUG_PLACE_ROOM] = "", other[PLUG_PLACE_ROOM] = "";

	snprintf(path, sizeof path, "/proc/%ld/exe", (long)a);
	if (readlink(path, one, sizeof one - 1) < 0)
		return 0;
	snprintf(path, sizeof path, "/proc/%ld/exe", (long)b);
	return readlink(path, other, sizeof other - 1) > 0 && strcmp(one, other) == 0;
}

static int ping_some(struct smb_server *s, struct smb_job *job, const struct plug_proc *procs, int n)
{
	struct ping pings[PINGS_AT_ONCE];
	int i, begun = 0, code = 0;

	for (i = 0; i < n && code == 0; i++) {
		if (!is_same_program(s->proc.pid, procs[i].pid))
			continue;
		pings[begun].proc = procs[i];
		code = ping_start(s, job, &pings[begun]);
		begun += code == 0;
	}
	for (i = 0; i < begun; i++)
		if (ping_end(job, &pings[i]) != 0)
			code = job->base.code;
	return code;
}

/* The first hands on what it is told before it answers; who of the others answers has done what came before that. */
int smb_tool_settle(struct smb_server *s, struct smb_job *job, int strict)
{
	struct plug_proc *procs;
	int code = smb_tool_control(s, job, "ping", NULL), n, i;

	if (code)
		return code;
	n = plug_proc_children(s->proc.pid, &procs);
	if (n < 0)
		return plug_job_fail(&job->base, SHR_EAGAIN, "smbd's processes cannot be told: %s", strerror(errno));
	for (i = 0; i < n && code == 0; i += PINGS_AT_ONCE)
		code = ping_some(s, job, procs + i, n - i < PINGS_AT_ONCE ? n - i : PINGS_AT_ONCE);
	free(procs);
	if (code == SHR_EAGAIN && !strict)
		code = job->base.code = 0;
	return code;
}
