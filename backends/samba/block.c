/* backends/samba/block.c - a share's section of the registry: written, and read as `net conf` shows it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "samba.h"

/* The security id of nobody: a list that begins with it is never empty, which would mean everybody. */
#define NOBODY "S-1-0-0"

/* ---- writing ---- */

/*
 * What holds whoever is let in. [global] gives the defaults of each share: what would let somebody in, or make somebody root, is
 * said here. A share that NFS speaks too must not be cached by clients, since nothing tells them of a change from that side,
 * and its locks are those of the system.
 */
static void add_fixed(struct plug_text *t, const struct smb_block *b)
{
	plug_text_add(t, "[%s]\n\tpath = %s\n\tlibshare:instance = %s\n", b->share_id, b->path, b->instance_id);
	plug_text_add(t, "\tavailable = yes\n\tbrowseable = no\n\tread only = yes\n\tguest ok = no\n"
		"\tprintable = no\n\twide links = no\n"
		"\tadmin users = " NOBODY "\n\tinvalid users = " NOBODY "\n");
	if (b->is_both)
		plug_text_add(t, "\tforce user = \n\tforce group = \n\toplocks = no\n\tfake oplocks = no\n"
			"\tlevel2 oplocks = no\n\tkernel oplocks = no\n"
			"\tdurable handles = no\n\tposix locking = yes\n\tlocking = yes\n\tstrict locking = yes\n\tstrict sync = yes\n"
			"\tcsc policy = disable\n");
}

static void add_list(struct plug_text *t, const char *key, const struct smb_set *users, int writers_only)
{
	uint32_t i;

	plug_text_add(t, "\t%s = " NOBODY, key);
	for (i = 0; users && i < users->n; i++)
		if (!writers_only || users->users[i].level == SHR_LEVEL_RW)
			plug_text_add(t, " \"%s\"", users->users[i].who);
	plug_text_add(t, "\n");
}

char *smb_block_text(const struct smb_block *block, const struct smb_set *users)
{
	struct plug_text t = { NULL, 0, 0, 0 };

	add_fixed(&t, block);
	plug_text_add(&t, "\tlibshare:state = %s\n", block->is_cutting ? "cutting" : "whole");
	add_list(&t, "valid users", users, 0);
	add_list(&t, "write list", users, 1);
	if (!t.bad)
		return t.s;
	free(t.s);
	return NULL;
}

int smb_block_same(const char *text, const struct smb_block *block)
{
	struct plug_text t = { NULL, 0, 0, 0 };
	int same;

	add_fixed(&t, block);
	same = !t.bad && strncmp(text, t.s, t.n) == 0 && strncmp(text + t.n, "\tlibshare:state = ", 18) == 0;
	free(t.s);
	return same;
}

/* ---- reading ---- */

struct line {
	const char *key, *value;
	size_t n_key, n_value;
};

/* The next parameter, *TEXT behind it; 0: no more. */
static int next_line(const char **text, struct line *ret)
{
	const char *end, *is;

	while (**text) {
		end = *text + strcspn(*text, "\n");
		ret->key = *text + strspn(*text, "\t ");
		is = memchr(ret->key, '=', (size_t)(end - ret->key));
		*text = *end ? end + 1 : end;
		if (*ret->key == '[' || !is)
			continue;
		ret->n_key = (size_t)(is - ret->key);
		while (ret->n_key > 0 && ret->key[ret->n_key - 1] == ' ')
			ret->n_key--;
		ret->value = is + 1;
		while (ret->value < end && *ret->value == ' ')
			ret->value++;
		ret->n_value = (size_t)(end - ret->value);
		return 1;
	}
	return 0;
}

static int is_key(const struct line *l, const char *key)
{
	return l->n_key == strlen(key) && strncmp(l->key, key, l->n_key) == 0;
}

static void take_value(const struct line *l, char *ret, size_t room)
{
	snprintf(ret, room, "%.*s", (int)(l->n_value < room ? l->n_value : room - 1), l->value);
}

/* The next name of a list, in quotes or not; 0: no more. */
static int next_name(struct line *l, char ret[SMB_NAME_ROOM])
{
	const char *s = l->value, *end = l->value + l->n_value, *from;
	size_t n;
	int quoted;

	while (s < end && strchr(" \t,;", *s))
		s++;
	if (s == end)
		return 0;
	quoted = *s == '"';
	from = s += quoted;
	while (s < end && (quoted ? *s != '"' : !strchr(" \t,;", *s)))
		s++;
	n = (size_t)(s - from);
	snprintf(ret, SMB_NAME_ROOM, "%.*s", (int)(n < SMB_NAME_ROOM ? n : SMB_NAME_ROOM - 1), from);
	s += quoted && s < end;
	l->n_value = (size_t)(end - s);
	l->value = s;
	return 1;
}

static int read_list(struct line l, struct smb_set *set)
{
	char who[SMB_NAME_ROOM];

	while (next_name(&l, who))
		if (strcmp(who, NOBODY) != 0 && !smb_set_add(set, who, SHR_LEVEL_RO))
			return -1;
	smb_set_sort(set);
	return 0;
}

/* Who is in the list of writers, and not let in, cannot write. */
static int raise_writers(struct smb_shown *shown, struct line l)
{
	char who[SMB_NAME_ROOM];
	struct smb_user *u;

	while (next_name(&l, who)) {
		u = smb_set_find(&shown->users, who);
		if (u)
			u->level = SHR_LEVEL_RW;
		else if (strcmp(who, NOBODY) != 0)
			shown->is_strange = 1;
	}
	return 0;
}

static void read_state(const struct line *l, struct smb_shown *shown)
{
	char state[16];

	take_value(l, state, sizeof state);
	shown->is_cutting = strcmp(state, "whole") != 0;
}

int smb_block_read(const char *text, struct smb_shown *ret)
{
	struct line l, writers = { NULL, NULL, 0, 0 };
	int bad = 0, n_ends = 0;

	memset(ret, 0, sizeof *ret);
	while (!bad && next_line(&text, &l)) {
		if (is_key(&l, "path"))
			take_value(&l, ret->path, sizeof ret->path);
		else if (is_key(&l, "libshare:instance"))
			take_value(&l, ret->instance_id, sizeof ret->instance_id);
		else if (is_key(&l, "libshare:state"))
			read_state(&l, ret);
		else if (is_key(&l, "valid users"))
			bad = read_list(l, &ret->users);
		else if (is_key(&l, "write list"))
			writers = l;
		else if (n_ends)
			ret->is_strange = 1; /* it comes behind what ends a section of ours */
		n_ends += is_key(&l, "write list");
	}
	if (!plug_id_ok(ret->instance_id))
		ret->instance_id[0] = '\0';
	if (bad) {
		smb_shown_clear(ret);
		return -1;
	}
	return raise_writers(ret, writers);
}

void smb_shown_clear(struct smb_shown *shown)
{
	smb_set_clear(&shown->users);
}
