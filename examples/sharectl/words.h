/* examples/sharectl/words.h - numbers and words, and what a terminal can bear */
#ifndef SHARECTL_WORDS_H
#define SHARECTL_WORDS_H

#include <stdint.h>

/* Words into numbers; negative: it is none. */
int ctl_parse_size(const char *s, int64_t *ret);      /* 10GiB, 512M, 4096 */
int ctl_parse_limit(const char *s, int64_t *ret);     /* a size or a count, or unlimited: -1 */
int ctl_parse_time(const char *s, int64_t *ret);      /* 500ms, 30s, 5m, 2h; in ms */
int ctl_parse_count(const char *s, int64_t *ret);
int ctl_parse_integer(const char *s, int64_t *ret);
int ctl_parse_protocols(const char *s, int64_t *ret); /* nfs,smb */
int ctl_parse_protocol(const char *s, int64_t *ret);  /* one */
int ctl_parse_type(const char *s, int64_t *ret);
int ctl_parse_level(const char *s, int64_t *ret);
int ctl_parse_squash(const char *s, int64_t *ret);
int ctl_parse_state(const char *s, int64_t *ret);
int ctl_parse_snapshot_access(const char *s, int64_t *ret);
int ctl_parse_family(const char *s, int64_t *ret);
int ctl_is_id(const char *s); /* the form of an id */

/* Numbers into words, in RET, which is returned. */
#define CTL_TEXT 128
const char *ctl_size_text(char ret[CTL_TEXT], uint64_t bytes);
const char *ctl_limit_text(char ret[CTL_TEXT], int64_t limit, int is_bytes);
const char *ctl_family_name(uint32_t family);
const char *ctl_time_text(char ret[CTL_TEXT], int64_t ns);
const char *ctl_bits_text(char ret[CTL_TEXT], uint64_t bits, const char *(*name)(uint64_t));
/* S as it may stand on a terminal: nothing that moves the cursor. The caller's: free(). */
char *ctl_clean(const char *s);
int ctl_columns(const char *s); /* how wide it stands there */

#endif
