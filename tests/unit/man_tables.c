/* tests/unit/man_tables.c - the tables of libshare(3), shr_share(3) and shr_snapshot(3) are those of the flows and the actions
 * usage: man_tables LIBSHARE.3 SHR_SHARE.3 SHR_SNAPSHOT.3 SHR_SESSION.3 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "api/actions.h"
#include "base/buf.h"
#include "base/mem.h"
#include "flow/flows.h"
#include "libshare/snapshot.h"

static const char *libshare_page, *share_page, *snapshot_page, *session_page;

static const uint32_t share_states[] = { SHR_SHARE_CREATING, SHR_SHARE_AVAILABLE, SHR_SHARE_EXTENDING, SHR_SHARE_SHRINKING,
	SHR_SHARE_DELETING, SHR_SHARE_ERROR, SHR_SHARE_MANAGING, SHR_SHARE_UNMANAGING, SHR_SHARE_REVERTING };
static const uint32_t snapshot_states[] = { SHR_SNAPSHOT_CREATING, SHR_SNAPSHOT_AVAILABLE, SHR_SNAPSHOT_DELETING,
	SHR_SNAPSHOT_ERROR, SHR_SNAPSHOT_MANAGING, SHR_SNAPSHOT_UNMANAGING };

/* The lines of the table TAG in PAGE that begin with BEGINS, as they stand there. */
static char *rows_of(const char *page, const char *tag, const char *begins)
{
	FILE *f = fopen(page, "r");
	struct shr__buf rows = { 0 };
	char line[512], begin[64];
	int on = 0, found = 0;

	ck_assert_msg(f != NULL, "cannot open %s", page);
	snprintf(begin, sizeof begin, ".\\\" %s: tests/unit/man_tables.c\n", tag);
	while (fgets(line, sizeof line, f)) {
		if (!strcmp(line, begin))
			on = found = 1;
		else if (!strcmp(line, ".\\\" end\n"))
			on = 0;
		else if (on && !strncmp(line, begins, strlen(begins)))
			shr__buf_str(&rows, line);
	}
	fclose(f);
	ck_assert_msg(found, "%s has no table of %s", page, tag);
	return shr__buf_take(&rows);
}

static void check(const char *page, const char *tag, struct shr__buf *want)
{
	char *is = rows_of(page, tag, ".It Li "), *shall = shr__buf_take(want);

	ck_assert_str_eq(is, shall);
	shr__free(is);
	shr__free(shall);
}

static void row(struct shr__buf *b, const char *name)
{
	shr__buf_str(b, ".It Li ");
	shr__buf_str(b, name);
}

static void column(struct shr__buf *b, const char *text)
{
	shr__buf_str(b, " Ta ");
	shr__buf_str(b, text ? text : "-");
}

static void list(char *text, size_t room, const char *word)
{
	size_t n = strlen(text);

	snprintf(text + n, room - n, "%s%s", n ? ", " : "", word);
}

START_TEST(kinds_are_those_of_the_flows)
{
	struct shr__buf want = { 0 };

	for (uint32_t i = 0; shr__flows[i]; i++) {
		char steps[200] = "";

		for (uint32_t k = 0; k < shr__flows[i]->n_steps; k++)
			list(steps, sizeof steps, shr__flows[i]->steps[k].name);
		row(&want, shr__flows[i]->kind);
		column(&want, steps[0] ? steps : "none");
		column(&want, shr__flows[i]->action);
		shr__buf_str(&want, "\n");
	}
	check(libshare_page, "kinds", &want);
}
END_TEST

START_TEST(events_are_those_of_the_flows)
{
	struct shr__buf want = { 0 };

	for (uint32_t i = 0; shr__flows[i]; i++) {
		row(&want, shr__flows[i]->kind);
		column(&want, shr__flows[i]->event_accepted);
		column(&want, shr__flows[i]->event_done);
		column(&want, shr__flows[i]->event_failed);
		shr__buf_str(&want, "\n");
	}
	check(libshare_page, "events", &want);
}
END_TEST

START_TEST(actions_are_those_that_the_host_is_asked)
{
	struct shr__buf want = { 0 };

#define ACTION(name, action, rule, what) row(&want, action); column(&want, what); shr__buf_str(&want, "\n");
	SHR__ACTIONS(ACTION)
	check(libshare_page, "actions", &want);
}
END_TEST

START_TEST(what_is_for_administrators_is_on_the_page_of_sessions)
{
	struct shr__buf want = { 0 };
	char *is = rows_of(session_page, "admins", ".Li "), *shall;
	enum { OWN, ADMIN, KEYS, OWN_NAME };

#define IF_ADMIN(name, action, rule, what) if (rule == ADMIN) shr__buf_str(&want, ".Li " action "\n");
	SHR__ACTIONS(IF_ADMIN)
	shall = shr__buf_take(&want);
	for (char *p = is; *p; p++) /* ".Li a ," and ".Li z ." */
		while (*p == ' ' && (p[1] == ',' || p[1] == '.') && p[2] == '\n')
			memmove(p, p + 2, strlen(p + 2) + 1);
	ck_assert_str_eq(is, shall);
	shr__free(is);
	shr__free(shall);
}
END_TEST

/* Operations on an object of the page that is there already. */
static int on(const struct shr__flow *f, int snapshots)
{
	return !(f->flags & (SHR__FLOW_NEW | SHR__FLOW_ALONE)) && shr__flow_of_snapshots(f) == snapshots;
}

static void states_of(const char *page, int snapshots, const uint32_t *states, size_t n)
{
	struct shr__buf want = { 0 };

	for (uint32_t i = 0; shr__flows[i]; i++) {
		if (!on(shr__flows[i], snapshots))
			continue;
		row(&want, shr__flows[i]->kind);
		for (size_t s = 0; s < n; s++)
			column(&want, shr__flows[i]->from & SHR__ST(states[s]) ? "yes" : "-");
		shr__buf_str(&want, "\n");
	}
	check(page, "states", &want);
}

START_TEST(states_are_those_of_the_flows)
{
	states_of(share_page, 0, share_states, sizeof share_states / sizeof share_states[0]);
	states_of(snapshot_page, 1, snapshot_states, sizeof snapshot_states / sizeof snapshot_states[0]);
}
END_TEST

static const char *end_name(uint32_t state)
{
	return !state ? "as before" : state == SHR__GONE ? "gone" : shr_share_state_name(state);
}

static void ends_of(const char *page, int snapshots)
{
	struct shr__buf want = { 0 };

	for (uint32_t i = 0; shr__flows[i]; i++) {
		const struct shr__flow *f = shr__flows[i];

		if (!f->n_steps || (f->flags & SHR__FLOW_ALONE) || shr__flow_of_snapshots(f) != snapshots)
			continue;
		row(&want, f->kind);
		column(&want, f->flags & SHR__FLOW_OUTLIVES ? "gone" : end_name(f->during));
		column(&want, end_name(f->to));
		column(&want, end_name(f->failed));
		shr__buf_str(&want, "\n");
	}
	check(page, "ends", &want);
}

START_TEST(ends_are_those_of_the_flows)
{
	for (size_t i = 0; i < sizeof snapshot_states / sizeof snapshot_states[0]; i++) /* the names are the same */
		ck_assert_str_eq(shr_share_state_name(snapshot_states[i]), shr_snapshot_state_name(snapshot_states[i]));
	ends_of(share_page, 0);
	ends_of(snapshot_page, 1);
}
END_TEST

static void hold_column(struct shr__buf *b, uint32_t facets)
{
	static const char *const names[] = { "life", "place", "data", "size", "role", "access" };
	char text[100] = "";

	for (unsigned i = 0; i < 6; i++)
		if (facets & 1u << i)
			list(text, sizeof text, names[i]);
	ck_assert_uint_eq(facets >> 6, 0);
	column(b, text[0] ? text : "none");
}

/* The third column is what is held of the second object: of a share the snapshot, of a snapshot the share. */
static void holds_of(const char *page, int snapshots)
{
	struct shr__buf want = { 0 };

	for (uint32_t i = 0; shr__flows[i]; i++) {
		if (!shr__flows[i]->n_steps || (shr__flows[i]->flags & SHR__FLOW_ALONE) ||
			shr__flow_of_snapshots(shr__flows[i]) != snapshots)
			continue;
		row(&want, shr__flows[i]->kind);
		hold_column(&want, shr__flows[i]->hold_shared);
		hold_column(&want, shr__flows[i]->hold_exclusive);
		hold_column(&want, shr__flows[i]->other_shared);
		shr__buf_str(&want, "\n");
	}
	check(page, "holds", &want);
}

START_TEST(holds_are_those_of_the_flows)
{
	holds_of(share_page, 0);
	holds_of(snapshot_page, 1);
}
END_TEST

/* What becomes of F when it is called for while R runs. */
static const char *beside(const struct shr__flow *f, const struct shr__flow *r)
{
	uint32_t state = r->during ? r->during : SHR_SHARE_AVAILABLE;
	int resets = f == &shr__flow_share_reset_state || f == &shr__flow_snapshot_reset_state;

	if (!(f->from & SHR__ST(state)))
		return "-";
	/* These have no holds: their accepts cut off what runs (cut_off.c). */
	if ((f->flags & SHR__FLOW_OUTLIVES) || (resets && r->hold_exclusive))
		return "cuts";
	if (!((f->hold_exclusive & (r->hold_shared | r->hold_exclusive)) | (f->hold_shared & r->hold_exclusive)))
		return "yes";
	if (f->flags & SHR__FLOW_PREEMPTS)
		return "ends";
	return f->flags & SHR__FLOW_QUEUES ? "waits" : "-";
}

static void beside_of(const char *page, int snapshots)
{
	struct shr__buf want = { 0 };

	for (uint32_t i = 0; shr__flows[i]; i++) {
		if (!on(shr__flows[i], snapshots))
			continue;
		row(&want, shr__flows[i]->kind);
		for (uint32_t k = 0; shr__flows[k]; k++)
			if (shr__flows[k]->n_steps && !(shr__flows[k]->flags & SHR__FLOW_OUTLIVES) &&
				shr__flow_of_snapshots(shr__flows[k]) == snapshots)
				column(&want, beside(shr__flows[i], shr__flows[k]));
		shr__buf_str(&want, "\n");
	}
	check(page, "beside", &want);
}

START_TEST(what_runs_beside_what_follows_from_states_and_holds)
{
	beside_of(share_page, 0);
	beside_of(snapshot_page, 1);
}
END_TEST

/* What becomes of F, which needs the second object, while R runs on that. */
static const char *across(const struct shr__flow *f, const struct shr__flow *r)
{
	uint32_t state = r->during ? r->during : SHR_SHARE_AVAILABLE;

	if (f->other_from && !(f->other_from & SHR__ST(state)))
		return "-";
	if (!(f->other_shared & r->hold_exclusive))
		return "yes";
	return f->flags & SHR__FLOW_QUEUES ? "waits" : "-";
}

/* Snapshots that are operated on while something runs on their share. */
START_TEST(what_a_snapshot_does_while_its_share_changes_follows_from_holds)
{
	struct shr__buf want = { 0 };

	for (uint32_t i = 0; shr__flows[i]; i++) {
		if (!shr__flow_of_snapshots(shr__flows[i]) || !shr__flows[i]->other_rows)
			continue;
		row(&want, shr__flows[i]->kind);
		for (uint32_t k = 0; shr__flows[k]; k++)
			if (on(shr__flows[k], 0) && shr__flows[k]->n_steps && !(shr__flows[k]->flags & SHR__FLOW_OUTLIVES))
				column(&want, across(shr__flows[i], shr__flows[k]));
		shr__buf_str(&want, "\n");
	}
	check(snapshot_page, "across", &want);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = { kinds_are_those_of_the_flows, events_are_those_of_the_flows,
		actions_are_those_that_the_host_is_asked, what_is_for_administrators_is_on_the_page_of_sessions, states_are_those_of_the_flows, ends_are_those_of_the_flows,
		holds_are_those_of_the_flows, what_runs_beside_what_follows_from_states_and_holds,
		what_a_snapshot_does_while_its_share_changes_follows_from_holds };

	if (argc != 5) {
		fprintf(stderr, "usage: man_tables LIBSHARE.3 SHR_SHARE.3 SHR_SNAPSHOT.3 SHR_SESSION.3\n");
		return EXIT_FAILURE;
	}
	libshare_page = argv[1];
	share_page = argv[2];
	snapshot_page = argv[3];
	session_page = argv[4];
	return unit_run("man_tables", tests, sizeof tests / sizeof tests[0]);
}
