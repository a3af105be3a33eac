/* lib/config/read.c - from a file or a text to a checked configuration */
#include "config.h"

#include <string.h>

#include "base/fail.h"
#include "base/record.h"
#include "fingerprint.h"
#include "load.h"
#include "shape.h"

/* What there is without a file: enough to try every call. */
static const char without[] =
	"backends: [ { name: null, driver: null, pools: [ { name: null, capacity: 1TiB } ] } ]\n";

static void read_tree(struct shr__reader *r, const struct shr__node *root, struct shr__config *config)
{
	if (root && root->kind == SHR__NODE_MAP)
		shr__read_map(r, &shr__shape_config, root, NULL, config);
	else if (root && !root->bad)
		shr__complain(r, root, NULL, "store:, backends: and other keys, libshare.conf(5)", "the text is not a mapping");
	else if (!root && r->whole)
		shr__mistake_add(r->m, 1, 1, "store:, backends: and other keys, libshare.conf(5)", "there is nothing in it");
}

/* One that is named alone is a list of one. */
static int list_exporters(struct shr__conf_backend *b, struct shr__arena *out)
{
	uint32_t i;

	if (b->n_exporters)
		b->exporter = b->exporters[0];
	else if (b->exporter.name[0]) {
		b->exporters = &b->exporter;
		b->n_exporters = 1;
	}
	for (i = 0; i < b->n_exporters && b->exporter_names; i++)
		b->exporter_names = shr__arena_printf(out, "%s%s%s", b->exporter_names, i ? ", " : "", b->exporters[i].name);
	return b->exporter_names ? 0 : SHR_ENOMEM;
}

static int finish(struct shr__config *config, struct shr__arena *out, const struct shr_error **reterr)
{
	uint32_t i;
	int rc;

	for (i = 0; i < config->n_backends; i++) {
		/* The array is ours until the record is given out. */
		struct shr__conf_backend *backend = (struct shr__conf_backend *)&config->backends[i];

		rc = list_exporters(backend, out);
		if (!rc)
			rc = shr__fingerprint(backend);
		if (rc == SHR_ENOMEM)
			return shr__fail_nomem(reterr);
		if (rc)
			return shr__fail(reterr, rc, "the sum of backend %s could not be made", config->backends[i].name);
	}
	return 0;
}

/* TEXT is N bytes and a NUL, and ours to mend. */
static int read_text(char *text, size_t n, const char *file, const char *directory, struct shr__arena *temporary,
	const struct shr__config **ret_config, const struct shr_error **reterr)
{
	struct shr__mistakes m = { .arena = temporary };
	struct shr__reader r = { .m = &m, .directory = directory };
	struct shr__config *config = shr__record_new(sizeof *config, &r.out);
	struct shr__node *root;
	int rc;

	if (!config)
		return shr__fail_nomem(reterr);
	memcpy(config, shr__shape_config.initial, sizeof *config);
	config->file = shr__arena_strdup(r.out, file);
	if (!config->file)
		m.nomem = 1;
	if (n > SHR__CONFIG_MOST) {
		shr__mistake_add(&m, 1, 1, "at most 1 MiB", "the text is too long to be a configuration");
	} else if (!m.nomem) {
		shr__text_mend(text, n, &m);
		root = shr__node_parse(text, n, temporary, &m, &r.whole);
		if (!m.nomem)
			read_tree(&r, root, config);
	}
	rc = shr__mistakes_fail(&m, file, reterr);
	shr__mistakes_clear(&m);
	if (!rc)
		rc = finish(config, r.out, reterr);
	if (rc)
		shr__record_unref(config);
	else
		*ret_config = config;
	return rc;
}

static int read_with(struct shr__arena *temporary, const char *path, const char *text, const char *name,
	const struct shr__config **ret_config, const struct shr_error **reterr)
{
	const char *directory;
	char *copy;
	size_t n;
	int rc = shr__load_directory(path, temporary, &directory, reterr);

	if (rc)
		return rc;
	if (path) {
		rc = shr__load_file(path, temporary, &copy, &n, reterr);
		return rc ? rc : read_text(copy, n, path, directory, temporary, ret_config, reterr);
	}
	if (!text)
		text = without;
	n = strnlen(text, SHR__CONFIG_MOST + 1);
	copy = shr__arena_strndup(temporary, text, n);
	if (!copy)
		return shr__fail_nomem(reterr);
	return read_text(copy, n, name ? name : "configuration", directory, temporary, ret_config, reterr);
}

int shr__config_read(const char *path, const char *text, const char *name, const struct shr__config **ret_config,
	const struct shr_error **reterr)
{
	struct shr__arena *temporary;
	int rc;

	if (path && text)
		return shr__fail_field(reterr, SHR_EINVAL, "config_text", "give a path or a text",
			"a configuration has one source, not two");
	temporary = shr__arena_new();
	if (!temporary)
		return shr__fail_nomem(reterr);
	rc = read_with(temporary, path, text, name, ret_config, reterr);
	shr__arena_free(temporary);
	return rc;
}
