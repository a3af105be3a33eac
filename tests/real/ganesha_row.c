/* tests/real/ganesha_row.c - exports one behind the other: each is sent while the server is at the one before */
#include <signal.h>
#include <stdio.h>
#include "ganesha.h"
#include "ganesha_library.h"

enum { ROW = 6 };

struct row {
	struct xkit_call *probe, *adds[ROW];
	struct xkit_share shares[ROW];
};

static void row_new(struct xkit *kit, struct row *row)
{
	for (int i = 0; i < ROW; i++)
		xkit_share_new(kit, &row->shares[i]);
}

/* All are in the queue, behind a probe, before the first is begun. */
static void row_begin(struct xkit *kit, struct row *row)
{
	int i, early;

	row->probe = xkit_call_new(kit, "probe");
	kill(env.bus_pid, SIGSTOP);
	early = xkit_once(row->probe, XKIT_PROBE, NULL, NULL) != SHR_RUNNING;
	for (i = 0; i < ROW; i++) {
		row->adds[i] = xkit_call_new(kit, "add");
		early |= xkit_once(row->adds[i], XKIT_ADD, &row->shares[i], NULL) != SHR_RUNNING;
	}
	kill(env.bus_pid, SIGCONT);
	if (early)
		xkit_fail(kit, "a call was answered");
}

/* What each of them is answered; and how many were answered 0. */
static int row_answers(struct row *row, int codes[ROW])
{
	int i, n = 0;

	xkit_make(row->probe, XKIT_PROBE, NULL, NULL);
	xkit_call_free(row->probe);
	for (i = 0; i < ROW; i++) {
		codes[i] = xkit_make(row->adds[i], XKIT_ADD, &row->shares[i], NULL);
		xkit_call_free(row->adds[i]);
		n += codes[i] == 0;
	}
	return n;
}

static void row_end(struct xkit *kit, struct row *row)
{
	unsigned wrong = 0;
	int i;

	for (i = 0; i < ROW; i++) {
		struct xkit_book none = { NULL, 0, 0, 0 };
		uint32_t foreign;

		wrong += xkit_book_look(kit, &row->shares[i], &none, &foreign) != 0;
		xkit_share_end(kit, &row->shares[i]);
	}
	if (wrong)
		xkit_fail(kit, "%u are not exported", wrong);
}

/* Somebody else has the number of a share, or has no more. */
static void foreign_export(struct xkit *kit, uint32_t number, int there)
{
	char call[400];

	shell("mkdir -p %s/foreign && printf 'EXPORT { Export_Id = %u; Path = \"%s/foreign\"; Pseudo = \"/foreign\"; Access_Type = RO; "
		"Protocols = 4; FSAL { Name = VFS; } }' >%s/foreign.conf", env.dir, number, env.dir, env.dir);
	if (there)
		snprintf(call, sizeof call, "AddExport string:%s/foreign.conf 'string:EXPORT(Export_Id=%u)'", env.dir, number);
	else
		snprintf(call, sizeof call, "RemoveExport uint16:%u", number);
	if (by_bus(call))
		xkit_fail(kit, there ? "dbus-send failed" : "the foreign export has gone");
}

static void one_of_a_row_is_refused(struct xkit *kit)
{
	int codes[ROW], n;
	struct row row;

	row_new(kit, &row);
	foreign_export(kit, row.shares[2].number, 1);
	row_begin(kit, &row);
	n = row_answers(&row, codes);
	if (n != ROW - 1 || codes[2] != SHR_EBACKEND)
		xkit_fail(kit, "%d of %d were answered 0, and the one whose number is taken %s", n, ROW, shr_strcode(codes[2]));
	foreign_export(kit, row.shares[2].number, 0);
	xkit_must(kit, XKIT_ADD, &row.shares[2], 0);
	row_end(kit, &row);
}

/* Whoever is answered 0 was exported, and who is not can be once there is a server. */
static void killed_in_a_row(struct xkit *kit)
{
	int codes[ROW], i, n;
	struct row row;

	row_new(kit, &row);
	row_begin(kit, &row);
	nap(2);
	env_end(&env.server_pid, SIGKILL);
	n = row_answers(&row, codes);
	if (ganesha_env_start_server(&env) < 0)
		xkit_fail(kit, "the server does not come up");
	for (i = 0; i < ROW; i++) {
		if (codes[i] && codes[i] != SHR_EUNREACHABLE)
			xkit_fail(kit, "share %d: %s", i, shr_strcode(codes[i]));
		xkit_must(kit, XKIT_ADD, &row.shares[i], 0);
	}
	row_end(kit, &row);
	snprintf(kit->why, sizeof kit->why, "(%d of %d before)", n, ROW);
}

/* What was begun is ended before the lock is free, and what was not never comes. */
static void closed_in_a_row(struct xkit *kit)
{
	struct row row;
	int i;

	row_new(kit, &row);
	row_begin(kit, &row);
	nap(1);
	xkit_close(kit);
	xkit_open(kit);
	xkit_call_free(row.probe);
	for (i = 0; i < ROW; i++) {
		xkit_call_free(row.adds[i]);
		xkit_must(kit, XKIT_ADD, &row.shares[i], 0);
	}
	row_end(kit, &row);
}

const struct xkit_check ganesha_row_checks[] = {
	{ "one of several exports under way is refused, and the others come", one_of_a_row_is_refused },
	{ "the server is killed while several exports are under way", killed_in_a_row },
	{ "close while several exports are under way", closed_in_a_row },
	{ NULL, NULL },
};
