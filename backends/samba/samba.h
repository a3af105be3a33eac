/* backends/samba/samba.h - what the files of the samba exporter share */
#ifndef SAMBA_SAMBA_H
#define SAMBA_SAMBA_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "../common/server.h"

#define SMB_NAME_ROOM 256

/* ---- rules.c: whom smbd lets in ---- */

struct smb_user {
	char id[64];               /* of the rule; "": it was read from the server */
	char who[SMB_NAME_ROOM];
	int32_t priority;
	uint32_t level;
	int answer;                /* look: SHR_OK, or what is the matter */
	int reserved0;
	const char *why;           /* look: static */
};
struct smb_set { /* sorted by name, whatever its case; of one name the one that counts comes first */
	struct smb_user *users;
	uint32_t n, room;
};
/* NULL, or why smbd cannot be told of this rule: static words. */
const char *smb_rule_wrong(const struct shr_rule *rule);
struct smb_user *smb_set_add(struct smb_set *set, const char *who, uint32_t level); /* NULL: no memory; not sorted */
void smb_set_sort(struct smb_set *set);
struct smb_user *smb_set_find(const struct smb_set *set, const char *who); /* the one that counts, or NULL */
void smb_set_clear(struct smb_set *set);
/* Pull the full set. With UNFIT not NULL the rules that cannot be taken go there. 0 or a code (through fail). */
int smb_set_pull(const struct shr_driver_host *host, const struct shr_call *call, struct shr_rules *all, struct smb_set *ret,
	struct smb_set *unfit);
/* Each name once, at most read-only with READONLY. 0, or -1: no memory. */
int smb_set_effective(const struct smb_set *set, int readonly, struct smb_set *ret);
/*
 * From what the server HAS to what it SHALL have (both effective): whoever goes, or gets another level, must be cut off. *RET are
 * those who stay as they are, without who is new: in a cut that was not done, who seems new may be somebody who is being cut off.
 * How many must be cut off; -1: no memory.
 */
int smb_set_between(const struct smb_set *has, const struct smb_set *shall, struct smb_set *ret);

/* ---- block.c: a share's section, as it is written and as `net conf` shows it ---- */

struct smb_block {
	const char *share_id, *instance_id;
	const char *path;   /* of the mount */
	int is_both;        /* spoken by NFS too */
	int is_cutting;     /* somebody is being cut off: to be done again by whoever finds it so */
};
/* The caller's: free(). USERS: effective; NULL: nobody. NULL: no memory. */
char *smb_block_text(const struct smb_block *block, const struct smb_set *users);
struct smb_shown {
	char instance_id[PLUG_ID_ROOM]; /* "": not one of ours */
	char path[PLUG_PLACE_ROOM];
	int is_cutting;
	int is_strange; /* there is something in it that nobody of us wrote */
	struct smb_set users;
};
int smb_block_read(const char *text, struct smb_shown *ret); /* 0, or -1: no memory; clear *RET */
void smb_shown_clear(struct smb_shown *shown);
/* 1: but for its users and its state it is what BLOCK would be. */
int smb_block_same(const char *text, const struct smb_block *block);

/* ---- run.c: programs, without a shell ---- */

struct smb_run {
	pid_t pid;
	int out_fd, err_fd;
	int status; /* the exit status; -1: it was killed; -2: somebody else collected it; -3: it was too slow */
	char *out;  /* the caller's: free(); ends with a zero */
	size_t n_out;
	char err[PLUG_WORDS]; /* its last words */
};
int smb_run_start(struct smb_run *run, const char *const argv[], int lock); /* which it keeps open. 0, or errno */
int smb_run_end(struct smb_run *run, unsigned timeout_ms);        /* 0, or errno: the status is set */

/* ---- server.c: what a server is, and its jobs ---- */

enum smb_kind { SMB_PROBE, SMB_ADD, SMB_UPDATE, SMB_REMOVE, SMB_LOOK, SMB_LIST };

struct smb_job {
	struct plug_job base;
	int is_both;
	uint32_t max;       /* LIST */
	char after[SMB_NAME_ROOM]; /* LIST */
	struct smb_set set; /* UPDATE: effective */
	/* the answer */
	uint64_t life;      /* PROBE */
	struct smb_shown shown; /* LOOK */
	struct smb_found {      /* LIST */
		char name[SMB_NAME_ROOM], instance_id[PLUG_ID_ROOM], what[PLUG_PLACE_ROOM];
	} *found;
	uint32_t n_found;
	uint32_t reserved0;
};
struct smb_server {
	struct plug_server base;
	char *config, *pidfile_set, *cgroup; /* NULL: not given */
	char net[128], smbcontrol[128], testparm[128]; /* programs */
	/* the thread's own */
	char pidfile[PLUG_PLACE_ROOM];
	struct plug_proc proc;           /* whose configuration was read; set under the lock, for others to read */
};
struct smb { /* a backend */
	const struct shr_driver_host *host;
	struct smb_server *server;
	struct plug_addresses addresses;
};
struct smb_wanted { /* settings that are the server's */
	const char *config, *pidfile, *cgroup;
};
extern const struct plug_server_type smb_server_type;

/* ---- tools.c: Samba's own programs; each answers 0, or has failed the job ---- */

int smb_tool_param(struct smb_server *s, struct smb_job *job, const char *name, char *ret, size_t room);
int smb_tool_show(struct smb_server *s, struct smb_job *job, char **ret); /* *RET NULL: there is no such share */
int smb_tool_list(struct smb_server *s, struct smb_job *job, char **ret);
int smb_tool_import(struct smb_server *s, struct smb_job *job, const char *text);
int smb_tool_delete(struct smb_server *s, struct smb_job *job);
int smb_tool_control(struct smb_server *s, struct smb_job *job, const char *message, const char *parameter);
/* Everything that was sent to smbd before has been done: by it, and by each of its clients' processes. With STRICT it is a failure
 * when one of these does not answer. */
int smb_tool_settle(struct smb_server *s, struct smb_job *job, int strict);

/* ---- work.c, look.c: what the thread does ---- */

void smb_work(struct plug_server *server, struct plug_job *job);
int smb_see(struct smb_server *s, struct smb_job *job); /* smbd is there, and its configuration will do */
void smb_work_look(struct smb_server *s, struct smb_job *job);
void smb_work_list(struct smb_server *s, struct smb_job *job);

/* ---- calls.c ---- */

struct smb_order { /* what a job is made of when there is none yet for the call */
	enum smb_kind kind;
	uint32_t max;
	uint64_t revision;
	const struct shr_exported *what;
	struct shr_rules *all; /* UPDATE */
	const char *after;
};
/* 0: *ret is done, went well, and is the caller's. Else what to answer. */
int smb_ask(struct smb *m, const struct shr_call *call, const struct smb_order *order, struct smb_job **ret);
int smb_ask_first(struct smb *m, const struct shr_call *call); /* for open */
void smb_job_free(struct smb *m, struct smb_job *job);
int smb_probe(void *ex, const struct shr_call *call);
int smb_add(void *ex, const struct shr_call *call, const struct shr_exported *what);
int smb_remove(void *ex, const struct shr_call *call, const struct shr_exported *what);
int smb_update_access(void *ex, const struct shr_call *call, const struct shr_exported *what,
	const struct shr_access_diff *diff, struct shr_rules *all);
int smb_hold(void *ex, const struct shr_call *call, uint32_t bound_ms);
int smb_release(void *ex, const struct shr_call *call);

/* ---- looked.c ---- */

int smb_look(void *ex, const struct shr_call *call, const struct shr_exported *what, struct shr_rules *all);
int smb_list(void *ex, const struct shr_call *call, const char *after, uint32_t max);

#endif
