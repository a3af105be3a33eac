/* tests/unit/plugin_told.c - what plugins tell is checked, and nonsense is contained */
#include "plugin_try.h"

#include <stdio.h>

static struct try t;
static char text[8192]; /* longer than anything that may be told */

static void long_text(size_t n)
{
	memset(text, 'x', n);
	text[n] = '\0';
	text[0] = '/';
}

/* ---- good answers ---- */

static int tell_all(const struct try_call *c)
{
	host->set_ref(c->call, "i-1", "kept");
	host->set_path(c->call, "i-1", "/srv/i-1");
	host->set_number(c->call, "i-1", SHR_NUMBER_BYTES, 4096);
	try_export(c, "host:/i-1", SHR_PROTO_NFS);
	try_export(c, "\\\\host\\i-1", SHR_PROTO_SMB);
	host->progress(c->call, 5, 10);
	return 0;
}

START_TEST(what_create_tells_comes_back)
{
	uint64_t bytes;

	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_CREATE, tell_all), 0);
	ck_assert_int_eq(t.told.has_ref, 1);
	ck_assert_str_eq(t.told.ref, "kept");
	ck_assert_str_eq(t.told.path, "/srv/i-1");
	ck_assert_uint_eq(t.told.n_exports, 2);
	ck_assert_str_eq(t.told.exports[1]->path, "\\\\host\\i-1");
	ck_assert_str_eq(t.told.exports[1]->instance_id, "i-1");
	ck_assert_int_eq(shr__told_number(&t.told, "i-1", SHR_NUMBER_BYTES, &bytes), 1);
	ck_assert_uint_eq(bytes, 4096);
	ck_assert_int_eq(shr__told_number(&t.told, "i-1", SHR_NUMBER_USED, &bytes), 0);
	ck_assert_int_eq(t.told.has_progress, 1);
	ck_assert_uint_eq(t.told.total, 10);
	ck_assert_str_eq(t.told.message, "");
	try_end(&t);
}
END_TEST

static int look(const struct try_call *c)
{
	ck_assert_uint_eq(c->call->size, sizeof(struct shr_call));
	ck_assert_uint_eq(c->call->attempt, 1);
	ck_assert_uint_eq(c->call->fence, 7);
	ck_assert_str_eq(c->call->op_id, "op-1");
	ck_assert_str_eq(c->call->step, "make");
	ck_assert_ptr_null(c->call->token);
	ck_assert_uint_eq(host->version, SHR_HEADER_VERSION);
	ck_assert_str_eq(host->setting(c->call, NULL, "root", 0), "/srv");
	ck_assert_str_eq(host->setting(c->call, NULL, "mode", 1), "b");
	ck_assert_ptr_null(host->setting(c->call, NULL, "mode", 2));
	ck_assert_ptr_null(host->setting(c->call, NULL, "none", 0));
	ck_assert_str_eq(host->setting(c->call, "one", "tier", 0), "gold");
	ck_assert_ptr_null(host->setting(c->call, "two", "tier", 0));
	ck_assert_ptr_null(host->setting(c->call, "three", "tier", 0));
	ck_assert_str_eq(host->pool(c->call, 1), "two");
	ck_assert_ptr_null(host->pool(c->call, 2));
	return 0;
}

START_TEST(a_call_has_its_names_and_settings)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_REMOVE, look), 0);
	try_end(&t);
}
END_TEST

static int wait_more(const struct try_call *c)
{
	return host->pending(c->call, "at 5", 4, 1);
}

START_TEST(pending_keeps_the_token_and_bounds_the_wait)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_CREATE, wait_more), SHR_RUNNING);
	ck_assert_uint_eq(t.told.token_len, 4);
	ck_assert_mem_eq(t.told.token, "at 5", 4);
	ck_assert_uint_eq(t.told.again_ms, 10);
	try_end(&t);
}
END_TEST

static int fail_full(const struct try_call *c)
{
	host->set_ref(c->call, "i-1", "half");
	return shr_failf(host, c->call, SHR_ENOSPC, "only %d bytes are left", 12);
}

START_TEST(failure_has_words_and_has_told_nothing)
{
	try_opened(&t, TRY_ALONE);
	TRY_FAILS(&t, SHR__VERB_CREATE, fail_full, SHR_ENOSPC, "backend alpha: create: only 12 bytes are left");
	ck_assert_str_eq(t.told.driver_message, "only 12 bytes are left");
	ck_assert_int_eq(t.told.has_ref, 0);
	try_end(&t);
}
END_TEST

static int fail_dumb(const struct try_call *c)
{
	return SHR_EUNREACHABLE;
}

START_TEST(failure_without_words_is_one)
{
	try_opened(&t, TRY_ALONE);
	TRY_FAILS(&t, SHR__VERB_CREATE, fail_dumb, SHR_EUNREACHABLE, "does not say why");
	ck_assert_str_eq(t.told.driver_message, "");
	try_end(&t);
}
END_TEST

static int fail_twice(const struct try_call *c)
{
	int code = host->fail(c->call, SHR_ENOSPC, "full");

	host->fail(c->call, SHR_EBACKEND, "and what was made cannot be removed");
	return code;
}

START_TEST(first_failure_may_be_the_answer)
{
	try_opened(&t, TRY_ALONE);
	TRY_FAILS(&t, SHR__VERB_CREATE, fail_twice, SHR_ENOSPC, "create: full");
	try_end(&t);
}
END_TEST

/* ---- answers that contradict ---- */

static int succeed_after_fail(const struct try_call *c)
{
	tell_all(c);
	host->fail(c->call, SHR_EBACKEND, "no");
	return 0;
}

static int succeed_after_pending(const struct try_call *c)
{
	tell_all(c);
	host->pending(c->call, NULL, 0, 10);
	return 0;
}

static int run_without_pending(const struct try_call *c)
{
	return SHR_RUNNING;
}

static int answer_unknown(const struct try_call *c)
{
	return -7;
}

static int answer_positive(const struct try_call *c)
{
	return 42;
}

static int answer_ours(const struct try_call *c)
{
	return SHR_EINTERNAL;
}

static int fail_unknown(const struct try_call *c)
{
	return host->fail(c->call, -5, "my own code");
}

static int fail_other(const struct try_call *c)
{
	host->fail(c->call, SHR_EAGAIN, "later");
	return SHR_EBACKEND;
}

static int cancel_itself(const struct try_call *c)
{
	return host->fail(c->call, SHR_ECANCELLED, "I stop");
}

START_TEST(contradicting_answers_are_the_drivers_fault)
{
	static int (*const all[])(const struct try_call *) = { succeed_after_fail, succeed_after_pending, run_without_pending,
		answer_unknown, answer_positive, answer_ours, fail_unknown, fail_other, cancel_itself };

	try_opened(&t, TRY_ALONE);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		TRY_FAILS(&t, SHR__VERB_CREATE, all[i], SHR_EDRIVER, "driver fake broke its contract");
		ck_assert_uint_eq(t.told.n_exports, 0);
	}
	try_end(&t);
}
END_TEST

static int always(void *data)
{
	return 1;
}

static int stop_when_asked(const struct try_call *c)
{
	return host->cancelled(c->call) ? host->fail(c->call, SHR_ECANCELLED, "stopped") : 0;
}

START_TEST(cancelled_call_may_say_so)
{
	try_opened(&t, TRY_ALONE);
	t.name.cancelled = always;
	TRY_FAILS(&t, SHR__VERB_CREATE, stop_when_asked, SHR_ECANCELLED, "stopped");
	try_end(&t);
}
END_TEST

/* ---- refs, paths, exports ---- */

static int ref_of_a_stranger(const struct try_call *c)
{
	host->set_ref(c->call, "i-2", "x");
	return tell_all(c);
}

static int ref_of_null(const struct try_call *c)
{
	host->set_ref(c->call, NULL, NULL);
	return tell_all(c);
}

static int ref_too_long(const struct try_call *c)
{
	long_text(4097);
	host->set_ref(c->call, "i-1", text);
	return tell_all(c);
}

static int ref_not_utf8(const struct try_call *c)
{
	host->set_ref(c->call, "i-1", "a\xff");
	return tell_all(c);
}

static int path_not_absolute(const struct try_call *c)
{
	host->set_path(c->call, "i-1", "srv");
	return tell_all(c);
}

static int path_that_climbs(const struct try_call *c)
{
	host->set_path(c->call, "i-1", "/srv/../etc");
	return tell_all(c);
}

static int path_too_long(const struct try_call *c)
{
	long_text(1024);
	host->set_path(c->call, "i-1", text);
	return tell_all(c);
}

static int export_empty(const struct try_call *c)
{
	try_export(c, "", SHR_PROTO_NFS);
	return 0;
}

static int export_two_protocols(const struct try_call *c)
{
	try_export(c, "a:/b", SHR_PROTO_NFS | SHR_PROTO_SMB);
	return 0;
}

static int export_undeclared(const struct try_call *c)
{
	try_export(c, "a:/b", SHR_PROTO_CEPHFS);
	return 0;
}

static int export_control(const struct try_call *c)
{
	try_export(c, "a:/b\x1b[2J", SHR_PROTO_NFS);
	return 0;
}

static int export_long(const struct try_call *c)
{
	long_text(1024);
	try_export(c, text, SHR_PROTO_NFS);
	return 0;
}

static int export_null(const struct try_call *c)
{
	host->add_export(c->call, "i-1", NULL);
	return 0;
}

static int export_family(const struct try_call *c)
{
	struct shr_export e = { sizeof e, 0, SHR_PROTO_NFS, 5, 0, "a:/b", NULL };

	host->add_export(c->call, "i-1", &e);
	return 0;
}

static int vsock_of(const struct try_call *c, uint64_t protocol, uint32_t family, const char *path)
{
	struct shr_export e = { sizeof e, 0, protocol, family, 0, path, NULL };

	host->add_export(c->call, "i-1", &e);
	return 0;
}

static int vsock_host(const struct try_call *c) { return vsock_of(c, SHR_PROTO_NFS, SHR_FAMILY_VSOCK, "10.0.0.5:/b"); }
static int vsock_any(const struct try_call *c) { return vsock_of(c, SHR_PROTO_NFS, SHR_FAMILY_VSOCK, "vsock:4294967295:/b"); }
static int vsock_relative(const struct try_call *c) { return vsock_of(c, SHR_PROTO_NFS, SHR_FAMILY_VSOCK, "vsock:2:b"); }
static int vsock_smb(const struct try_call *c) { return vsock_of(c, SHR_PROTO_SMB, SHR_FAMILY_VSOCK, "vsock:2:/b"); }
static int vsock_ipv4(const struct try_call *c) { return vsock_of(c, SHR_PROTO_NFS, SHR_FAMILY_IPV4, "vsock:2:/b"); }

static int export_flags(const struct try_call *c)
{
	struct shr_export e = { sizeof e, 8, SHR_PROTO_NFS, 0, 0, "a:/b", NULL };

	host->add_export(c->call, "i-1", &e);
	return 0;
}

static int export_size(const struct try_call *c)
{
	struct shr_export e = { 3, 0, SHR_PROTO_NFS, 0, 0, "a:/b", NULL };

	host->add_export(c->call, "i-1", &e);
	return 0;
}

static int export_many(const struct try_call *c)
{
	for (int i = 0; i < 65; i++)
		try_export(c, "a:/b", SHR_PROTO_NFS);
	return 0;
}

static int no_export(const struct try_call *c)
{
	return 0;
}

static int too_small(const struct try_call *c)
{
	tell_all(c);
	host->set_number(c->call, "i-1", SHR_NUMBER_BYTES, 999);
	return 0;
}

static int pool_number(const struct try_call *c)
{
	host->set_number(c->call, "one", SHR_NUMBER_FREE, 1);
	return tell_all(c);
}

static int huge_number(const struct try_call *c)
{
	host->set_number(c->call, "i-1", SHR_NUMBER_BYTES, UINT64_MAX);
	return tell_all(c);
}

static int unknown_number(const struct try_call *c)
{
	host->set_number(c->call, "i-1", 99, 1);
	return tell_all(c);
}

static int nameless_number(const struct try_call *c)
{
	host->set_number(c->call, NULL, SHR_NUMBER_BYTES, 1);
	return tell_all(c);
}

static int long_token(const struct try_call *c)
{
	long_text(4097);
	return host->pending(c->call, text, 4097, 10);
}

static int null_token(const struct try_call *c)
{
	return host->pending(c->call, NULL, 5, 10);
}

static int foreign_rule(const struct try_call *c)
{
	host->set_rule(c->call, "r-1", 0, "");
	return tell_all(c);
}

static int foreign_rules(const struct try_call *c)
{
	host->next_rule(c->call, NULL);
	return tell_all(c);
}

static int huge_progress(const struct try_call *c)
{
	host->progress(c->call, 1, UINT64_MAX);
	return tell_all(c);
}

static int no_key(const struct try_call *c)
{
	host->setting(c->call, NULL, NULL, 0);
	return tell_all(c);
}

START_TEST(nonsense_of_create_is_the_drivers_fault)
{
	static int (*const all[])(const struct try_call *) = { ref_of_a_stranger, ref_of_null, ref_too_long, ref_not_utf8,
		path_not_absolute, path_that_climbs, path_too_long, export_empty, export_two_protocols, export_undeclared,
		export_control, export_long, export_null, export_family, vsock_host,
		vsock_any, vsock_relative, vsock_smb, vsock_ipv4, export_flags, export_size, export_many, no_export, too_small,
		pool_number, huge_number, unknown_number, nameless_number, long_token, null_token, foreign_rule, foreign_rules,
		huge_progress, no_key };

	try_opened(&t, TRY_ALONE);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		int rc = try_do(&t, SHR__VERB_CREATE, all[i]);

		ck_assert_msg(rc == SHR_EDRIVER, "case %zu: %d %s", i, rc, t.told.message);
		ck_assert_ptr_nonnull(strstr(t.told.message, "backend alpha: create: driver fake broke its contract: "));
		ck_assert_int_eq(t.told.has_ref, 0);
	}
	try_end(&t);
}
END_TEST

static int longest(const struct try_call *c)
{
	static char ref[4097], path[1024];

	memset(ref, 'r', 4096);
	memset(path, 'p', 1023);
	path[0] = '/';
	host->set_ref(c->call, "i-1", ref);
	host->set_path(c->call, "i-1", path);
	for (int i = 0; i < 64; i++)
		try_export(c, path, SHR_PROTO_NFS);
	return 0;
}

START_TEST(the_longest_that_may_be_told_is_taken)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_CREATE, longest), 0);
	ck_assert_uint_eq(strlen(t.told.ref), 4096);
	ck_assert_uint_eq(strlen(t.told.path), 1023);
	ck_assert_uint_eq(t.told.n_exports, 64);
	try_end(&t);
}
END_TEST

static int vsock_right(const struct try_call *c)
{
	return vsock_of(c, SHR_PROTO_NFS, SHR_FAMILY_VSOCK, "vsock:4294967294:/");
}

START_TEST(an_export_over_vsock_is_taken)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_CREATE, vsock_right), 0);
	ck_assert_uint_eq(t.told.n_exports, 1);
	ck_assert_uint_eq(t.told.exports[0]->family, SHR_FAMILY_VSOCK);
	ck_assert_str_eq(t.told.exports[0]->path, "vsock:4294967294:/");
	try_end(&t);
}
END_TEST

static int only_ref(const struct try_call *c)
{
	host->set_ref(c->call, "i-1", "x");
	return 0;
}

START_TEST(a_call_tells_only_what_is_its_own)
{
	try_opened(&t, TRY_ALONE);
	TRY_FAILS(&t, SHR__VERB_REMOVE, tell_all, SHR_EDRIVER, "set_path() has no place");
	TRY_FAILS(&t, SHR__VERB_USAGE, only_ref, SHR_EDRIVER, "set_ref() has no place");
	TRY_FAILS(&t, SHR__VERB_USAGE, no_export, SHR_EDRIVER, "what is used");
	TRY_FAILS(&t, SHR__VERB_MANAGE, only_ref, SHR_EDRIVER, "told no export");
	ck_assert_int_eq(try_do(&t, SHR__VERB_REMOVE, only_ref), 0);
	ck_assert_int_eq(try_do(&t, SHR__VERB_CANCEL, no_export), 0);
	try_end(&t);
}
END_TEST

static int resize_less(const struct try_call *c)
{
	ck_assert_uint_eq(c->bytes, 2000);
	host->set_number(c->call, "i-1", SHR_NUMBER_BYTES, 1999);
	return 0;
}

static int resize_more(const struct try_call *c)
{
	host->set_number(c->call, "i-1", SHR_NUMBER_BYTES, 2048);
	return 0;
}

static int tell_one_export(const struct try_call *c)
{
	try_export(c, "a:/b", SHR_PROTO_NFS);
	host->set_ref(c->call, "i-1", "x");
	return 0;
}

static uint32_t flags_of_export(uint32_t instance_flags)
{
	struct shr_instance instance = try_instance;
	const struct shr__callargs args = { .instance = &instance };

	instance.flags = instance_flags;
	act = tell_one_export;
	ck_assert_int_eq(shr__backend_call(t.backend, SHR__VERB_CREATE, &t.name, &args, &t.told), 0);
	ck_assert_uint_eq(t.told.n_exports, 1);
	return t.told.exports[0]->flags;
}

START_TEST(a_location_of_what_is_only_read_says_so)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_uint_eq(flags_of_export(0), SHR_EXPORT_PREFERRED);
	ck_assert_uint_eq(flags_of_export(SHR_INSTANCE_READONLY), SHR_EXPORT_PREFERRED | SHR_EXPORT_READONLY);
	ck_assert_uint_eq(flags_of_export(SHR_INSTANCE_SNAPSHOT), SHR_EXPORT_PREFERRED | SHR_EXPORT_READONLY);
	try_end(&t);
}
END_TEST

START_TEST(resize_makes_at_least_what_was_asked)
{
	try_opened(&t, TRY_ALONE);
	TRY_FAILS(&t, SHR__VERB_RESIZE, resize_less, SHR_EDRIVER, "1999");
	ck_assert_int_eq(try_do(&t, SHR__VERB_RESIZE, resize_more), 0);
	ck_assert_int_eq(try_do(&t, SHR__VERB_RESIZE, no_export), 0);
	try_end(&t);
}
END_TEST

/* ---- pools ---- */

static uint64_t pool_free, pool_caps;
static const char *last_pool;

static int tell_pools(const struct try_call *c)
{
	const char *const pools[] = { last_pool, "one" };

	for (int i = 0; i < 2; i++) {
		host->set_number(c->call, pools[i], SHR_NUMBER_TOTAL, 100);
		host->set_number(c->call, pools[i], SHR_NUMBER_FREE, pool_free);
		host->set_number(c->call, pools[i], SHR_NUMBER_CAPABILITIES, pool_caps);
	}
	return 0;
}

START_TEST(stats_must_tell_each_pool_and_no_other)
{
	uint64_t n;

	try_opened(&t, TRY_ALONE);
	pool_free = 40;
	pool_caps = SHR_CAP_EXTEND;
	last_pool = "two";
	ck_assert_int_eq(try_stats(&t, tell_pools), 0);
	ck_assert_uint_eq(t.told.n_numbers, 6);
	ck_assert_int_eq(shr__told_number(&t.told, "two", SHR_NUMBER_FREE, &n), 1);
	ck_assert_uint_eq(n, 40);
	last_pool = "one";
	ck_assert_int_eq(try_stats(&t, tell_pools), SHR_EDRIVER);
	ck_assert_ptr_nonnull(strstr(t.told.message, "pool two"));
	last_pool = "three";
	ck_assert_int_eq(try_stats(&t, tell_pools), SHR_EDRIVER);
	ck_assert_ptr_nonnull(strstr(t.told.message, "no pool of this backend"));
	ck_assert_uint_eq(t.told.n_numbers, 0);
	try_end(&t);
}
END_TEST

START_TEST(stats_that_cannot_be_are_the_drivers_fault)
{
	try_opened(&t, TRY_ALONE);
	last_pool = "two";
	pool_caps = SHR_CAP_EXTEND;
	pool_free = 101;
	ck_assert_int_eq(try_stats(&t, tell_pools), SHR_EDRIVER);
	pool_free = 40;
	pool_caps = SHR_CAP_THIN;
	ck_assert_int_eq(try_stats(&t, tell_pools), SHR_EDRIVER);
	ck_assert_ptr_nonnull(strstr(t.told.message, "not declared"));
	ck_assert_int_eq(try_stats(&t, only_ref), SHR_EDRIVER);
	ck_assert_ptr_nonnull(strstr(t.told.message, "set_ref() has no place"));
	try_end(&t);
}
END_TEST

/* ---- words ---- */

static int fail_rude(const struct try_call *c)
{
	memset(text, 'x', 1998);
	memcpy(text, "a\x1b[2J\nb\xff", 8);
	memcpy(text + 999, "\xc3\xa9", 2); /* one character at the cut */
	text[2000] = '\0';
	return host->fail(c->call, SHR_EBACKEND, text);
}

START_TEST(rude_words_are_made_fit)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_CREATE, fail_rude), SHR_EBACKEND);
	ck_assert_int_eq(strncmp(t.told.driver_message, "a?[2J b?x", 9), 0);
	ck_assert_uint_eq(strlen(t.told.driver_message), 999);
	ck_assert_uint_le(strlen(t.told.message), 1000);
	try_end(&t);
}
END_TEST

static int log_lines(const struct try_call *c)
{
	host->log(c->call, SHR_LOG_WARNING, "first\nsecond");
	host->log(c->call, 77, NULL);
	return 0;
}

START_TEST(lines_are_logged_with_who_said_them)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_REMOVE, log_lines), 0);
	ck_assert_str_eq(try_log, "2 backend alpha: driver fake: first second\n3 backend alpha: driver fake: \n");
	try_end(&t);
}
END_TEST

/* ---- a call that has ended ---- */

static const struct shr_call *kept;

static int keep_call(const struct try_call *c)
{
	kept = c->call;
	return 0;
}

START_TEST(use_of_a_call_that_has_ended_is_seen_and_harmless)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_REMOVE, keep_call), 0);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(try_do(&t, SHR__VERB_REMOVE, no_export), 0);
	host->set_ref(kept, "i-1", "late");
	ck_assert_int_eq(host->fail(kept, SHR_EBACKEND, "late"), SHR_EBACKEND);
	ck_assert_int_eq(host->cancelled(kept), 1);
	ck_assert_ptr_null(host->setting(kept, NULL, "root", 0));
	ck_assert_int_eq(t.told.has_ref, 0);
	ck_assert_ptr_nonnull(strstr(try_log, "after it had ended"));
	try_end(&t);
}
END_TEST

START_TEST(call_that_is_none_is_ignored)
{
	struct shr_call none = { .size = sizeof none };

	try_opened(&t, TRY_ALONE);
	host->set_ref(NULL, "i-1", "x");
	host->set_ref(&none, "i-1", "x");
	ck_assert_ptr_null(host->pool(NULL, 0));
	ck_assert_int_eq(host->fail(NULL, SHR_ENOSPC, "x"), SHR_ENOSPC);
	ck_assert_str_eq(try_log, "");
	try_end(&t);
}
END_TEST

UNIT_MAIN(plugin_told, what_create_tells_comes_back, a_call_has_its_names_and_settings,
	pending_keeps_the_token_and_bounds_the_wait, failure_has_words_and_has_told_nothing, failure_without_words_is_one,
	first_failure_may_be_the_answer, contradicting_answers_are_the_drivers_fault, cancelled_call_may_say_so,
	nonsense_of_create_is_the_drivers_fault, the_longest_that_may_be_told_is_taken, a_call_tells_only_what_is_its_own,
	an_export_over_vsock_is_taken, a_location_of_what_is_only_read_says_so, resize_makes_at_least_what_was_asked, stats_must_tell_each_pool_and_no_other, stats_that_cannot_be_are_the_drivers_fault,
	rude_words_are_made_fit, lines_are_logged_with_who_said_them, use_of_a_call_that_has_ended_is_seen_and_harmless,
	call_that_is_none_is_ignored)
