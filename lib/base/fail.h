/* lib/base/fail.h - making error records */
#ifndef SHR_BASE_FAIL_H
#define SHR_BASE_FAIL_H

#include "arena.h"
#include "libshare/error.h"

/* Set *reterr (which may be NULL) to a new record and return CODE. What was in *reterr is not freed: callers set
 * it to NULL first. When there is no memory it is a static record: an error is never lost. */
int shr__fail(const struct shr_error **reterr, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same with words on what to do. */
int shr__fail_do(const struct shr_error **reterr, int code, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same for one field: one fault whose `where` is FIELD, and the message "FIELD: ...". */
int shr__fail_field(const struct shr_error **reterr, int code, const char *field, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
int shr__fail_nomem(const struct shr_error **reterr);

/* Everything at once. NULL strings are "". */
struct shr__fail_parts {
	int code;
	int retryable; /* -1: from the code */
	const char *message;
	const char *remedy;
	const char *op_id;
	const char *driver_message;
	const struct shr_fault *const *faults; /* copied */
	unsigned n_faults;
};
int shr__fail_parts(const struct shr_error **reterr, const struct shr__fail_parts *parts);
const struct shr_error *shr__error_new(const struct shr__fail_parts *parts); /* never NULL */
const struct shr_error *shr__error_static(int code); /* for when there is no memory for more; never NULL */
int shr__code_retryable(int code);

/* Faults gathered one by one. Zero it to begin. */
struct shr__faults {
	struct shr__arena *arena;
	const struct shr_fault **items;
	unsigned n, room;
	int nomem; /* sticky */
};
/* At most 1000 are kept; the next is replaced by "... and more". */
void shr__faults_add(struct shr__faults *f, int code, const char *where, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void shr__faults_add_object(struct shr__faults *f, int code, const char *where, const char *object,
	const char *object_id, const char *remedy, const char *format, ...) __attribute__((format(printf, 7, 8)));
/* An error with these faults; empties F; returns CODE, or SHR_ENOMEM. With one fault, its words are the message. */
int shr__faults_fail(struct shr__faults *f, const struct shr_error **reterr, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void shr__faults_clear(struct shr__faults *f);

#endif
