/* examples/sharectl/access_key.c - the secrets that go with rules */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The id of the rule that WORD names in RET. */
static int rule_id(struct ctl *c, const char *share_id, const char *word, char ret[64])
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	uint32_t type = (uint32_t)ctl_number(c, OPT_TYPE, SHR_ACCESS_CEPHX);
	char *after = NULL;
	int more = 1, rc = 0;

	*ret = '\0';
	if (ctl_is_id(word)) {
		snprintf(ret, 64, "%s", word);
		return CTL_OK;
	}
	list.limit = 1000;
	while (more && !*ret) {
		const struct shr_rule_page *page = NULL;
		const struct shr_error *error = NULL;

		rc = shr_access_list(c->session, share_id, &list, &page, &error);
		if (rc < 0) {
			free(after);
			return ctl_fail(c, rc, error);
		}
		for (uint32_t i = 0; i < page->n && !*ret; i++)
			if (page->items[i]->type == type && strcmp(page->items[i]->who, word) == 0)
				snprintf(ret, 64, "%s", page->items[i]->id);
		free(after);
		list.after = after = ctl_format("%s", page->after);
		more = *after != '\0';
		shr_rule_page_unref(page);
	}
	free(after);
	return *ret ? CTL_OK : ctl_complain(CTL_NOTFOUND, "sharectl access list shows the rules", "no rule for %s \"%s\"",
		shr_access_type_name(type), word);
}

int ctl_access_key(struct ctl *c)
{
	const struct shr_error *error = NULL;
	char share[64], rule[64], *key = NULL;
	int rc, status = ctl_either_id(c, c->argv[0], share);

	if (!status)
		status = rule_id(c, share, c->argv[1], rule);
	if (status)
		return status;
	rc = shr_access_key(c->session, share, rule, &key, &error);
	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (ctl_has(c, OPT_JSON)) /* a key is base64: nothing in it wants to be escaped */
		printf("{\"share_id\":\"%s\",\"id\":\"%s\",\"key\":\"%s\"}\n", share, rule, key);
	else
		puts(key);
	explicit_bzero(key, strlen(key));
	shr_free(key);
	return CTL_OK;
}

int ctl_access_reseal(struct ctl *c)
{
	char *after = NULL;
	int rc;

	do {
		const struct shr_error *error = NULL;
		char *next = NULL;

		rc = shr_access_reseal(c->session, after, 0, &next, &error);
		free(after);
		after = next ? ctl_format("%s", next) : NULL;
		shr_free(next);
		if (rc < 0) {
			free(after);
			return ctl_fail(c, rc, error);
		}
	} while (rc == SHR_RUNNING && after && *after);
	free(after);
	if (!ctl_has(c, OPT_JSON))
		printf("every access key is sealed with key %s\n", c->n_keys ? c->keys[0].id : "-");
	return CTL_OK;
}
