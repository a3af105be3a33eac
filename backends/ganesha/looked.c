/* backends/ganesha/looked.c - what the thread has seen, compared with what should be there */
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

static void foreign(const struct gan *g, const struct shr_call *call, const struct gan_client *c)
{
	struct shr_found f = { sizeof f, SHR_FOUND_RULE, 0, c->text, "", c->options & OPTION_WRITE ? "rw" : "ro" };

	if (!*c->text)
		f.name = "(without a name)";
	g->host->found(call, &f);
}

/* Each entry must be there, be so, and stand behind the one before it. */
static void compare_entries(const struct gan_job *job, struct gan_set *set, const struct gan_entry *e, uint32_t n_e,
	struct seen *seen, uint32_t n_seen)
{
	uint32_t i, reached = 0;
	struct seen *s;

	for (i = 0; i < n_e; i++) {
		s = find(seen, n_seen, &e[i].net);
		if (!s) {
			answer(&set->rules[e[i].rule], SHR_ENOTFOUND, "the server does not have it");
			continue;
		}
		s->used = 1;
		if (!is_so(&job->clients[s->at], &e[i], job->base.is_readonly))
			answer(&set->rules[e[i].rule], SHR_ECONFLICT, "the server has it with another level or squash");
		else if (s->at < reached)
			answer(&set->rules[e[i].rule], SHR_ECONFLICT, "the server has it in another place of the order");
		if (s->at > reached)
			reached = s->at;
	}
}

static int compare(const struct gan *g, const struct shr_call *call, const struct gan_job *job, struct gan_set *set)
{
	struct seen *seen = calloc(job->n_clients ? job->n_clients : 1, sizeof *seen);
	uint32_t n_seen = 0, n_e = 0, i;
	struct gan_entry *e = gan_set_entries(set, &n_e);
	int code = seen && e ? 0 : g->host->fail(call, SHR_EAGAIN, "no memory");

	for (i = 0; code == 0 && i < job->n_clients; i++) {
		seen[n_seen].at = i;
		if (gan_net_read(job->clients[i].text, &seen[n_seen].net) == 0)
			n_seen++;
		else
			foreign(g, call, &job->clients[i]);
	}
	if (code == 0) {
		qsort(seen, n_seen, sizeof *seen, seen_cmp);
		compare_entries(job, set, e, n_e, seen, n_seen);
		for (i = 0; i < n_seen; i++)
			if (!seen[i].used)
				foreign(g, call, &job->clients[seen[i].at]);
	}
	free(seen);
	free(e);
	return code;
}

/* The rules are pulled in the call that answers them: between two calls they may have changed. A rule that the server cannot take
 * was refused when it came, and is as it should be. */
int gan_look(void *ex, const struct shr_call *call, const struct shr_exported *what, struct shr_rules *all)
{
	struct gan_order o = { .kind = GAN_LOOK, .what = what };
	struct gan_set set = { NULL, 0, 0 }, unfit = { NULL, 0, 0 };
	struct gan *g = ex;
	struct gan_job *j;
	uint32_t i;
	int code = gan_ask(g, call, &o, &j);

	if (code)
		return code;
	code = gan_set_pull(g->host, call, all, g->squash, &set, &unfit);
	if (code == 0)
		code = compare(g, call, j, &set);
	for (i = 0; code == 0 && i < set.n; i++)
		g->host->set_rule(call, set.rules[i].id, set.rules[i].answer, set.rules[i].why);
	for (i = 0; code == 0 && i < unfit.n; i++)
		g->host->set_rule(call, unfit.rules[i].id, SHR_OK, "");
	gan_set_clear(&set);
	gan_set_clear(&unfit);
	gan_job_free(g, j);
	return code;
}

int gan_list(void *ex, const struct shr_call *call, const char *after, uint32_t max)
{
	struct gan_order o = { .kind = GAN_LIST, .after = after, .max = max };
	struct shr_found f = { sizeof f, SHR_FOUND_EXPORT, 0, NULL, NULL, NULL };
	struct gan *g = ex;
	struct gan_job *j;
	uint32_t i;
	int code = gan_ask(g, call, &o, &j);

	if (code)
		return code;
	for (i = 0; i < j->n_found; i++) {
		f.name = j->found[i].name;
		f.instance_id = j->found[i].instance_id;
		f.what = j->found[i].what;
		g->host->found(call, &f);
	}
	gan_job_free(g, j);
	return 0;
}
