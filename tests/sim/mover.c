/* tests/sim/mover.c - what stands in the mover's place: a copy that takes several calls, fails, and is cut off by deaths */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "driver.h"

#define SLICES 4

static struct sim_thing *thing_at(const char *path, uint64_t *ret_fence)
{
	struct sim_thing *t = NULL;
	char id[40] = "";
	int fence = -1;

	if (sscanf(path, SIM_PATH "%39[^/]/%d", id, &fence) == 2)
		t = sim_thing_find(id);
	if (!t)
		sim_broken("a copy is to reach \"%s\", which nobody told", path);
	*ret_fence = (uint64_t)fence;
	return t;
}

static int fails(int error, const char *words)
{
	sim_say("  the copy answers: %s", words);
	errno = error;
	return -1;
}

static int some_error(void)
{
	static const int errors[] = { EAGAIN, EAGAIN, ESTALE, ENOSPC, EIO };

	return errors[sim_below(SIM_DRIVER_FAIL, sizeof errors / sizeof errors[0])];
}

/* How many slices the token says are there; 0: it begins anew, and what is there is worth nothing. */
static unsigned begun(const struct shr__move *m, struct sim_thing *to)
{
	unsigned n = 0;
	char text[32] = "";

	if (m->token_len && m->token_len < sizeof text) {
		memcpy(text, m->token, (size_t)m->token_len);
		if (sscanf(text, "moved %u", &n) != 1)
			n = 0;
	}
	if (n > to->copied)
		sim_broken("the copy to %s goes on behind slice %u, and only %u were made", sim_short(to->id), n, to->copied);
	if (n == 0)
		to->copied = 0;
	return n;
}

static void maybe_die(void)
{
	if (sim_hits(SIM_DEATH) || sim_hits(SIM_DEATH))
		sim_kill(sim.cur, "inside a copy");
}

int sim_move(void *data, struct shr__move *m)
{
	struct sim_proc *p = data;
	uint64_t fence;
	struct sim_thing *from = thing_at(m->from, &fence), *to = thing_at(m->to, &fence);
	int stops;

	m->of = m->at;
	sim.stats.driver_calls++;
	sim_say("a copy of %s to %s goes on%s", sim_short(from->id), sim_short(to->id), m->token_len ? ", with a token" : "");
	sim_check_owner(p, from->backend, sim_drivers[from->backend]->fencing == SHR_FENCING_HOST_LOCK);
	sim_check_owner(p, to->backend, sim_drivers[to->backend]->fencing == SHR_FENCING_HOST_LOCK);
	if (!from->present || !to->present)
		return fails(ENOENT, "there is no such directory");
	begun(m, to);
	maybe_die();
	if (sim_hits(SIM_DRIVER_SLOW))
		sim_elapse(sim_between(SIM_DRIVER_SLOW, SIM_MS, 9 * SIM_SECOND));
	stops = m->host->stops(m->host->data);
	if (stops == SHR__STOPS && sim_below(SIM_WORLD, 2))
		return fails(ECANCELED, "it was asked to stop");
	if (sim_hits(SIM_DRIVER_FAIL))
		return fails(some_error(), "it failed");
	if (fence < to->attached)
		return fails(ESTALE, "the path is of an engine before");
	to->content = UINT64_MAX - to->copied; /* a part of it */
	maybe_die();
	to->copied++;
	m->done = to->copied;
	m->total = SLICES;
	if (to->copied < SLICES && (stops || sim_below(SIM_WORLD, 3))) {
		m->left_len = (uint64_t)snprintf(m->left, sizeof m->left, "moved %u", to->copied);
		m->host->progress(m->host->data, m->done);
		return 1;
	}
	to->content = from->content;
	maybe_die();
	return 0;
}
