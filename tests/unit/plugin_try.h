/* tests/unit/plugin_try.h - a driver and an exporter inside the test's own program, whose calls do what a test says */
#ifndef TESTS_UNIT_PLUGIN_TRY_H
#define TESTS_UNIT_PLUGIN_TRY_H

#include "unit.h"

#include <string.h>

#include "base/mem.h"
#include "base/record.h"
#include "libshare/context.h"
#include "libshare/version.h"
#include "plugin/plugin.h"

struct try_call { /* what the plugin was called with */
	const struct shr_call *call;
	const struct shr_instance *instance;
	const struct shr_access_diff *diff;
	struct shr_rules *all;
	const char *path;
	uint64_t bytes;
	void *state;
	const char *pool, *after;
	uint32_t max, number, readonly;
};
static const struct shr_driver_host *host; /* as open was given it */
static int (*act)(const struct try_call *c); /* what every verb does; open and close do it when they are asked to */
static int (*act_open)(const struct try_call *c);
static unsigned try_open_now, try_closed;

static int try_verb(void *be, const struct shr_call *call, const struct shr_instance *i)
{
	return act(&(struct try_call){ .call = call, .instance = i, .state = be });
}

static int try_plain(void *be, const struct shr_call *call)
{
	return act(&(struct try_call){ .call = call, .state = be });
}

static int try_resize(void *be, const struct shr_call *call, const struct shr_instance *i, uint64_t bytes)
{
	return act(&(struct try_call){ .call = call, .instance = i, .bytes = bytes, .state = be });
}

static int try_access(void *be, const struct shr_call *call, const struct shr_instance *i, const struct shr_access_diff *diff,
	struct shr_rules *all)
{
	return act(&(struct try_call){ .call = call, .instance = i, .diff = diff, .all = all, .state = be });
}

static int try_open(const struct shr_driver_host *h, const struct shr_call *call, void **ret_be)
{
	static int state;

	host = h;
	*ret_be = &state;
	if (act_open && act_open(&(struct try_call){ .call = call }) != 0)
		return act_open(&(struct try_call){ .call = call });
	try_open_now++;
	return 0;
}

static void try_close(void *be)
{
	try_closed++;
	try_open_now--;
}

static int try_look(void *be, const struct shr_call *call, const struct shr_instance *i, struct shr_rules *all)
{
	return act(&(struct try_call){ .call = call, .instance = i, .all = all, .state = be });
}

static int try_list(void *be, const struct shr_call *call, const char *pool, const char *after, uint32_t max)
{
	return act(&(struct try_call){ .call = call, .pool = pool, .after = after, .max = max, .state = be });
}

static int try_attach(void *be, const struct shr_call *call, const struct shr_instance *i, uint32_t readonly)
{
	return act(&(struct try_call){ .call = call, .instance = i, .readonly = readonly, .state = be });
}

static const struct shr_driver_data try_data = { sizeof try_data, 0, try_attach, try_verb };

static const char *const try_settings[] = { "root!", "mode", NULL };
static const char *const try_pool_settings[] = { "tier", NULL };

static struct shr_driver try_driver = {
	.abi = SHR_DRIVER_ABI, .size = sizeof(struct shr_driver), .name = "fake", .version = "1", .threads = SHR_THREADS_BACKEND,
	.capabilities = SHR_CAP_EXTEND | SHR_CAP_SHRINK | SHR_CAP_MANAGE | SHR_CAP_ACCESS_IP | SHR_CAP_ACCESS_CEPHX |
		SHR_CAP_DATA,
	.protocols = SHR_PROTO_NFS | SHR_PROTO_SMB, .settings = try_settings, .pool_settings = try_pool_settings,
	.open = try_open, .close = try_close, .stats = try_plain, .create = try_verb, .remove = try_verb, .resize = try_resize,
	.update_access = try_access, .manage = try_verb, .unmanage = try_verb, .usage = try_verb, .cancel = try_plain,
	.look = try_look, .list = try_list, .data = &try_data,
};

static int front_verb(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	return act(&(struct try_call){ .call = call, .instance = what->instance, .path = what->path, .state = ex });
}

static int front_access(void *ex, const struct shr_call *call, const struct shr_exported *what,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	return act(&(struct try_call){ .call = call, .instance = what->instance, .path = what->path, .diff = diff, .all = all,
		.state = ex });
}

static int front_look(void *ex, const struct shr_call *call, const struct shr_exported *what, struct shr_rules *all)
{
	return act(&(struct try_call){ .call = call, .instance = what->instance, .path = what->path, .all = all,
		.number = what->export_number, .state = ex });
}

static int front_list(void *ex, const struct shr_call *call, const char *after, uint32_t max)
{
	return act(&(struct try_call){ .call = call, .after = after, .max = max, .state = ex });
}

static struct shr_exporter try_front = {
	.abi = SHR_EXPORTER_ABI, .size = sizeof(struct shr_exporter), .name = "front", .version = "1",
	.capabilities = SHR_CAP_ACCESS_IP | SHR_CAP_IPV6, .protocols = SHR_PROTO_NFS,
	.open = try_open, .close = try_close, .probe = try_plain, .add = front_verb, .remove = front_verb,
	.update_access = front_access, .look = front_look, .list = front_list,
};

#define TRY_ALONE \
	"backends:\n- name: alpha\n  driver: fake\n  settings: {root: /srv, mode: [a, b]}\n  pools:\n  - name: one\n" \
	"    settings: {tier: gold}\n  - name: two\n"
#define TRY_FRONT \
	"backends:\n- name: alpha\n  driver: fake\n  exporter: {name: front}\n  settings: {root: /srv}\n  pools:\n  - name: one\n"

struct try {
	const struct shr__config *config;
	struct shr__plugins *plugins;
	struct shr__backend *backend;
	struct shr__arena *arena;
	struct shr__told told;
	struct shr__callname name;
	const struct shr_error *error;
};
static char try_log[4096]; /* the lines that were logged */

static void try_log_line(void *data, int level, const char *line)
{
	size_t n = strlen(try_log);

	snprintf(try_log + n, sizeof try_log - n, "%d %s\n", level, line);
}

static const struct shr_instance try_instance = {
	.size = sizeof(struct shr_instance), .bytes = 1000, .protocols = SHR_PROTO_NFS | SHR_PROTO_SMB, .id = "i-1",
	.share_id = "s-1", .project = "p", .pool = "one", .name = "home", .ref = "", .source = "",
};

/* The code of the backend's opening. */
static inline int try_begin(struct try *t, const char *text)
{
	int rc;

	memset(t, 0, sizeof *t);
	rc = shr__config_read(NULL, text, "test", &t->config, &t->error);
	ck_assert_msg(rc == 0, "%s", rc ? t->error->message : "");
	ck_assert_int_eq(shr__plugins_new(t->config, try_log_line, NULL, &t->plugins, NULL), 0);
	ck_assert_int_eq(shr__plugins_add_driver(t->plugins, &try_driver, NULL), 0);
	ck_assert_int_eq(shr__plugins_add_exporter(t->plugins, &try_front, NULL), 0);
	t->arena = shr__arena_new();
	ck_assert_ptr_nonnull(t->arena);
	shr__told_init(&t->told, t->arena);
	t->name = (struct shr__callname){ .op_id = "op-1", .step = "make", .item_id = "i-1", .attempt = 1, .fence = 7 };
	return shr__backend_open(t->plugins, t->config, t->config->backends, &t->name, &t->backend, &t->error);
}

static inline void try_opened(struct try *t, const char *text)
{
	int rc = try_begin(t, text);

	ck_assert_msg(rc == 0, "%s", rc ? t->error->message : "");
}

static inline void try_end(struct try *t)
{
	shr__told_clear(&t->told);
	shr__arena_free(t->arena);
	shr__backend_close(t->backend);
	shr__plugins_free(t->plugins);
	shr__record_unref(t->config);
	shr_error_unref(t->error);
}

/* Verb on the instance, doing WHAT. */
static inline int try_do(struct try *t, enum shr__verb verb, int (*what)(const struct try_call *c))
{
	const struct shr__callargs args = { .instance = &try_instance, .path = "/srv/i-1", .bytes = 2000 };
	int rc;

	act = what;
	rc = shr__backend_call(t->backend, verb, &t->name, &args, &t->told);
	ck_assert_int_eq(rc, t->told.code);
	return rc;
}

static inline int try_stats(struct try *t, int (*what)(const struct try_call *c))
{
	act = what;
	return shr__backend_call(t->backend, SHR__VERB_STATS, &t->name, NULL, &t->told);
}

/* The same, and it must end with CODE and a message that has WORD. */
#define TRY_FAILS(t, verb, what, code, word) do { \
		int try_rc = try_do(t, verb, what); \
		ck_assert_msg(try_rc == (code), "%d: %s", try_rc, (t)->told.message); \
		ck_assert_msg(strstr((t)->told.message, word) != NULL, "%s", (t)->told.message); \
	} while (0)

static inline void try_export(const struct try_call *c, const char *path, uint64_t protocol)
{
	struct shr_export e = { sizeof e, SHR_EXPORT_PREFERRED, protocol, SHR_FAMILY_ANY, 0, path, NULL };

	host->add_export(c->call, c->instance->id, &e);
}

#endif
