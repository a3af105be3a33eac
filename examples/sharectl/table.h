/* examples/sharectl/table.h - rows for people, JSON for programs, and lists of both */
#ifndef SHARECTL_TABLE_H
#define SHARECTL_TABLE_H

#include "ctl.h"

struct ctl_table {
	const char *const *headings; /* "SIZE>" is set to the right; NULL: none */
	char **cells;
	size_t n, room;
	int columns;
	int headed;
	int widths[16];
};
void ctl_table_begin(struct ctl_table *t, const char *const *headings, int columns);
void ctl_cell(struct ctl_table *t, const char *format, ...) SHR_PRINTF(2, 3);
void ctl_table_flush(struct ctl_table *t); /* print the rows; more may follow */
void ctl_table_end(struct ctl_table *t);
/* One row of "name  value". */
void ctl_field(struct ctl_table *t, const char *name, const char *format, ...) SHR_PRINTF(3, 4);
/* Print the line and free it; NULL: no memory. */
int ctl_json(struct ctl *c, char *line);

/* Lists, page by page. */
struct ctl_page {
	uint32_t n;
	uint32_t reserved0;
	const void *const *items;
	const char *after;
	const void *page;
};
struct ctl_listing {
	const char *const *headings;
	int columns;
	int (*fetch)(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
		const struct shr_error **reterr);
	void (*row)(struct ctl_table *t, const void *item);
	char *(*json)(const void *item);
	void (*unref)(const void *page);
};
int ctl_list(struct ctl *c, const struct ctl_listing *l);
void ctl_list_params(const struct ctl *c, struct shr_list_params *ret);

#endif
