/* lib/base/text.h - what may stand in names and other text that people give */
#ifndef SHR_BASE_TEXT_H
#define SHR_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

int shr__utf8_ok(const char *s, size_t n); /* 1: valid UTF-8 (no surrogates, no overlong forms) */
size_t shr__utf8_one(const char *s, size_t n); /* the length of the character that S begins with; 0: it is not UTF-8 */

/* What is wrong with S as text of 1 (0 with MAY_BE_EMPTY) to MOST bytes: a phrase like "is not UTF-8", "has a control
 * character at byte 7", "has a '/'" (unless SLASH_OK); NULL: nothing. Newline and tab pass with LINES_OK. */
#define SHR__TEXT_EMPTY_OK 1u
#define SHR__TEXT_SLASH_OK 2u
#define SHR__TEXT_LINES_OK 4u
const char *shr__text_wrong(const char *s, size_t most, unsigned flags, char *buf, size_t room);

/* 1: 1 to MOST bytes of [A-Za-z0-9._-], not beginning with '.' or '-': names of backends, pools, engines, plugins. */
int shr__ident_ok(const char *s, size_t most);

/* "10GiB", "512M", "1073741824" to bytes; K M G T P E with or without iB are powers of 1024; 0: done, -1: malformed or
 * over 2^62. */
int shr__bytes_parse(const char *s, uint64_t *ret);
/* 10737418240 to "10GiB", 1000 to "1000B"; returns BUF (at least 32 bytes). */
char *shr__bytes_text(uint64_t n, char *buf);
/* "vsock:2:/shares/home": the context id, 1 to 2^32 - 2 without leading zeros, and the path behind it, which points into S;
 * 0 or -1. */
int shr__vsock_parse(const char *s, uint32_t *ret_cid, const char **ret_path);
/* "30d", "12h", "15m", "90s", "250ms" to milliseconds; 0 or -1. */
int shr__duration_parse(const char *s, int64_t *ret_ms);

#endif
