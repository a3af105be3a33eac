/* tests/sim/store_faults.c - what befalls a store's calls: others, death, time, and failure */
#include "store_faults.h"

#include "sim.h"

static int64_t gone_until[SIM_MOST_PROCS];
static unsigned sticky[SIM_MOST_PROCS]; /* transactions that fail yet: what refuses a commit seldom goes by at once */

static int gone(const char **ret_words)
{
	const struct sim_proc *p = sim.cur;

	if (!p || sim.quiet)
		return 0;
	if (sim.now < gone_until[p->n]) {
		*ret_words = "the connection is lost";
		return 1;
	}
	return 0;
}

static void may_go(void)
{
	if (!sim_hits(SIM_STORE_GONE) || sim_below(SIM_STORE_GONE, 15))
		return;
	gone_until[sim.cur->n] = sim.now + sim_between(SIM_STORE_GONE, SIM_MS, 5 * SIM_SECOND);
	sim_say("its connection to the store is lost for %d ms", (int)((gone_until[sim.cur->n] - sim.now) / SIM_MS));
}

static void slow(void)
{
	if (sim_hits(SIM_STORE_SLOW))
		sim_elapse(sim_between(SIM_STORE_SLOW, SIM_MS, sim_below(SIM_STORE_SLOW, 4) ? 50 * SIM_MS : 6 * SIM_SECOND));
}

int sim_fault_before(enum sim_at at, int write, const char **ret_words)
{
	static const struct {
		int code;
		const char *words;
	} errors[] = { { SHR_EAGAIN, "serialization failure" }, { SHR_ESTORE, "input or output error" }, { SHR_EBUSY, "it is locked" },
		{ SHR_ENOMEM, "the store has no memory" }, { SHR_ENOSPC, "the store is full" } };
	unsigned n;

	if (!sim.cur)
		return 0;
	sim_may_die("inside a transaction");
	slow();
	if (at == SIM_AT_ROW && sim_hits(SIM_INTERLEAVE))
		sim_let_others();
	if (at == SIM_AT_BEGIN)
		may_go();
	if (gone(ret_words))
		return SHR_ESTORE;
	if (at == SIM_AT_ROW && write && sim_hits(SIM_STORE_FULL)) {
		sim_say("the store is full: the transaction is gone");
		*ret_words = "the disk is full";
		return SHR_ENOSPC;
	}
	if (at == SIM_AT_BEGIN && sticky[sim.cur->n] && sticky[sim.cur->n]-- && !sim.quiet) {
		*ret_words = "it still fails";
		sim_say("the store still fails");
		return SHR_ESTORE;
	}
	if (!sim_hits(SIM_STORE_ERROR))
		return 0;
	n = sim_below(SIM_STORE_ERROR, at == SIM_AT_BEGIN ? 4 : 4);
	*ret_words = errors[n].words;
	sim_say("the store fails: %s", errors[n].words);
	return errors[n].code;
}

int sim_fault_commit(int writes, int *ret_done, int *ret_unknown, const char **ret_words)
{
	*ret_done = 1;
	*ret_unknown = 0;
	if (!sim.cur || !writes)
		return 0;
	sim_may_die("before its commit");
	slow();
	if (sim_hits(SIM_INTERLEAVE))
		sim_let_others();
	may_go();
	if (gone(ret_words))
		return SHR_ESTORE;
	if (sim_hits(SIM_STORE_ERROR)) {
		*ret_words = "the commit was refused";
		sim_say("the commit was refused");
		sticky[sim.cur->n] = sim_below(SIM_STORE_ERROR, 3);
		return sim_below(SIM_STORE_ERROR, 2) ? SHR_EAGAIN : SHR_ESTORE;
	}
	if (sim_hits(SIM_STORE_UNKNOWN)) {
		*ret_unknown = 1;
		*ret_done = (int)sim_below(SIM_STORE_UNKNOWN, 2);
		*ret_words = "the connection broke in a commit";
		sim.stats.unknowns++;
		sim_say("the connection broke in a commit, which was %s", *ret_done ? "done" : "not done");
	}
	return 0;
}

void sim_fault_after_commit(void)
{
	if (!sim.cur)
		return;
	sim_may_die("after its commit");
	for (int i = 0; i < 8; i++) /* a late answer is worse than a late call */
		slow();
}

void sim_store_faults_begin(void)
{
	for (int i = 0; i < SIM_MOST_PROCS; i++)
		gone_until[i] = sticky[i] = 0;
}
