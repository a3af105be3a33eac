/* tests/sim/trace.c - the story of a seed, its digest, and chance */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim.h"

struct sim sim;

unsigned sim_below(unsigned stream, unsigned n)
{
	return n ? (unsigned)(sim_random(stream) % n) : 0;
}

int64_t sim_between(unsigned stream, int64_t least, int64_t most)
{
	return least + (int64_t)(sim_random(stream) % (uint64_t)(most - least + 1));
}

const char *sim_fault_name(unsigned fault)
{
	static const char *const names[] = {
#define NAME(name, text) #name ": " text,
		SIM_FAULTS(NAME)
	};

	return fault < SIM_N_FAULTS ? names[fault] : "?";
}

/* Ids end in what chance gave them; a few characters tell them apart. */
const char *sim_short(const char *id)
{
	size_t n = id ? strlen(id) : 0;

	return !n ? "-" : n > 6 ? id + n - 6 : id;
}

static void digest(const char *p)
{
	for (; *p; p++)
		sim.digest = (sim.digest ^ (unsigned char)*p) * UINT64_C(1099511628211);
}

static void digest_number(uint64_t n)
{
	sim.digest = (sim.digest ^ n) * UINT64_C(1099511628211);
}

/* The whole text is made only when somebody reads it; the digest is of when, who and what kind of thing. */
void sim_say(const char *format, ...)
{
	char line[600];
	va_list args;
	int64_t t = sim.now - sim.began;

	digest_number((uint64_t)sim.now);
	digest_number(sim.cur ? (uint64_t)sim.cur->n : 99);
	if (!sim.tell) {
		digest(format);
		return;
	}
	digest(format);
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	printf("%4d.%09d %*s%-6s %s\n", (int)(t / SIM_SECOND), (int)(t % SIM_SECOND), (int)sim.depth * 2, "",
		sim.cur ? sim.cur->name : "world", line);
}

void sim_broken(const char *format, ...)
{
	va_list args;
	struct sim_proc *who = sim.cur;

	va_start(args, format);
	vsnprintf(sim.words, sizeof sim.words, format, args);
	va_end(args);
	sim_say("BROKEN: %s", sim.words);
	sim.cur = NULL;
	(void)who;
	longjmp(sim.broken, 1);
}
