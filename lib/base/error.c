/* lib/base/error.c - the codes: their names, and an error record of each that needs no memory */
#include "fail.h"
#include "mem.h"
#include "record.h"

#define SPACE "there was no memory for the details"

/* Every code with whether the same call may work later. */
#define CODES(X) \
	X(SHR_EINVAL, 0) X(SHR_ENOTFOUND, 0) X(SHR_EEXIST, 0) X(SHR_ESTATE, 0) X(SHR_ECONFLICT, 0) X(SHR_EPERM, 0) \
	X(SHR_EQUOTA, 0) X(SHR_ETOKEN, 0) X(SHR_ECANCELLED, 0) X(SHR_EUNSUPPORTED, 0) X(SHR_ELOCKED, 0) \
	X(SHR_EINTERNAL, 0) X(SHR_EDRIVER, 0) X(SHR_ETRUST, 0) \
	X(SHR_EBACKEND, 0) X(SHR_ENOSPC, 0) X(SHR_EPARTIAL, 0) X(SHR_EDATALOSS, 0) X(SHR_EUNREACHABLE, 1) \
	X(SHR_EAGAIN, 1) X(SHR_ENOMEM, 1) X(SHR_ESTORE, 1) X(SHR_EFENCED, 0) X(SHR_EABI, 0) X(SHR_EUNKNOWN, 0) \
	X(SHR_ECORRUPT, 0) X(SHR_EBUSY, 1) X(SHR_EKEY, 0) X(SHR_EIO, 0)

/* A head without an arena: reference counting leaves it alone, so it may lie in read-only memory. */
struct static_error {
	struct shr__record_head head;
	struct shr_error error;
};
_Static_assert(offsetof(struct static_error, error) == sizeof(struct shr__record_head), "the head lies just before");

#define ONE(code, retryable) \
	{ { 0 }, { sizeof(struct shr_error), code, retryable, 0, #code ": " SPACE, "", "", "", NULL } },
static const struct static_error errors[] = { CODES(ONE) };

static const struct shr_error *find(int code)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].error.code == code)
			return &errors[i].error;
	}
	return NULL;
}

const struct shr_error *shr__error_static(int code)
{
	const struct shr_error *error = find(code);

	return error != NULL ? error : find(SHR_ENOMEM);
}

int shr__code_retryable(int code)
{
	const struct shr_error *error = find(code);

	return error != NULL && error->retryable != 0;
}

#define NAME(code, retryable) case code: return #code;
const char *shr_strcode(int code)
{
	switch (code) {
	CODES(NAME)
	case SHR_OK: return "SHR_OK";
	case SHR_RUNNING: return "SHR_RUNNING";
	default: return "SHR_E?";
	}
}

const struct shr_error *shr_error_ref(const struct shr_error *error)
{
	return shr__record_ref(error);
}

void shr_error_unref(const struct shr_error *error)
{
	shr__record_unref(error);
}

void shr_free(void *p)
{
	shr__free(p);
}
