/* lib/model/errpack.c - an error record as a blob, for the operation's row */
#include "model/errpack.h"

#include "base/arena.h"
#include "base/fail.h"

/* Tags: for ever. */
enum { CODE = 1, RETRYABLE, MESSAGE, REMEDY, OP_ID, DRIVER_MESSAGE, FAULT };
enum { F_CODE = 1, F_WHERE, F_MESSAGE, F_REMEDY, F_OBJECT, F_OBJECT_ID };

#define MOST_FAULTS 1001u

static void pack_fault(struct shr__buf *b, const struct shr_fault *fault)
{
	struct shr__buf inner = { 0 };

	shr__pack_int(&inner, F_CODE, fault->code);
	shr__pack_str(&inner, F_WHERE, fault->where);
	shr__pack_str(&inner, F_MESSAGE, fault->message);
	shr__pack_str(&inner, F_REMEDY, fault->remedy);
	shr__pack_str(&inner, F_OBJECT, fault->object);
	shr__pack_str(&inner, F_OBJECT_ID, fault->object_id);
	if (inner.failed)
		b->failed = 1;
	else
		shr__pack_bytes(b, FAULT, inner.p, inner.n);
	shr__buf_clear(&inner);
}

void shr__error_pack(struct shr__buf *b, const struct shr_error *error)
{
	if (!error)
		return;
	shr__pack_int(b, CODE, error->code);
	shr__pack_int(b, RETRYABLE, error->retryable);
	shr__pack_str(b, MESSAGE, error->message);
	shr__pack_str(b, REMEDY, error->remedy);
	shr__pack_str(b, OP_ID, error->op_id);
	shr__pack_str(b, DRIVER_MESSAGE, error->driver_message);
	for (uint32_t i = 0; i < error->n_faults; i++)
		pack_fault(b, error->faults[i]);
}

/* A blob that is being read; failed: no memory. */
struct reading {
	struct shr__arena *arena;
	const void *p;
	size_t n;
	int failed;
};

static const char *text(struct reading *r, uint16_t tag)
{
	const void *p;
	size_t n;
	const char *s;

	if (!shr__pack_find(r->p, r->n, tag, 0, &p, &n) || n == 0)
		return "";
	s = shr__arena_strndup(r->arena, p, n);
	if (!s)
		r->failed = 1;
	return s;
}

/* A code of the past or the future is kept; what is no failure is not. */
static int code_of(const struct reading *r, uint16_t tag, int otherwise)
{
	int64_t code;

	if (!shr__pack_find_int(r->p, r->n, tag, &code) || code >= 0 || code < INT32_MIN)
		return otherwise;
	return (int)code;
}

static const struct shr_fault *unpack_fault(struct reading *outer, const void *p, size_t n, int code)
{
	struct reading r = { outer->arena, p, n, 0 };
	struct shr_fault *fault = shr__arena_alloc(r.arena, sizeof *fault);

	if (!fault)
		return NULL;
	fault->size = sizeof *fault;
	fault->code = code_of(&r, F_CODE, code);
	fault->where = text(&r, F_WHERE);
	fault->message = text(&r, F_MESSAGE);
	fault->remedy = text(&r, F_REMEDY);
	fault->object = text(&r, F_OBJECT);
	fault->object_id = text(&r, F_OBJECT_ID);
	return r.failed ? NULL : fault;
}

static void unpack_faults(struct reading *r, struct shr__fail_parts *parts)
{
	struct shr__pack walk = { r->p, r->n };
	const struct shr_fault **list;
	const void *p;
	size_t length;
	uint16_t tag;
	unsigned n = 0;

	while (shr__pack_next(&walk, &tag, &p, &length))
		n += tag == FAULT;
	if (n > MOST_FAULTS)
		n = MOST_FAULTS;
	if (n == 0)
		return;
	list = shr__arena_alloc(r->arena, n * sizeof *list);
	if (!list) {
		r->failed = 1;
		return;
	}
	walk = (struct shr__pack){ r->p, r->n };
	while (parts->n_faults < n && shr__pack_next(&walk, &tag, &p, &length)) {
		if (tag != FAULT)
			continue;
		list[parts->n_faults] = unpack_fault(r, p, length, parts->code);
		if (!list[parts->n_faults]) {
			r->failed = 1;
			return;
		}
		parts->n_faults++;
	}
	parts->faults = list;
}

static const struct shr_error *unpack(struct reading *r, int code, const char *op_id)
{
	struct shr__fail_parts parts = { .code = code_of(r, CODE, code) };
	int64_t retryable;

	if (parts.code >= 0)
		return NULL;
	parts.retryable = shr__pack_find_int(r->p, r->n, RETRYABLE, &retryable) ? retryable != 0 : -1;
	parts.message = text(r, MESSAGE);
	parts.remedy = text(r, REMEDY);
	parts.op_id = text(r, OP_ID);
	parts.driver_message = text(r, DRIVER_MESSAGE);
	unpack_faults(r, &parts);
	if (r->failed)
		return shr__error_static(parts.code);
	if (!parts.message[0])
		parts.message = shr_strcode(parts.code);
	if (!parts.op_id[0])
		parts.op_id = op_id;
	return shr__error_new(&parts);
}

const struct shr_error *shr__error_unpack(const void *p, size_t n, int code, const char *op_id)
{
	struct reading r = { shr__arena_new(), p, n, 0 };
	const struct shr_error *error;

	if (!r.arena)
		return code < 0 ? shr__error_static(code) : shr__error_static(SHR_ENOMEM);
	error = unpack(&r, code, op_id);
	shr__arena_free(r.arena);
	return error;
}
