/* lib/api/explain_lanes.c - the export locations that a client can go by, the best first */
#include <stdlib.h>

#include "api/explain.h"

static uint32_t family_of(const struct shr__explaining *x)
{
	if (x->params.type != SHR_ACCESS_IP)
		return SHR_FAMILY_ANY;
	return x->ip.family == 4 ? SHR_FAMILY_IPV4 : SHR_FAMILY_IPV6;
}

/*
 * 1: the client can go by ROW, over *RET. One with an address goes over that address's family: over the other it would come
 * from another address, which this is no answer for. Over vsock nobody has an address; who is asked for stands for the machine.
 */
static int goes_over(const struct shr__explaining *x, const struct shr__export_row *row, uint32_t of_server, uint32_t *ret)
{
	uint32_t asked = x->params.family, own = family_of(x);
	uint32_t fixed = row->family ? (uint32_t)row->family : of_server;

	if (fixed == SHR_FAMILY_VSOCK || asked == SHR_FAMILY_VSOCK) {
		*ret = SHR_FAMILY_VSOCK;
		return fixed == SHR_FAMILY_VSOCK && (asked == SHR_FAMILY_ANY || asked == SHR_FAMILY_VSOCK);
	}
	*ret = fixed ? fixed : own ? own : asked;
	return (!asked || asked == *ret) && (!own || own == *ret);
}

static uint32_t level_there(const struct shr__fit *fit, const struct shr__export_row *row)
{
	if (!fit)
		return SHR_LEVEL_NONE;
	return fit->f.rule.level == SHR_LEVEL_RW && !(row->flags & SHR_EXPORT_READONLY) ? SHR_LEVEL_RW : SHR_LEVEL_RO;
}

static int worth(uint32_t level)
{
	return level == SHR_LEVEL_RW ? 2 : level == SHR_LEVEL_RO;
}

/* Where the client can write before where it can read, and that before where no rule lets it in yet; then as the backend
 * prefers; what a machine mounts by itself before what somebody must bring into it; then in the order that was told. */
static int by_worth(const void *pa, const void *pb)
{
	const struct shr__lane *a = pa, *b = pb;
	int va = a->family == SHR_FAMILY_VSOCK, vb = b->family == SHR_FAMILY_VSOCK;
	int fa = (a->row->flags & SHR_EXPORT_PREFERRED) != 0, fb = (b->row->flags & SHR_EXPORT_PREFERRED) != 0;

	if (a->level != b->level)
		return worth(b->level) - worth(a->level);
	if (fa != fb)
		return fb - fa;
	if (va != vb)
		return va - vb;
	return (a->place > b->place) - (a->place < b->place);
}

static int add_lane(const struct shr__explaining *x, struct shr__arena *arena, uint32_t instance, const struct shr__export_row *row,
	struct shr__lane *lane)
{
	struct shr__place place;

	if (!((uint64_t)row->protocol & x->protocols))
		return 0;
	if (shr__place_read(arena, row, &place))
		return SHR_ENOMEM;
	if (!goes_over(x, row, place.family, &lane->family))
		return 0;
	lane->row = row;
	lane->fit = shr__fit_now(x, (int)instance);
	lane->level = level_there(lane->fit, row);
	lane->next_level = level_there(shr__fit_next(x), row);
	return 1;
}

int shr__lanes(const struct shr__explaining *x, struct shr__arena *arena, int show_admin, struct shr__lane **ret, uint32_t *ret_n)
{
	uint32_t n = 0, place = 0;
	struct shr__lane *lanes;

	for (uint32_t i = 0; i < x->view.instances.n; i++)
		n += x->share.exports[i].n;
	lanes = shr__arena_alloc(arena, (n + 1) * sizeof *lanes);
	if (!lanes)
		return SHR_ENOMEM;
	n = 0;
	for (uint32_t i = 0; i < x->view.instances.n; i++) {
		const struct shr__export_row *rows = x->share.exports[i].rows;

		for (uint32_t j = 0; j < x->share.exports[i].n; j++) {
			int rc;

			if (rows[j].flags & SHR_EXPORT_ADMIN_ONLY && !show_admin)
				continue;
			rc = add_lane(x, arena, i, &rows[j], &lanes[n]);
			if (rc < 0)
				return rc;
			lanes[n].place = place++;
			n += rc != 0;
		}
	}
	if (n)
		qsort(lanes, n, sizeof *lanes, by_worth);
	*ret = lanes;
	*ret_n = n;
	return 0;
}
