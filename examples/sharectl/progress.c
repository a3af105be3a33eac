/* examples/sharectl/progress.c - a bar on a terminal for what takes long */
#include "ctl.h"
#include "wait.h"
#include "words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR 24
#define PATIENCE_MS 400 /* what is faster needs no bar */

int64_t ctl_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void ctl_bar(struct ctl *c, const struct shr_op *op, int64_t waited_ms)
{
	char done[CTL_TEXT], total[CTL_TEXT], bar[BAR + 1];
	uint32_t percent = op->percent > 100 ? 100 : op->percent;

	if (waited_ms < PATIENCE_MS || !isatty(STDERR_FILENO))
		return;
	memset(bar, ' ', BAR);
	memset(bar, '#', percent * BAR / 100);
	bar[BAR] = '\0';
	fprintf(stderr, "\r\033[K[%s] %3u%%  %s, step %u of %u%s%s", bar, (unsigned)percent, op->kind,
		(unsigned)op->step_number,
		(unsigned)op->n_steps, *op->step ? ": " : "", op->step);
	if (op->bytes_total)
		fprintf(stderr, "  %s of %s", ctl_size_text(done, op->bytes_done), ctl_size_text(total, op->bytes_total));
	fprintf(stderr, "  %s %llds", shr_op_state_name(op->state), (long long)(waited_ms / 1000));
	fflush(stderr);
	c->bar = 1;
}

void ctl_bar_clear(struct ctl *c)
{
	if (c->bar)
		fprintf(stderr, "\r\033[K");
	c->bar = 0;
}
