/* examples/sharectl/change.c - what shares and snapshots have in common when they change, go and come */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "wait.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ctl_change(const struct ctl *c, struct shr_change_params *ret)
{
	*ret = (struct shr_change_params)SHR_CHANGE_PARAMS_INIT;
	ret->token = ctl_text(c, OPT_TOKEN);
	ret->if_version = (uint64_t)ctl_number(c, OPT_IF_VERSION, 0);
}

const char **ctl_pairs(struct ctl *c, enum ctl_opt o, uint32_t *ret_n)
{
	const struct ctl_value *v = &c->given[o];
	size_t room = 2 * (size_t)v->n * sizeof(char *), at = room;
	const char **pairs;

	/* One piece for the pointers and the words, so that one free() is enough. */
	for (int i = 0; i < v->n; i++)
		room += strlen(v->words[i]) + 1;
	pairs = ctl_alloc(room);
	for (int i = 0; i < v->n; i++) {
		char *word = (char *)pairs + at, *equals;

		memcpy(word, v->words[i], strlen(v->words[i]) + 1);
		at += strlen(word) + 1;
		equals = strchr(word, '=');
		if (!equals) {
			ctl_usage(c, "--%s: \"%s\" is not KEY=VALUE", ctl_options[o].name, word);
			free(pairs);
			return NULL;
		}
		*equals = '\0';
		pairs[2 * i] = word;
		pairs[2 * i + 1] = equals + 1;
	}
	*ret_n = (uint32_t)v->n;
	return pairs;
}

int ctl_changed(struct ctl *c, const struct ctl_noun *noun, int rc, const struct shr_op *op, const struct shr_error *error,
	const char *id, const char *what)
{
	int done = 0, status = ctl_finish(c, rc, op, error, &done);

	if (status || !done)
		return status;
	if (!what)
		return noun->print(c, id);
	printf("%s %s: %s\n", noun->word, id, what);
	return CTL_OK;
}

static int set_words(struct ctl *c, const struct ctl_noun *noun, ctl_update_fn fn, struct shr_share_update_params *p)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	char id[64];
	int rc, status = noun->id(c, c->argv[0], id);

	if (status)
		return status;
	p->token = ctl_text(c, OPT_TOKEN);
	p->if_version = (uint64_t)ctl_number(c, OPT_IF_VERSION, 0);
	p->name = ctl_text(c, OPT_NAME);
	p->description = ctl_text(c, OPT_DESCRIPTION);
	p->unset = c->given[OPT_UNSET].words;
	p->n_unset = (uint32_t)c->given[OPT_UNSET].n;
	p->snapshot_access = (uint32_t)ctl_number(c, OPT_SNAPSHOT_ACCESS, SHR_SNAPSHOT_ACCESS_DEFAULT);
	rc = fn(c->session, id, p, &op, &error);
	return ctl_changed(c, noun, rc, op, error, id, NULL);
}

int ctl_update(struct ctl *c, const struct ctl_noun *noun, ctl_update_fn fn)
{
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;
	int status;

	if (!ctl_has(c, OPT_NAME) && !ctl_has(c, OPT_DESCRIPTION) && !ctl_has(c, OPT_META) && !ctl_has(c, OPT_UNSET) &&
		!ctl_has(c, OPT_SNAPSHOT_ACCESS))
		return ctl_usage(c, "nothing to change: give --name, --description, --meta or --unset");
	p.set = ctl_pairs(c, OPT_META, &p.n_set);
	if (!p.set)
		return CTL_USAGE;
	status = set_words(c, noun, fn, &p);
	free((void *)p.set);
	return status;
}

int ctl_take_away(struct ctl *c, const struct ctl_noun *noun, ctl_change_fn fn, const char *what)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct shr_change_params p;
	char id[64];
	int rc, status = noun->id(c, c->argv[0], id);

	if (status)
		return status;
	ctl_change(c, &p);
	rc = fn(c->session, id, &p, &op, &error);
	return ctl_changed(c, noun, rc, op, error, id, what);
}

int ctl_set_number(struct ctl *c, const struct ctl_noun *noun, ctl_number_fn fn, int (*parse)(const char *, int64_t *),
	const char *none)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct shr_change_params p;
	char id[64];
	int64_t number;
	int rc, status;

	if (parse(c->argv[1], &number) < 0)
		return ctl_usage(c, "\"%s\" is %s", c->argv[1], none);
	status = noun->id(c, c->argv[0], id);
	if (status)
		return status;
	ctl_change(c, &p);
	rc = fn(c->session, id, (uint32_t)number, &p, &op, &error);
	return ctl_changed(c, noun, rc, op, error, id, NULL);
}
