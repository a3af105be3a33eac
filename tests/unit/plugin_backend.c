/* tests/unit/plugin_backend.c - tables that contradict themselves; backends that open, and those that do not */
#include "plugin_try.h"

#include <stdio.h>

static struct try t;

/* ---- tables ---- */

static void driver_refused(const char *word, struct shr_driver d, int code)
{
	struct shr__plugins *p;
	const struct shr__config *config;
	const struct shr_error *error = NULL;

	ck_assert_int_eq(shr__config_read(NULL, TRY_ALONE, "test", &config, NULL), 0);
	ck_assert_int_eq(shr__plugins_new(config, NULL, NULL, &p, NULL), 0);
	ck_assert_msg(shr__plugins_add_driver(p, &d, &error) == code, "%s: %s", word, error ? error->message : "taken");
	ck_assert_msg(strstr(error->message, word) != NULL, "%s", error->message);
	shr_error_unref(error);
	shr__plugins_free(p);
	shr__record_unref(config);
}

#define WITH(member, value) __extension__ ({ struct shr_driver d_ = try_driver; d_.member = (value); d_; })

START_TEST(table_that_lacks_or_contradicts_is_refused)
{
	static const char *const bad_keys[] = { "root", "no key", NULL };
	static const struct shr_driver_snapshot empty = { .size = sizeof empty };

	driver_refused("open()", WITH(open, NULL), SHR_EDRIVER);
	driver_refused("close()", WITH(close, NULL), SHR_EDRIVER);
	driver_refused("stats()", WITH(stats, NULL), SHR_EDRIVER);
	driver_refused("create()", WITH(create, NULL), SHR_EDRIVER);
	driver_refused("remove()", WITH(remove, NULL), SHR_EDRIVER);
	driver_refused("resize()", WITH(resize, NULL), SHR_EDRIVER);
	driver_refused("update_access()", WITH(update_access, NULL), SHR_EDRIVER);
	driver_refused("manage()", WITH(manage, NULL), SHR_EDRIVER);
	driver_refused("unmanage()", WITH(unmanage, NULL), SHR_EDRIVER);
	driver_refused("capabilities", WITH(capabilities, UINT64_C(1) << 62), SHR_EDRIVER);
	driver_refused("snapshots", WITH(capabilities, SHR_CAP_SNAPSHOT), SHR_EDRIVER);
	driver_refused("snapshots", WITH(capabilities, SHR_CAP_SNAPSHOT_MOUNT), SHR_EDRIVER);
	driver_refused("snapshots", WITH(snapshot, &empty), SHR_EDRIVER);
	driver_refused("protocols", WITH(protocols, UINT64_C(1) << 40), SHR_EDRIVER);
	driver_refused("thread model", WITH(threads, 3), SHR_EDRIVER);
	driver_refused("fencing", WITH(fencing, 3), SHR_EDRIVER);
	driver_refused("flags", WITH(flags, 1), SHR_EDRIVER);
	driver_refused("settings", WITH(settings, bad_keys), SHR_EDRIVER);
	driver_refused("pool settings", WITH(pool_settings, bad_keys), SHR_EDRIVER);
	driver_refused("version", WITH(version, NULL), SHR_EDRIVER);
	driver_refused("name", WITH(name, NULL), SHR_EDRIVER);
	driver_refused("name", WITH(name, "a/b"), SHR_EDRIVER);
	driver_refused("ABI", WITH(abi, 0), SHR_EABI);
	driver_refused("bytes", WITH(size, 8), SHR_EABI);
	driver_refused("bytes", WITH(size, 1u << 20), SHR_EABI);
	driver_refused("needs", WITH(needs, SHR_HEADER_VERSION + 1), SHR_EABI);
}
END_TEST

START_TEST(exporter_that_contradicts_is_refused)
{
	struct shr_exporter x = try_front;

	try_opened(&t, TRY_ALONE);
	x.name = "other";
	x.capabilities = SHR_CAP_EXTEND;
	ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &x, NULL), SHR_EDRIVER);
	x.capabilities = 0;
	x.protocols = 0;
	ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &x, NULL), SHR_EDRIVER);
	x.protocols = SHR_PROTO_NFS;
	x.release = x.probe;
	ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &x, NULL), SHR_EDRIVER);
	x.release = NULL;
	ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &x, NULL), 0);
	ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &x, NULL), SHR_EEXIST);
	try_end(&t);
}
END_TEST

/* ---- settings ---- */

START_TEST(each_wrong_setting_is_a_fault_with_its_line)
{
	static const char wrong[] =
		"backends:\n- name: alpha\n  driver: fake\n  protocols: [cephfs]\n  settings:\n    colour: red\n    mode: a\n"
		"  pools:\n  - name: one\n    settings:\n      size: 1\n";

	ck_assert_int_eq(try_begin(&t, wrong), SHR_EINVAL);
	ck_assert_uint_eq(t.error->n_faults, 4);
	ck_assert_ptr_nonnull(strstr(t.error->faults[0]->message, "protocols"));
	ck_assert_str_eq(t.error->faults[1]->where, "test:6");
	ck_assert_ptr_nonnull(strstr(t.error->faults[1]->message, "colour"));
	ck_assert_str_eq(t.error->faults[1]->remedy, "it takes: root, mode");
	ck_assert_ptr_nonnull(strstr(t.error->faults[2]->message, "needs the setting \"root\""));
	ck_assert_str_eq(t.error->faults[3]->where, "test:11");
	ck_assert_uint_eq(try_open_now, 0);
	try_end(&t);
}
END_TEST

START_TEST(exporter_takes_its_own_settings_only)
{
	static const char wrong[] = "backends:\n- name: alpha\n  driver: fake\n  exporter: {name: front, settings: {root: /x}}\n"
		"  settings: {root: /srv}\n  pools:\n  - name: one\n";

	ck_assert_int_eq(try_begin(&t, wrong), SHR_EINVAL);
	ck_assert_ptr_nonnull(strstr(t.error->message, "exporter front takes no setting \"root\""));
	try_end(&t);
}
END_TEST

START_TEST(driver_without_protocols_needs_an_exporter)
{
	try_driver.protocols = 0;
	ck_assert_int_eq(try_begin(&t, TRY_ALONE), SHR_EINVAL);
	ck_assert_ptr_nonnull(strstr(t.error->message, "does not export by itself"));
	try_end(&t);
}
END_TEST

/* ---- opening ---- */

static int held(const struct try_call *c)
{
	return host->fail(c->call, SHR_EAGAIN, "process 1234 has it");
}

static unsigned n_opened;

static int second_fails(const struct try_call *c)
{
	return n_opened++ == 0 ? 0 : host->fail(c->call, SHR_EBACKEND, "the service is not there");
}

static int garbage(const struct try_call *c)
{
	return 12;
}

START_TEST(backend_that_another_process_has_says_so)
{
	act_open = held;
	ck_assert_int_eq(try_begin(&t, TRY_ALONE), SHR_EAGAIN);
	ck_assert_uint_eq(t.error->retryable, 1);
	ck_assert_str_eq(t.error->message, "backend alpha: open: process 1234 has it");
	ck_assert_str_eq(t.error->driver_message, "process 1234 has it");
	ck_assert_uint_eq(try_closed, 0);
	try_end(&t);
}
END_TEST

START_TEST(driver_is_closed_when_its_exporter_does_not_open)
{
	act_open = second_fails;
	ck_assert_int_eq(try_begin(&t, TRY_FRONT), SHR_EBACKEND);
	ck_assert_uint_eq(try_closed, 1);
	ck_assert_uint_eq(try_open_now, 0);
	try_end(&t);
}
END_TEST

START_TEST(open_that_answers_nonsense_is_the_drivers_fault)
{
	act_open = garbage;
	ck_assert_int_eq(try_begin(&t, TRY_ALONE), SHR_EDRIVER);
	try_end(&t);
}
END_TEST

START_TEST(both_plugins_are_closed_once)
{
	try_opened(&t, TRY_FRONT);
	ck_assert_uint_eq(try_open_now, 2);
	shr__backend_close(t.backend);
	t.backend = NULL;
	ck_assert_uint_eq(try_closed, 2);
	ck_assert_uint_eq(try_open_now, 0);
	try_end(&t);
}
END_TEST

/* ---- with an exporter ---- */

static int tell_place(const struct try_call *c)
{
	try_export(c, "host:/own", SHR_PROTO_NFS);
	host->set_path(c->call, "i-1", "/srv/i-1");
	return 0;
}

static int tell_no_path(const struct try_call *c)
{
	try_export(c, "host:/own", SHR_PROTO_NFS);
	return 0;
}

static int tell_front(const struct try_call *c)
{
	ck_assert_str_eq(c->path, "/srv/i-1");
	try_export(c, "front:/i-1", SHR_PROTO_NFS);
	return 0;
}

static int set_ref_too(const struct try_call *c)
{
	host->set_ref(c->call, "i-1", "mine");
	return 0;
}

static int nothing(const struct try_call *c)
{
	return 0;
}

START_TEST(exports_are_the_exporters_where_there_is_one)
{
	try_opened(&t, TRY_FRONT);
	ck_assert_int_eq(try_do(&t, SHR__VERB_CREATE, tell_place), 0);
	ck_assert_uint_eq(t.told.n_exports, 0);
	ck_assert_str_eq(t.told.path, "/srv/i-1");
	TRY_FAILS(&t, SHR__VERB_CREATE, tell_no_path, SHR_EDRIVER, "no path for the exporter front");
	ck_assert_int_eq(try_do(&t, SHR__VERB_EXPORT, tell_front), 0);
	ck_assert_uint_eq(t.told.n_exports, 1);
	TRY_FAILS(&t, SHR__VERB_EXPORT, set_ref_too, SHR_EDRIVER, "exporter front broke its contract: set_ref()");
	ck_assert_int_eq(try_do(&t, SHR__VERB_UNEXPORT, nothing), 0);
	ck_assert_int_eq(try_do(&t, SHR__VERB_PROBE, nothing), 0);
	try_end(&t);
}
END_TEST

START_TEST(nothing_is_to_do_for_an_exporter_that_is_not_there)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_EXPORT, NULL), 0);
	ck_assert_int_eq(try_do(&t, SHR__VERB_UNEXPORT, NULL), 0);
	ck_assert_int_eq(try_do(&t, SHR__VERB_PROBE, NULL), 0);
	ck_assert_int_eq(shr__backend_exports_itself(t.backend), 1);
	try_end(&t);
}
END_TEST

START_TEST(verb_that_the_driver_lacks_is_unsupported)
{
	try_driver.usage = NULL;
	try_driver.cancel = NULL;
	try_opened(&t, TRY_ALONE);
	TRY_FAILS(&t, SHR__VERB_USAGE, NULL, SHR_EUNSUPPORTED, "driver fake has no usage()");
	TRY_FAILS(&t, SHR__VERB_CANCEL, NULL, SHR_EUNSUPPORTED, "cancel()");
	try_end(&t);
}
END_TEST

UNIT_MAIN(plugin_backend, table_that_lacks_or_contradicts_is_refused, exporter_that_contradicts_is_refused,
	each_wrong_setting_is_a_fault_with_its_line, exporter_takes_its_own_settings_only,
	driver_without_protocols_needs_an_exporter, backend_that_another_process_has_says_so,
	driver_is_closed_when_its_exporter_does_not_open, open_that_answers_nonsense_is_the_drivers_fault,
	both_plugins_are_closed_once, exports_are_the_exporters_where_there_is_one,
	nothing_is_to_do_for_an_exporter_that_is_not_there, verb_that_the_driver_lacks_is_unsupported)
