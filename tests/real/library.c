/* tests/real/library.c - the whole library with a configuration of the test's: what is asked of it again and again */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "env.h"
#include "library.h"

void must(struct xkit *kit, int rc, const struct shr_error **error, const char *what)
{
	const struct shr_error *e = *error;
	char why[XKIT_WORDS];

	snprintf(why, sizeof why, "%s%s%s", e ? e->message : "", e && e->n_faults ? ": " : "",
		e && e->n_faults ? e->faults[0]->message : "");
	shr_error_unref(e);
	if (rc)
		xkit_fail(kit, "%s: %s: %s", what, shr_strcode(rc), why);
}

const char *library_engine = "";

int library_try_open(struct xkit *kit, struct library *l, const char *dir, const char *store, const char *backends,
	const struct shr_error **reterr)
{
	struct shr_ctx_params params = SHR_CTX_PARAMS_INIT;
	struct shr_engine_params workers = SHR_ENGINE_PARAMS_INIT;
	struct shr_session_params who = SHR_SESSION_PARAMS_INIT;
	static const char *const roles[] = { "admin" };
	char text[4096], plugins[512], *slash;
	int rc;

	memset(l, 0, sizeof *l);
	snprintf(plugins, sizeof plugins, "%s", kit->args.plugin);
	slash = strrchr(plugins, '/');
	if (slash)
		*slash = '\0';
	snprintf(text, sizeof text, "store: { path: \"%s/%s.db\" }\nplugins: { directories: \"%s\" }\nengine: { stats: 200ms, probe: 200ms%s }\n"
		"backends:\n%s", dir, store, plugins, library_engine, backends);
	params.config_text = text;
	params.flags = SHR_CTX_CREATE;
	workers.workers = 4;
	workers.name = "e1";
	who.project = "demo";
	who.roles = roles;
	who.n_roles = 1;
	rc = shr_ctx_open(SHR_HEADER_VERSION, &params, &l->ctx, reterr);
	if (!rc)
		rc = shr_engine_open(l->ctx, &workers, &l->engine, reterr);
	return rc ? rc : shr_session_open(l->ctx, &who, &l->session, reterr);
}

void library_open(struct xkit *kit, struct library *l, const char *dir, const char *store, const char *backends)
{
	const struct shr_error *error = NULL;
	int rc = library_try_open(kit, l, dir, store, backends, &error);

	must(kit, rc, &error, "open");
}

void library_close(struct library *l)
{
	shr_session_close(l->session);
	shr_engine_close(l->engine);
	shr_ctx_close(l->ctx);
}

void wait_op(struct xkit *kit, const struct library *l, const struct shr_op *op, const char *what)
{
	const struct shr_error *error = NULL;

	must(kit, shr_op_wait(l->session, op->id, 60000, NULL, &error), &error, what);
}

void drop(struct xkit *kit, const struct library *l, const char *id)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	must(kit, shr_share_delete(l->session, id, NULL, &op, &error), &error, "delete");
	wait_op(kit, l, op, "delete");
	shr_op_unref(op);
}

const struct shr_op *cut(struct xkit *kit, const struct library *l, const char *share, uint32_t access)
{
	struct shr_snapshot_spec spec = SHR_SNAPSHOT_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	spec.access = access;
	must(kit, shr_snapshot_create(l->session, share, &spec, &op, &error), &error, "snapshot");
	return op;
}

void drop_snapshot(struct xkit *kit, const struct library *l, const char *id)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	must(kit, shr_snapshot_delete(l->session, id, NULL, &op, &error), &error, "delete the snapshot");
	wait_op(kit, l, op, "delete the snapshot");
	shr_op_unref(op);
}

const struct shr_op *deny(struct xkit *kit, const struct library *l, const char *share, const struct denied *gone, uint32_t n)
{
	struct shr_access_params access = SHR_ACCESS_PARAMS_INIT;
	struct shr_access_change changes[8] = { { .verb = 0 } };
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	if (n > 8)
		xkit_fail(kit, "%u clients at once", (unsigned)n);
	for (uint32_t i = 0; i < n; i++)
		changes[i] = (struct shr_access_change){ .verb = SHR_DENY, .type = gone[i].type, .who = gone[i].who };
	access.changes = changes;
	access.n_changes = n;
	must(kit, shr_access_apply(l->session, share, &access, &op, &error), &error, "deny");
	return op;
}

/* Another engine finds what a killed one began, ends it, and drops what is there. */
void settle(struct xkit *kit, void (*begin)(struct xkit *kit, struct library *l))
{
	const struct shr_error *error = NULL;
	const struct shr_share_page *page = NULL;
	char why[XKIT_WORDS] = "";
	struct library l;
	int tries = 0;
	uint32_t i, n;

	begin(kit, &l);
	do {
		must(kit, shr_share_list(l.session, NULL, NULL, &page, &error), &error, "list");
		n = page->n;
		for (i = 0; i < page->n; i++) {
			const struct shr_op *op = NULL;
			int rc = shr_share_delete(l.session, page->items[i]->id, NULL, &op, &error);

			if (rc == 0)
				rc = shr_op_wait(l.session, op->id, 20000, NULL, &error);
			if (rc) /* one that is under way is asked again */
				snprintf(why, sizeof why, "%s: %s: %s", page->items[i]->id, shr_strcode(rc), error ? error->message : "");
			shr_error_unref(error);
			error = NULL;
			shr_op_unref(op);
		}
		shr_share_page_unref(page);
		env_nap(50);
	} while (n > 0 && ++tries < 1200);
	library_close(&l);
	if (n > 0)
		xkit_fail(kit, "%u shares do not go: %s", n, why);
}

void reconcile(struct xkit *kit, const struct library *l, const char *id)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	must(kit, shr_share_reconcile(l->session, id, NULL, &op, &error), &error, "reconcile");
	wait_op(kit, l, op, "reconcile");
	shr_op_unref(op);
}

/* How many things of this kind were found of a share, in this state. */
unsigned drifts(struct xkit *kit, const struct library *l, const char *id, uint32_t what, uint32_t state)
{
	const struct shr_error *error = NULL;
	const struct shr_drift_page *page = NULL;
	unsigned n = 0;
	uint32_t i;

	must(kit, shr_drift_list(l->session, id, NULL, &page, &error), &error, "drift list");
	for (i = 0; i < page->n; i++)
		n += page->items[i]->what == what && page->items[i]->state == state;
	shr_drift_page_unref(page);
	return n;
}
