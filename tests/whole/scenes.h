/* tests/whole/scenes.h - what people do with shares, each with what is so before and after it, for tests that let things fail */
#ifndef TESTS_WHOLE_SCENES_H
#define TESTS_WHOLE_SCENES_H

#include "whole.h"

struct scene {
	char share[40];
	char orphan[40];
	char op[40];  /* of what was accepted; "": nothing */
	unsigned n;   /* differs with each round */
};

/* PREPARE makes what is needed, with nothing failing. ACT is made while something fails: *reterr is set when it is negative, and
 * s->op as soon as a call was accepted. DONE: 1: it is as if ACT had succeeded, 0: as if it had never been called; any other
 * state is a failure of the test. TIDY takes away what is left. */
struct scene_kind {
	const char *name;
	void (*prepare)(struct whole *w, struct scene *s);
	int (*act)(struct whole *w, struct scene *s, const struct shr_error **reterr);
	int (*done)(struct whole *w, struct scene *s);
	void (*tidy)(struct whole *w, struct scene *s);
	int wants; /* what ACT answers when nothing fails */
	unsigned allowed; /* INV_*, while it is not done */
};
extern const struct scene_kind scene_kinds[];
extern const unsigned n_scene_kinds;

/* Things fail in some way from scene_inject(N) on, until scene_heal(), which answers whether anything has. */
struct scene_trouble {
	void (*inject)(long n);
	int (*heal)(void);
};
/* Each kind of scene with the 1st, 2nd, ... STEPth thing failing until nothing does: afterwards everything has ended, the rows
 * hold, what was accepted is done or has failed, and the scene goes well when it is made again. Returns how many rounds. */
long scenes_walk(struct whole *w, const struct scene_kind *kind, const struct scene_trouble *trouble, long first, long step);

void scenes_setup(void); /* the driver's hooks */

#endif
