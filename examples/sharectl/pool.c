/* examples/sharectl/pool.c - pools, plugins, orphans */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "table.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int pools(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
	const struct shr_error **reterr)
{
	const struct shr_pool_page *page = NULL;
	int rc = shr_pool_list(c->session, list, &page, reterr);

	if (rc == 0)
		*ret = (struct ctl_page){ page->n, 0, (const void *const *)page->items, page->after, page };
	return rc;
}

static void pool_row(struct ctl_table *t, const void *item)
{
	const struct shr_pool *p = item;
	char text[CTL_TEXT];

	ctl_cell(t, "%s/%s", p->backend, p->name);
	ctl_cell(t, "%s%s%s", shr_pool_state_name(p->state), *p->reason ? ": " : "", p->reason);
	ctl_cell(t, "%s", ctl_size_text(text, p->total));
	ctl_cell(t, "%s", ctl_size_text(text, p->free));
	ctl_cell(t, "%s", ctl_size_text(text, p->allocated));
	ctl_cell(t, "%s", ctl_size_text(text, p->limit));
	ctl_cell(t, "%s%s%s", p->driver, *p->exporter ? "+" : "", p->exporter);
	ctl_cell(t, "%s", ctl_bits_text(text, p->protocols, shr_proto_name));
	ctl_cell(t, "%s", p->zone);
	ctl_cell(t, "%s", p->engine);
}

static char *pool_json(const void *item)
{
	return shr_pool_json(item);
}

static void pool_unref(const void *page)
{
	shr_pool_page_unref(page);
}

int ctl_pool_list(struct ctl *c)
{
	static const char *const headings[] = { "POOL", "STATE", "TOTAL>", "FREE>", "GIVEN OUT>", "LIMIT>", "DRIVER",
		"PROTOCOLS",
		"ZONE", "ENGINE" };
	static const struct ctl_listing listing = { headings, 10, pools, pool_row, pool_json, pool_unref };

	return ctl_list(c, &listing);
}

static int orphans(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
	const struct shr_error **reterr)
{
	const struct shr_orphan_page *page = NULL;
	int rc = shr_orphan_list(c->session, list, &page, reterr);

	if (rc == 0)
		*ret = (struct ctl_page){ page->n, 0, (const void *const *)page->items, page->after, page };
	return rc;
}

static void orphan_row(struct ctl_table *t, const void *item)
{
	const struct shr_orphan *o = item;
	char text[CTL_TEXT];

	ctl_cell(t, "%s", o->id);
	ctl_cell(t, "%s/%s", o->backend, o->pool);
	ctl_cell(t, "%s %s", o->object, o->object_id);
	ctl_cell(t, "%s", o->ref);
	ctl_cell(t, "%s", ctl_size_text(text, o->bytes));
	ctl_cell(t, "%s", ctl_time_text(text, o->created_ns));
	ctl_cell(t, "%s", o->reason);
}

static char *orphan_json(const void *item)
{
	return shr_orphan_json(item);
}

static void orphan_unref(const void *page)
{
	shr_orphan_page_unref(page);
}

int ctl_orphan_list(struct ctl *c)
{
	static const char *const headings[] = { "ID", "POOL", "OBJECT", "REF", "SIZE>", "SINCE", "WHY" };
	static const struct ctl_listing listing = { headings, 7, orphans, orphan_row, orphan_json, orphan_unref };

	return ctl_list(c, &listing);
}

/* They have no names. */
static int orphan_id(struct ctl *c, const char *word, char ret[64])
{
	if (!ctl_is_id(word))
		return ctl_usage(c, "\"%s\" is no id of an orphan: sharectl orphan list shows them", word);
	snprintf(ret, 64, "%s", word);
	return CTL_OK;
}

static const struct ctl_noun orphan_noun = { "orphan", orphan_id, NULL };

int ctl_orphan_delete(struct ctl *c)
{
	return ctl_take_away(c, &orphan_noun, shr_orphan_delete, "deleted");
}

int ctl_orphan_adopt(struct ctl *c)
{
	struct shr_orphan_adopt_params p = SHR_ORPHAN_ADOPT_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	char orphan[64], id[64] = "";
	int rc, status = orphan_id(c, c->argv[0], orphan);

	if (status)
		return status;
	p.token = ctl_text(c, OPT_TOKEN);
	p.name = ctl_text(c, OPT_NAME);
	p.description = ctl_text(c, OPT_DESCRIPTION);
	p.protocols = (uint64_t)ctl_number(c, OPT_PROTO, SHR_PROTO_NFS);
	rc = shr_orphan_adopt(c->session, orphan, &p, &op, &error);
	if (rc == 0)
		snprintf(id, sizeof id, "%s", op->object_id);
	return ctl_changed(c, &ctl_share_noun, rc, op, error, id, NULL);
}

/* ---- plugins: one page, however many ---- */

static int plugins(struct ctl *c, uint32_t kind)
{
	static const char *const headings[] = { "NAME", "VERSION", "CAPABILITIES", "PROTOCOLS", "PATH",
		"WHY IT CANNOT BE USED" };
	const struct shr_plugin_page *page = NULL;
	const struct shr_error *error = NULL;
	struct ctl_table t;
	int rc = shr_plugin_list(c->session, kind, &page, &error), status = CTL_OK;

	if (rc < 0)
		return ctl_fail(c, rc, error);
	ctl_table_begin(&t, headings, 6);
	for (uint32_t i = 0; i < page->n && !status; i++) {
		const struct shr_plugin *p = page->items[i];
		char text[CTL_TEXT];

		if (ctl_has(c, OPT_JSON)) {
			status = ctl_json(c, shr_plugin_json(p));
			continue;
		}
		ctl_cell(&t, "%s", p->name);
		ctl_cell(&t, "%s", p->version);
		ctl_cell(&t, "%s", ctl_bits_text(text, p->capabilities, shr_cap_name));
		ctl_cell(&t, "%s", ctl_bits_text(text, p->protocols, shr_proto_name));
		ctl_cell(&t, "%s", p->path);
		ctl_cell(&t, "%s", p->reason);
	}
	ctl_table_end(&t);
	shr_plugin_page_unref(page);
	return status;
}

int ctl_driver_list(struct ctl *c)
{
	return plugins(c, SHR_PLUGIN_DRIVER);
}

int ctl_exporter_list(struct ctl *c)
{
	return plugins(c, SHR_PLUGIN_EXPORTER);
}
