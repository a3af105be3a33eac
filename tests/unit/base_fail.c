/* tests/unit/base_fail.c - error records and their codes */
#include "unit.h"

#include "base/fail.h"
#include "base/record.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const int codes[] = { SHR_EINVAL, SHR_ENOTFOUND, SHR_EEXIST, SHR_ESTATE, SHR_ECONFLICT, SHR_EPERM, SHR_EQUOTA,
	SHR_ETOKEN, SHR_ECANCELLED, SHR_EUNSUPPORTED, SHR_ELOCKED, SHR_EINTERNAL, SHR_EDRIVER, SHR_ETRUST, SHR_EBACKEND,
	SHR_ENOSPC, SHR_EPARTIAL, SHR_EDATALOSS, SHR_EUNREACHABLE, SHR_EAGAIN, SHR_ENOMEM, SHR_ESTORE, SHR_EFENCED, SHR_EABI,
	SHR_EUNKNOWN, SHR_ECORRUPT, SHR_EBUSY, SHR_EKEY, SHR_EIO };
#define N_CODES (sizeof(codes) / sizeof(codes[0]))

START_TEST(fail_tells_the_code_and_the_message)
{
	const struct shr_error *e = NULL;

	ck_assert_int_eq(shr__fail(&e, SHR_ENOSPC, "pool %s: %d short", "a", 7), SHR_ENOSPC);
	ck_assert_uint_eq(e->size, sizeof(*e));
	ck_assert_int_eq(e->code, SHR_ENOSPC);
	ck_assert_str_eq(e->message, "pool a: 7 short");
	ck_assert_str_eq(e->remedy, "");
	ck_assert_str_eq(e->op_id, "");
	ck_assert_str_eq(e->driver_message, "");
	ck_assert_uint_eq(e->n_faults, 0);
	shr_error_unref(e);
}
END_TEST

START_TEST(fail_without_reterr_returns_the_code)
{
	const struct shr__fail_parts parts = { .code = SHR_EIO, .message = "m" };

	ck_assert_int_eq(shr__fail(NULL, SHR_EIO, "x"), SHR_EIO);
	ck_assert_int_eq(shr__fail_do(NULL, SHR_EIO, "r", "x"), SHR_EIO);
	ck_assert_int_eq(shr__fail_field(NULL, SHR_EIO, "f", "r", "x"), SHR_EIO);
	ck_assert_int_eq(shr__fail_nomem(NULL), SHR_ENOMEM);
	ck_assert_int_eq(shr__fail_parts(NULL, &parts), SHR_EIO);
}
END_TEST

START_TEST(fail_field_names_the_field_twice)
{
	const struct shr_error *e = NULL;

	ck_assert_int_eq(shr__fail_field(&e, SHR_EINVAL, "size", "give more", "%d is too small", 0), SHR_EINVAL);
	ck_assert_str_eq(e->message, "size: 0 is too small");
	ck_assert_str_eq(e->remedy, "give more");
	ck_assert_uint_eq(e->n_faults, 1);
	ck_assert_uint_eq(e->faults[0]->size, sizeof(struct shr_fault));
	ck_assert_int_eq(e->faults[0]->code, SHR_EINVAL);
	ck_assert_str_eq(e->faults[0]->where, "size");
	ck_assert_str_eq(e->faults[0]->message, "0 is too small");
	ck_assert_str_eq(e->faults[0]->remedy, "give more");
	ck_assert_str_eq(e->faults[0]->object, "");
	shr_error_unref(e);
}
END_TEST

START_TEST(fail_message_is_cut_between_characters)
{
	char *text = malloc(9001);

	for (int shift = 0; shift < 4; shift++) { /* each place inside a four-byte character */
		const struct shr_error *e = NULL;
		size_t n;

		memset(text, 'a', 9000);
		for (int i = shift; i + 4 <= 9000; i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 4);
		text[9000] = '\0';
		shr__fail_do(&e, SHR_EINVAL, text, "%s", text);
		n = strlen(e->message);
		ck_assert_uint_le(n, 2000);
		ck_assert_uint_gt(n, 1990);
		ck_assert_str_eq(e->message + n - 3, "...");
		ck_assert(shr__utf8_ok(e->message, n));
		ck_assert_str_eq(e->remedy, e->message);
		shr_error_unref(e);
	}
	free(text);
}
END_TEST

START_TEST(fail_message_cannot_drive_a_terminal)
{
	const struct shr_error *e = NULL;

	shr__fail(&e, SHR_EINVAL, "a\nb\tc\rd\x1b[31m\x7f \xff \xc2\x9b gr\xc3\xbcn");
	ck_assert_str_eq(e->message, "a b c d?[31m? ? ?? gr\xc3\xbcn");
	shr_error_unref(e);
}
END_TEST

START_TEST(error_copies_all_its_parts)
{
	struct shr_fault fault = { .code = SHR_ESTATE, .where = "w", .message = "m", .object = "share" };
	const struct shr_fault *const faults[] = { &fault, &fault };
	const struct shr__fail_parts parts = { .code = SHR_EBACKEND, .retryable = 1, .message = "no", .remedy = "wait",
		.op_id = "op", .driver_message = "its words", .faults = faults, .n_faults = 2 };
	const struct shr_error *e = shr__error_new(&parts);

	fault.code = 0;
	ck_assert_int_eq(e->code, SHR_EBACKEND);
	ck_assert_uint_eq(e->retryable, 1);
	ck_assert_str_eq(e->message, "no");
	ck_assert_str_eq(e->remedy, "wait");
	ck_assert_str_eq(e->op_id, "op");
	ck_assert_str_eq(e->driver_message, "its words");
	ck_assert_uint_eq(e->n_faults, 2);
	ck_assert_int_eq(e->faults[1]->code, SHR_ESTATE);
	ck_assert_str_eq(e->faults[1]->object, "share");
	ck_assert_str_eq(e->faults[1]->object_id, "");
	shr_error_unref(e);
}
END_TEST

START_TEST(retryable_follows_the_code_unless_said)
{
	for (size_t i = 0; i < N_CODES; i++) {
		int c = codes[i];
		int want = c == SHR_EAGAIN || c == SHR_ENOMEM || c == SHR_EBUSY || c == SHR_EUNREACHABLE || c == SHR_ESTORE;
		const struct shr__fail_parts said = { .code = c, .retryable = !want };
		const struct shr_error *e = NULL;

		ck_assert_int_eq(shr__code_retryable(c), want);
		shr__fail(&e, c, "x");
		ck_assert_uint_eq(e->retryable, want);
		shr_error_unref(e);
		shr__fail_parts(&e, &said);
		ck_assert_uint_eq(e->retryable, !want);
		shr_error_unref(e);
	}
}
END_TEST

START_TEST(static_errors_have_their_code_and_are_never_freed)
{
	for (size_t i = 0; i < N_CODES; i++) {
		const struct shr_error *e = shr__error_static(codes[i]);

		ck_assert_int_eq(e->code, codes[i]);
		ck_assert(strncmp(e->message, shr_strcode(codes[i]), strlen(shr_strcode(codes[i]))) == 0);
		for (int k = 0; k < 3; k++) {
			shr_error_unref(e);
			shr__record_unref(e);
		}
		ck_assert_ptr_eq(shr_error_ref(e), e);
	}
	ck_assert_int_eq(shr__error_static(-5)->code, SHR_ENOMEM);
}
END_TEST

START_TEST(a_static_error_can_be_owned)
{
	struct shr__arena *arena;
	void *owner = shr__record_new(1, &arena);

	ck_assert_int_eq(shr__record_own(owner, shr__error_static(SHR_ENOMEM)), 0);
	shr__record_unref(owner);
	ck_assert_int_eq(shr__error_static(SHR_ENOMEM)->code, SHR_ENOMEM);
}
END_TEST

START_TEST(strcode_names_each_code_once)
{
	for (size_t i = 0; i < N_CODES; i++) {
		ck_assert(strncmp(shr_strcode(codes[i]), "SHR_E", 5) == 0);
		ck_assert_str_ne(shr_strcode(codes[i]), "SHR_E?");
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(shr_strcode(codes[i]), shr_strcode(codes[k]));
	}
	ck_assert_str_eq(shr_strcode(SHR_ENOSPC), "SHR_ENOSPC");
	ck_assert_str_eq(shr_strcode(0), "SHR_OK");
	ck_assert_str_eq(shr_strcode(SHR_RUNNING), "SHR_RUNNING");
	ck_assert_str_eq(shr_strcode(-1000), "SHR_E?");
}
END_TEST

START_TEST(faults_are_kept_in_order)
{
	struct shr__faults f = { 0 };
	const struct shr_error *e = NULL;
	char want[16];

	for (int i = 0; i < 50; i++)
		shr__faults_add_object(&f, SHR_EINVAL, "w", "rule", "id", "r", "number %d", i);
	ck_assert_int_eq(shr__faults_fail(&f, &e, SHR_EPARTIAL, "%d refused", 50), SHR_EPARTIAL);
	ck_assert_str_eq(e->message, "50 refused");
	ck_assert_uint_eq(e->n_faults, 50);
	for (int i = 0; i < 50; i++) {
		snprintf(want, sizeof(want), "number %d", i);
		ck_assert_str_eq(e->faults[i]->message, want);
		ck_assert_str_eq(e->faults[i]->object, "rule");
		ck_assert_str_eq(e->faults[i]->object_id, "id");
	}
	ck_assert_uint_eq(f.n, 0);
	ck_assert_ptr_null(f.items);
	shr_error_unref(e);
}
END_TEST

START_TEST(one_fault_gives_the_error_its_words)
{
	struct shr__faults f = { 0 };
	const struct shr_error *e = NULL;

	shr__faults_add(&f, SHR_EINVAL, "a.yaml:3:1", "spell it right", "unknown key");
	ck_assert_int_eq(shr__faults_fail(&f, &e, SHR_EINVAL, "1 mistakes"), SHR_EINVAL);
	ck_assert_str_eq(e->message, "a.yaml:3:1: unknown key");
	ck_assert_str_eq(e->remedy, "spell it right");
	shr_error_unref(e);
	shr__faults_add(&f, SHR_EINVAL, NULL, NULL, "nowhere");
	shr__faults_fail(&f, &e, SHR_EINVAL, "1 mistakes");
	ck_assert_str_eq(e->message, "nowhere");
	shr_error_unref(e);
}
END_TEST

START_TEST(no_fault_gives_the_callers_words)
{
	struct shr__faults f = { 0 };
	const struct shr_error *e = NULL;

	ck_assert_int_eq(shr__faults_fail(&f, &e, SHR_EIO, "a %s", "file"), SHR_EIO);
	ck_assert_str_eq(e->message, "a file");
	ck_assert_uint_eq(e->n_faults, 0);
	shr_error_unref(e);
}
END_TEST

START_TEST(a_thousand_faults_are_enough)
{
	struct shr__faults f = { 0 };
	const struct shr_error *e = NULL;

	for (int i = 0; i < 3000; i++)
		shr__faults_add(&f, SHR_EINVAL, "w", NULL, "number %d", i);
	shr__faults_fail(&f, &e, SHR_EINVAL, "many");
	ck_assert_uint_eq(e->n_faults, 1001);
	ck_assert_str_eq(e->faults[999]->message, "number 999");
	ck_assert_str_eq(e->faults[1000]->message, "... and more");
	shr_error_unref(e);
}
END_TEST

START_TEST(faults_can_be_dropped)
{
	struct shr__faults f = { 0 };

	shr__faults_add(&f, SHR_EINVAL, "w", NULL, "x");
	shr__faults_clear(&f);
	ck_assert_uint_eq(f.n, 0);
	shr__faults_clear(&f);
}
END_TEST

UNIT_MAIN(base_fail, fail_tells_the_code_and_the_message, fail_without_reterr_returns_the_code,
	fail_field_names_the_field_twice, fail_message_is_cut_between_characters, fail_message_cannot_drive_a_terminal,
	error_copies_all_its_parts, retryable_follows_the_code_unless_said,
	static_errors_have_their_code_and_are_never_freed, a_static_error_can_be_owned, strcode_names_each_code_once,
	faults_are_kept_in_order, one_fault_gives_the_error_its_words, no_fault_gives_the_callers_words,
	a_thousand_faults_are_enough, faults_can_be_dropped)
