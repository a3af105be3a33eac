/* backends/null/snaps.c - snapshots: a number stands for what is in a share, and goes where its files would go */
#include <string.h>
#include <time.h>
#include "null.h"

/* Under the lock; NULL: it is not there. */
static struct null_object *find(const struct null_be *be, const struct shr_instance *instance)
{
	struct null_id id;

	return null_id_parse(instance->id, &id) == 0 ? null_map_find(&be->objects, &id) : NULL;
}

/* Under the lock; NULL: it is not there, or no snapshot. */
static struct null_object *find_snapshot(const struct null_be *be, const struct shr_instance *snap)
{
	struct null_object *o = find(be, snap);

	return o && o->flags & NULL_SNAPSHOT ? o : NULL;
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* ---- cutting, and taking over what others have cut ---- */

/* Under the lock: SNAP of the share OF, if it is not there yet. CONTENT: NULL: the share's own. */
static int cut(struct null_be *be, const struct shr_instance *of, const struct shr_instance *snap, const char *source,
	const uint64_t *content, uint64_t *ret_cut)
{
	const struct null_object *share = find(be, of), *there = find_snapshot(be, snap);
	struct null_object like = { .flags = NULL_SNAPSHOT };
	struct null_id id;

	if (there) {
		*ret_cut = there->cut;
		return 0;
	}
	if (!share || null_id_parse(snap->id, &id) < 0)
		return SHR_EINVAL;
	like.of = share->id;
	like.content = content ? *content : share->content;
	like.cut = *ret_cut = now();
	return null_make(be, &id, snap, snap->bytes, source, &like);
}

static int told(const struct null_be *be, const struct shr_call *call, const struct shr_instance *of,
	const struct shr_instance *snap, const struct null_plan *plan, uint64_t at, int code)
{
	struct null_id id;

	if (code == SHR_EINVAL)
		return null_id_parse(snap->id, &id) < 0 ? null_bad_id(be, call, snap) : null_absent(be, call, of);
	if (code)
		return null_explain(be, call, snap, 0, code);
	be->host->set_number(call, snap->id, SHR_NUMBER_CUT, at);
	null_tell(be, call, snap, plan);
	return 0;
}

static int create(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct null_be *be = p;
	struct null_plan plan;
	uint64_t at = 0;
	int code = null_begin(be, call, NULL_SNAP_CREATE, &plan);

	if (code)
		return code;
	pthread_mutex_lock(&be->lock);
	code = cut(be, of, snap, NULL, NULL, &at);
	pthread_mutex_unlock(&be->lock);
	return null_end(be, call, &plan, told(be, call, of, snap, &plan, at, code));
}

static int take_over(struct null_be *be, const struct shr_call *call, const struct shr_instance *of,
	const struct shr_instance *snap, const struct null_plan *plan)
{
	const char *number = strrchr(snap->source, '@');
	const struct null_object *other = NULL;
	struct null_id id = { 0, 0 };
	uint64_t content = 0, at = 0;
	int code;

	if (strncmp(snap->source, "missing", 7) == 0 || (number && null_parse_number(number + 1, &content) < 0) ||
	    strchr(snap->source, '\n'))
		return shr_failf(be->host, call, SHR_ENOTFOUND, "there is no \"%.255s\" (NAME or NAME@CONTENT)", snap->source);
	pthread_mutex_lock(&be->lock);
	if (null_id_parse(snap->id, &id) == 0)
		other = null_holder(be, snap->source, &id);
	code = other ? 0 : cut(be, of, snap, snap->source, number ? &content : NULL, &at);
	pthread_mutex_unlock(&be->lock);
	if (other)
		return shr_failf(be->host, call, SHR_EBACKEND, "\"%.255s\" is managed already", snap->source);
	return told(be, call, of, snap, plan, at, code);
}

static int manage(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_SNAP_MANAGE, &plan);

	return code ? code : null_end(be, call, &plan, take_over(be, call, of, snap, &plan));
}

/* ---- letting go ---- */

static int remove_it(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_SNAP_REMOVE, &plan);

	(void)of;
	return code ? code : null_end(be, call, &plan, null_take(be, call, snap, "remove"));
}

static int unmanage(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_SNAP_UNMANAGE, &plan);

	(void)of;
	return code ? code : null_end(be, call, &plan, null_take(be, call, snap, "unmanage"));
}

/* ---- what is made of them ---- */

static int put_back(struct null_be *be, const struct shr_call *call, const struct shr_instance *of,
	const struct shr_instance *snap, const struct null_plan *plan)
{
	const struct null_object *from;
	struct null_object *to;
	int bad = 0;

	pthread_mutex_lock(&be->lock);
	from = find_snapshot(be, snap);
	to = find(be, of);
	if (from && to)
		bad = null_journal_line(be, "content %s %llu %s\n", of->id, (unsigned long long)from->content, snap->id);
	if (from && to && !bad)
		to->content = from->content;
	pthread_mutex_unlock(&be->lock);
	if (!from || !to)
		return null_absent(be, call, to ? snap : of);
	if (bad)
		return null_explain(be, call, of, 0, SHR_EUNREACHABLE);
	null_tell(be, call, of, plan);
	return 0;
}

static int revert(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_REVERT, &plan);

	return code ? code : null_end(be, call, &plan, put_back(be, call, of, snap, &plan));
}

static int make_clone(struct null_be *be, const struct shr_call *call, const struct shr_instance *snap,
	const struct shr_instance *to, const struct null_plan *plan)
{
	struct null_object like = { .flags = NULL_CLONED };
	const struct null_object *from;
	struct null_id id;
	int code = 0, there;

	if (null_id_parse(to->id, &id) < 0)
		return null_bad_id(be, call, to);
	if (to->flags & SHR_INSTANCE_READONLY)
		like.flags |= NULL_COPYLESS;
	pthread_mutex_lock(&be->lock);
	from = find_snapshot(be, snap);
	there = from || find(be, to); /* made already, and the snapshot gone since */
	if (from)
		like.content = from->content;
	if (there)
		code = null_make(be, &id, to, to->bytes, NULL, &like);
	pthread_mutex_unlock(&be->lock);
	if (!there)
		return null_absent(be, call, snap);
	if (code)
		return null_explain(be, call, to, to->bytes, code);
	null_tell(be, call, to, plan);
	return 0;
}

static int clone_it(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	const struct shr_instance *to)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_CLONE, &plan);

	(void)of;
	return code ? code : null_end(be, call, &plan, make_clone(be, call, snap, to, &plan));
}

static int look(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	struct shr_rules *all)
{
	(void)of;
	return null_look_as(be, call, NULL_SNAP_LOOK, snap, all);
}

const struct shr_driver_snapshot null_snapshot = {
	.size = sizeof null_snapshot,
	.create = create,
	.remove = remove_it,
	.revert = revert,
	.clone = clone_it,
	.manage = manage,
	.unmanage = unmanage,
	.look = look,
};
