/* libshare/attributes.h - the compiler's words, in one place */
#ifndef LIBSHARE_ATTRIBUTES_H
#define LIBSHARE_ATTRIBUTES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SHR_API __attribute__((visibility("default")))
#define SHR_CHECK __attribute__((warn_unused_result))
#define SHR_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define SHR_DEPRECATED(text) __attribute__((deprecated(text)))
#else
#define SHR_API
#define SHR_CHECK
#define SHR_PRINTF(f, a)
#define SHR_DEPRECATED(text)
#endif

/* A record may come from an older library: is FIELD in the record that REC points to? */
#define SHR_HAS(rec, type, field) \
	((rec)->size >= offsetof(type, field) + sizeof(((type *)0)->field))

#endif
