/* examples/sharectl/commands.c - every command there is */
#include "ctl.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define OPTS(...) (const unsigned char[]){ __VA_ARGS__, OPT_END }
#define ORPHAN_HELP "ORPHAN is an id, as orphan list shows it."
#define CHANGES (CTL_STORE | CTL_ENGINE | CTL_CHANGES)
#define LISTS (CTL_STORE | CTL_LISTS | CTL_PAGES)
#define SHARE_HELP "SHARE is an id, or a name that one share of the project has."
#define SNAPSHOT_HELP "SNAPSHOT is an id, or a name that one snapshot of the project has."
#define EITHER_HELP "SHARE is an id or a name, of a share or of a snapshot."
#define RULED_HELP "SHARE is an id or a name, of a share or of a snapshot whose access is own."
#define SIZE_HELP "SIZE is a number of bytes, or one with K, M, G, T, P or E, which are powers of 1024: 10GiB and " \
	"10G are the same."
#define WHO_HELP "WHO is an address or a prefix like 10.0.0.0/24, or with --type a user, a certificate's name or a Ceph id."

const struct ctl_command ctl_commands[] = {
	{ "init", "", "write a configuration for a directory, and make its store",
		"With --root the directory becomes a backend of the driver dir with one pool. Without it the store of a configuration "
		"that is there is made. Nothing that is there is changed.", 0, 0, 0,
		OPTS(OPT_ROOT, OPT_STORE, OPT_BACKEND, OPT_POOL, OPT_FORCE), ctl_init },

	{ "share create", "NAME [SIZE]", "make a share",
		SIZE_HELP " With --from it is the snapshot's when it is not given.", 1, 2, CHANGES,
		OPTS(OPT_PROTO, OPT_DESCRIPTION, OPT_ZONE, OPT_BACKEND, OPT_POOL, OPT_META, OPT_ALLOW, OPT_TYPE, OPT_FROM, OPT_READONLY,
			OPT_SNAPSHOT_ACCESS), ctl_share_create },
	{ "share list", "", "list shares", NULL, 0, 0, LISTS,
		OPTS(OPT_STATE, OPT_NAME, OPT_BACKEND, OPT_POOL, OPT_META), ctl_share_list },
	{ "share show", "SHARE", "tell all of a share", SHARE_HELP, 1, 1, CTL_STORE, NULL, ctl_share_show },
	{ "share update", "SHARE", "give a share another name, description or metadata", SHARE_HELP, 1, 1,
		CTL_STORE | CTL_CHANGES, OPTS(OPT_NAME, OPT_DESCRIPTION, OPT_META, OPT_UNSET, OPT_SNAPSHOT_ACCESS), ctl_share_update },
	{ "share extend", "SHARE SIZE", "make a share larger", SHARE_HELP " " SIZE_HELP " +SIZE is that much more.", 2, 2,
		CHANGES, NULL,
		ctl_share_extend },
	{ "share shrink", "SHARE SIZE", "make a share smaller", SHARE_HELP " " SIZE_HELP " -SIZE is that much less.", 2,
		2, CHANGES, NULL,
		ctl_share_shrink },
	{ "share revert", "SHARE SNAPSHOT", "give a share the contents of one of its snapshots",
		SHARE_HELP " SNAPSHOT is an id, or a name that one snapshot of the share has. All its snapshots stay. "
		"Its clients are cut off meanwhile, and have to mount it again.", 2, 2, CHANGES, NULL, ctl_share_revert },
	{ "share blockers", "SHARE", "say what keeps a share from being deleted, and what to do about it",
		SHARE_HELP " It ends with 11 when something does.", 1, 1, CTL_STORE, NULL, ctl_share_blockers },
	{ "share delete", "SHARE", "delete a share and what is in it", SHARE_HELP, 1, 1, CHANGES, NULL, ctl_share_delete },
	{ "share force-delete", "SHARE", "take a share out of the records whatever happens; needs the role admin",
		SHARE_HELP " What cannot be removed on the backend becomes an orphan.", 1, 1, CHANGES, NULL,
			ctl_share_force_delete },
	{ "share reset-state", "SHARE available|error", "set the state of a share by hand; needs the role admin",
		SHARE_HELP, 2, 2,
		CHANGES, NULL, ctl_share_reset_state },
	{ "share manage", "SOURCE", "make a share of what is on a backend; needs the role admin",
		"SOURCE is how the driver knows it: for dir, a path below the root. --backend and --pool must be given.", 1,
			1, CHANGES,
		OPTS(OPT_BACKEND, OPT_POOL, OPT_PROTO, OPT_NAME, OPT_DESCRIPTION), ctl_share_manage },
	{ "share unmanage", "SHARE", "forget a share and leave its data; needs the role admin", SHARE_HELP, 1, 1, CHANGES,
		NULL,
		ctl_share_unmanage },
	{ "share lock", "OBJECT HOLDER", "keep a share or a rule from being deleted",
		"OBJECT is a share, or the id of a rule. HOLDER is who keeps it; as many unlocks as locks.", 2, 2, CTL_STORE |
			CTL_CHANGES,
		OPTS(OPT_REASON), ctl_lock_add },
	{ "share unlock", "OBJECT HOLDER", "take one lock of a holder away", "OBJECT is a share, or the id of a rule.", 2,
		2,
		CTL_STORE | CTL_CHANGES, NULL, ctl_lock_remove },
	{ "share locks", "OBJECT", "list the locks of a share or a rule", "OBJECT is a share, or the id of a rule.", 1, 1,
		CTL_STORE | CTL_PAGES, NULL, ctl_lock_list },

	{ "snapshot create", "SHARE [NAME]", "cut a snapshot of a share", SHARE_HELP " Its clients go on.", 1, 2, CHANGES,
		OPTS(OPT_DESCRIPTION, OPT_META, OPT_ACCESS), ctl_snapshot_create },
	{ "snapshot list", "[SHARE]", "list the snapshots of a share, or of the project", SHARE_HELP, 0, 1, LISTS,
		OPTS(OPT_STATE, OPT_NAME), ctl_snapshot_list },
	{ "snapshot show", "SNAPSHOT", "tell all of a snapshot", SNAPSHOT_HELP, 1, 1, CTL_STORE, NULL, ctl_snapshot_show },
	{ "snapshot update", "SNAPSHOT", "give a snapshot another name, description or metadata", SNAPSHOT_HELP, 1, 1,
		CTL_STORE | CTL_CHANGES, OPTS(OPT_NAME, OPT_DESCRIPTION, OPT_META, OPT_UNSET), ctl_snapshot_update },
	{ "snapshot access", "SNAPSHOT none|own|share", "export a snapshot read-only by rules of its own or its share's, or not",
		SNAPSHOT_HELP " Clients that have it mounted lose it for that moment.", 2, 2, CHANGES, NULL, ctl_snapshot_access },
	{ "snapshot delete", "SNAPSHOT", "delete a snapshot", SNAPSHOT_HELP, 1, 1, CHANGES, NULL, ctl_snapshot_delete },
	{ "snapshot blockers", "SNAPSHOT", "say what keeps a snapshot from being deleted, and what to do about it",
		SNAPSHOT_HELP " It ends with 11 when something does.", 1, 1, CTL_STORE, NULL, ctl_snapshot_blockers },
	{ "snapshot force-delete", "SNAPSHOT", "take a snapshot out of the records whatever happens; needs the role admin",
		SNAPSHOT_HELP " What cannot be removed on the backend becomes an orphan.", 1, 1, CHANGES, NULL, ctl_snapshot_force_delete },
	{ "snapshot reset-state", "SNAPSHOT available|error", "set the state of a snapshot by hand; needs the role admin",
		SNAPSHOT_HELP, 2, 2, CHANGES, NULL, ctl_snapshot_reset_state },
	{ "snapshot manage", "SHARE SOURCE", "make a snapshot of what is on the backend of a share; needs the role admin",
		SHARE_HELP " SOURCE is how the driver knows it.", 2, 2, CHANGES, OPTS(OPT_NAME, OPT_DESCRIPTION), ctl_snapshot_manage },
	{ "snapshot unmanage", "SNAPSHOT", "forget a snapshot and leave it where it is; needs the role admin", SNAPSHOT_HELP, 1, 1,
		CHANGES, NULL, ctl_snapshot_unmanage },

	{ "access allow", "SHARE WHO...", "let clients in", RULED_HELP " " WHO_HELP " All are let in, or none.", 2,
		INT_MAX, CHANGES,
		OPTS(OPT_TYPE, OPT_LEVEL, OPT_SQUASH, OPT_PRIORITY, OPT_META, OPT_IF_REVISION), ctl_access_allow },
	{ "access deny", "SHARE WHO|RULE...", "take rules away", RULED_HELP " " WHO_HELP " RULE is an id.", 2, INT_MAX,
		CHANGES,
		OPTS(OPT_TYPE, OPT_IF_REVISION), ctl_access_deny },
	{ "access set", "SHARE WHO|RULE...", "change rules, or make them",
		RULED_HELP " " WHO_HELP " RULE is an id. --level must be given; "
		"what else is not given is set to its default.", 2, INT_MAX,
		CHANGES, OPTS(OPT_TYPE, OPT_LEVEL, OPT_SQUASH, OPT_PRIORITY, OPT_META, OPT_IF_REVISION), ctl_access_set },
	{ "access list", "SHARE", "list the rules of a share", RULED_HELP, 1, 1, CTL_STORE | CTL_PAGES, NULL,
		ctl_access_list },
	{ "access explain", "SHARE WHO", "say whether a client can mount a share, by which rule and how, or why not",
		EITHER_HELP " " WHO_HELP " It ends with 11 when the client cannot.", 2, 2, CTL_STORE,
		OPTS(OPT_TYPE, OPT_PROTOCOL, OPT_FAMILY, OPT_TARGET), ctl_access_explain },
	{ "access apply", "SHARE FILE", "make all the changes of a file, or none",
		RULED_HELP " Each line of FILE (-: the standard input) is \"allow TYPE WHO LEVEL\", "
		"\"set TYPE WHO LEVEL\" or \"deny TYPE WHO\", "
		"with priority=N, squash=SQUASH and meta.KEY=VALUE behind it; # begins a comment.", 2, 2, CHANGES,
			OPTS(OPT_IF_REVISION),
		ctl_access_apply },
	{ "access wait", "SHARE", "wait until the rules are in force", RULED_HELP, 1, 1, CTL_STORE | CTL_ENGINE,
		OPTS(OPT_REVISION, OPT_TIMEOUT), ctl_access_wait },
	{ "access key", "SHARE WHO|RULE", "show the secret of a rule; needs the role access_key",
		RULED_HELP " RULE is an id.", 2, 2,
		CTL_STORE, OPTS(OPT_TYPE), ctl_access_key },
	{ "access reseal", "", "seal all access keys anew with the newest key", NULL, 0, 0, CTL_STORE | CTL_AS_SYSTEM, NULL,
		ctl_access_reseal },

	{ "pool list", "", "list the pools with their room", NULL, 0, 0, CTL_STORE | CTL_ENGINE | CTL_PAGES, NULL,
		ctl_pool_list },
	{ "quota show", "[PROJECT]", "what a project may use, and uses", NULL, 0, 1, CTL_STORE, NULL, ctl_quota_show },
	{ "quota set", "[PROJECT]", "set what a project may use; needs the role admin",
		"What is not given stays as it is.", 0, 1,
		CTL_STORE | CTL_CHANGES, OPTS(OPT_SHARES, OPT_BYTES), ctl_quota_set },

	{ "op list", "", "list operations", NULL, 0, 0, LISTS, OPTS(OPT_UNENDED, OPT_OBJECT), ctl_op_list },
	{ "op show", "OPERATION", "tell all of an operation", NULL, 1, 1, CTL_STORE, NULL, ctl_op_show },
	{ "op wait", "OPERATION", "wait for the end of an operation", NULL, 1, 1, CTL_STORE | CTL_ENGINE,
		OPTS(OPT_TIMEOUT), ctl_op_wait },
	{ "op cancel", "OPERATION", "end an operation and undo it", NULL, 1, 1, CTL_STORE | CTL_ENGINE, OPTS(OPT_NO_WAIT,
		OPT_TIMEOUT),
		ctl_op_cancel },

	{ "event list", "", "list events, the audit trail", NULL, 0, 0, CTL_STORE | CTL_PAGES, OPTS(OPT_OBJECT,
		OPT_ALL_PROJECTS),
		ctl_event_list },
	{ "event follow", "", "print events as they come, until a signal", NULL, 0, 0, CTL_STORE,
		OPTS(OPT_OBJECT, OPT_ALL_PROJECTS, OPT_AFTER, OPT_TIMEOUT), ctl_event_follow },

	{ "driver list", "", "list the drivers that are installed", NULL, 0, 0, CTL_STORE, NULL, ctl_driver_list },
	{ "exporter list", "", "list the exporters that are installed", NULL, 0, 0, CTL_STORE, NULL, ctl_exporter_list },
	{ "orphan list", "", "list what was left behind on backends; needs the role admin", NULL, 0, 0, CTL_STORE |
		CTL_PAGES, NULL,
		ctl_orphan_list },
	{ "orphan delete", "ORPHAN", "remove from its backend what was left behind there; needs the role admin", ORPHAN_HELP, 1, 1,
		CHANGES, NULL, ctl_orphan_delete },
	{ "orphan adopt", "ORPHAN", "make a share again of what was left behind, with its files; needs the role admin",
		ORPHAN_HELP " The share has the size that the backend tells, no rules, and the id that it had.", 1, 1, CHANGES,
		OPTS(OPT_PROTO, OPT_NAME, OPT_DESCRIPTION), ctl_orphan_adopt },
	{ "drift list", "[SHARE]", "list what backends had otherwise than the records; needs the role admin", EITHER_HELP, 0, 1,
		CTL_STORE | CTL_PAGES, NULL, ctl_drift_list },
	{ "reconcile", "[SHARE]", "compare shares with what is really there, and put back what vanished; needs the role admin",
		EITHER_HELP " Without one all shares of the project are compared; with --backend all that is there, of all projects, and "
		"what nobody knows. Nothing is removed.", 0, 1, CHANGES, OPTS(OPT_BACKEND, OPT_ALL, OPT_ALL_PROJECTS), ctl_reconcile },

	{ "engine run", "", "run an engine until SIGTERM or SIGINT",
		"It works for every process that uses the store. --backend may be repeated: only these.", 0, 0, CTL_STORE,
		OPTS(OPT_WORKERS, OPT_NAME, OPT_BACKEND), ctl_engine_run },
	{ "config check", "[FILE]", "read a configuration and tell its mistakes", NULL, 0, 1, 0, NULL, ctl_config_check },
	{ "store check", "", "look for damage in the store", NULL, 0, 0, CTL_STORE, OPTS(OPT_FULL), ctl_store_check },
	{ "purge", "", "delete events and ended operations that are older than the retention", NULL, 0, 0, CTL_STORE |
		CTL_AS_SYSTEM,
		NULL, ctl_purge },
	{ "complete", "[WORD...]", "what may stand for the last word, for the shell", NULL, 0, INT_MAX, CTL_HIDDEN, NULL,
		ctl_complete },
	{ 0 },
};

int ctl_is_global(enum ctl_opt o)
{
	return o >= OPT_HELP && o <= OPT_VERBOSE;
}

static const struct {
	uint32_t flag;
	const unsigned char *options;
} sets[] = {
	{ CTL_ENGINE, OPTS(OPT_NO_ENGINE) },
	{ CTL_CHANGES, OPTS(OPT_NO_ENGINE, OPT_NO_WAIT, OPT_TIMEOUT, OPT_TOKEN, OPT_IF_VERSION) },
	{ CTL_LISTS, OPTS(OPT_NEWEST, OPT_ALL_PROJECTS) },
	{ CTL_PAGES, OPTS(OPT_LIMIT, OPT_AFTER) },
};

int ctl_takes(const struct ctl_command *cmd, enum ctl_opt o)
{
	if (ctl_is_global(o))
		return 1;
	for (const unsigned char *p = cmd->options; p && *p; p++)
		if (*p == o)
			return 1;
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		for (const unsigned char *p = sets[i].options; (cmd->flags & sets[i].flag) && *p; p++)
			if (*p == o)
				return 1;
	return 0;
}

/* 1: WORDS begins with the N words of ARGV; with WORDS NULL: some command does. */
int ctl_begins(const char *words, char **argv, int n)
{
	if (!words) {
		for (const struct ctl_command *cmd = ctl_commands; cmd->words; cmd++)
			if (!(cmd->flags & CTL_HIDDEN) && ctl_begins(cmd->words, argv, n))
				return 1;
		return 0;
	}
	for (int i = 0; i < n; i++) {
		size_t length = strcspn(words, " ");

		if (strlen(argv[i]) != length || memcmp(words, argv[i], length) != 0)
			return 0;
		words += length;
		words += *words == ' ';
	}
	return 1;
}

const struct ctl_command *ctl_find(char **words, int n, int *ret_used)
{
	for (const struct ctl_command *cmd = ctl_commands; cmd->words; cmd++) {
		int needs = strchr(cmd->words, ' ') ? 2 : 1;

		if (n >= needs && ctl_begins(cmd->words, words, needs)) {
			*ret_used = needs;
			return cmd;
		}
	}
	return NULL;
}
