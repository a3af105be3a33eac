/* tests/fuzz/text.c - names, sizes, durations, ids; and whatever goes out in JSON and errors is fit to be shown */
#include "fuzz.h"

#include "base/fail.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/uuid.h"

static void check_numbers(const char *s)
{
	uint64_t bytes, again;
	char text[32];
	int64_t ms;

	if (shr__bytes_parse(s, &bytes) == 0) {
		MUST(bytes <= UINT64_C(1) << 62);
		MUST(shr__bytes_parse(shr__bytes_text(bytes, text), &again) == 0);
		MUST(again == bytes);
	}
	if (shr__duration_parse(s, &ms) == 0)
		MUST(ms >= 0);
}

/* What passes as text is UTF-8 within its length and has no control characters. */
static void check_text(const char *s, unsigned flags)
{
	char buf[80];
	const char *wrong = shr__text_wrong(s, 255, flags, buf, sizeof(buf));

	if (wrong == NULL) {
		MUST(strlen(s) <= 255);
		MUST(shr__utf8_ok(s, strlen(s)));
		MUST(strchr(s, '\x1b') == NULL && strchr(s, '\x7f') == NULL);
		MUST((flags & SHR__TEXT_SLASH_OK) != 0 || strchr(s, '/') == NULL);
		MUST((flags & SHR__TEXT_LINES_OK) != 0 || strchr(s, '\n') == NULL);
	} else {
		MUST(wrong[0] != '\0');
	}
	if (shr__ident_ok(s, 255))
		MUST(shr__text_wrong(s, 255, 0, buf, sizeof(buf)) == NULL);
	if (shr__uuid_ok(s))
		MUST(shr__ident_ok(s, 36));
}

static int shows_cleanly(const char *s)
{
	for (const char *p = s; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return 0;
	}
	return shr__utf8_ok(s, strlen(s));
}

static void check_output(const char *s)
{
	const struct shr_error *e = NULL;
	struct shr__json j = { 0 };
	char *line;

	shr__json_str(&j, NULL, s);
	line = shr__buf_take(&j.buf);
	MUST(line != NULL && line[0] == '"' && line[strlen(line) - 1] == '"');
	MUST(shows_cleanly(line));
	shr__free(line);
	shr__fail_field(&e, SHR_EINVAL, s, s, "%s", s);
	MUST(strlen(e->message) <= 2000 && shows_cleanly(e->message));
	MUST(e->n_faults == 1 && shows_cleanly(e->faults[0]->where));
	shr_error_unref(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *s = fuzz_string(data, n);

	(void)shr__utf8_ok((const char *)data, n);
	check_numbers(s);
	for (unsigned flags = 0; flags < 8; flags++)
		check_text(s, flags);
	check_output(s);
	free(s);
	return 0;
}
