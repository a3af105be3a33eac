/* lib/config/shape.h - the known keys as tables, and what it takes to read by them */
#ifndef SHR_CONFIG_SHAPE_H
#define SHR_CONFIG_SHAPE_H

#include "config.h"
#include "node.h"

#define SHR__NAME_MOST 63u
#define SHR__SIZE_MOST (INT64_C(1) << 62)

enum shr__kind { /* what a key takes, and what it fills */
	SHR__KIND_NAME,        /* const char * */
	SHR__KIND_STORE,       /* const char *: a path, or ":memory:" */
	SHR__KIND_PATHS,       /* const char *const * and a count */
	SHR__KIND_FLAG,        /* uint32_t */
	SHR__KIND_COUNT,       /* uint32_t */
	SHR__KIND_BYTES,       /* uint64_t */
	SHR__KIND_TIME,        /* int64_t, milliseconds */
	SHR__KIND_LIMIT,       /* int64_t, -1: unlimited */
	SHR__KIND_LIMIT_BYTES, /* the same in bytes */
	SHR__KIND_PROTOCOLS,   /* uint64_t, SHR_PROTO_* */
	SHR__KIND_SETTINGS,    /* const struct shr__setting * and a count */
	SHR__KIND_SETTING,     /* one of these: never in a table */
	SHR__KIND_MAP,         /* a shape over the same struct */
	SHR__KIND_ITEMS,       /* a list of a shape's structs, and a count */
	SHR__KIND_EXPORTER,    /* struct shr__conf_plugin: a name or a map */
	SHR__N_KINDS
};

struct shr__shape;
struct shr__key {
	const char *name;
	enum shr__kind kind;
	uint32_t required;
	size_t at;    /* in the struct that the shape fills */
	size_t count; /* where the number of a list's elements goes */
	int64_t least, most;
	const struct shr__shape *shape;
};

struct shr__reader;
struct shr__trail { /* the keys that lead to a value, for messages */
	const struct shr__trail *up;
	const char *key; /* NULL: the element INDEX of a list */
	uint32_t index;
};

struct shr__shape { /* a mapping */
	const struct shr__key *keys;
	uint32_t n_keys;
	uint32_t has_line;
	size_t size;         /* of the struct that an element of a list gets */
	size_t line;         /* where its line goes, with HAS_LINE */
	const void *initial; /* its defaults */
	/* May: what no key can know alone. VALUES are NODE's, in the order of KEYS; NULL: it was not given, though a
	 * double of this mapping may have filled TARGET. */
	void (*check)(struct shr__reader *r, const struct shr__trail *trail, const struct shr__node *node,
		const struct shr__node *const *values, const void *target);
};
#define SHR__KEYS_MOST 16

struct shr__reader {
	struct shr__mistakes *m;
	struct shr__arena *out; /* the record's */
	const char *directory;  /* of relative paths, absolute; NULL: it is not known */
	int whole;              /* 0: the text broke off; nothing is said of what is missing */
};

extern const struct shr__shape shr__shape_config; /* fills struct shr__config */

/* Fill TARGET with the mapping NODE. What is wrong goes to the reader's mistakes. */
void shr__read_map(struct shr__reader *r, const struct shr__shape *shape, const struct shr__node *node,
	const struct shr__trail *trail, void *target);
/* The value of one key: is it of the right kind, and then what does it say? */
void shr__read_value(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, void *target);

/* For each kind; shr__read_value has found the node to be a scalar, a list or a map as the kind wants it. */
typedef void shr__read_fn(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, void *target);
shr__read_fn shr__read_scalar;   /* scalar.c: one value */
shr__read_fn shr__read_many;     /* many.c: lists of values, settings */
shr__read_fn shr__read_nested;   /* map.c: mappings in mappings */

/* A mistake at NODE: "TRAIL: ...". */
void shr__complain(struct shr__reader *r, const struct shr__node *node, const struct shr__trail *trail,
	const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same with what KEY takes as the remedy. */
void shr__complain_key(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* A scalar without quotes and without text: YAML's null. */
int shr__node_empty(const struct shr__node *node);
/* Is the scalar NODE text of one line, of 1 to MOST bytes? Complains when it is not. */
int shr__text_fine(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, size_t most);
/* The absolute form of the path that NODE gives; NULL: a mistake, or no memory. */
const char *shr__read_path(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail);

struct shr__named { /* names that must differ */
	const char *name;
	const struct shr__node *node;
	uint32_t index; /* in its list; UINT32_MAX: it is a key */
};
/* Complain about each that comes again; sorts ITEMS. */
void shr__names_differ(struct shr__reader *r, struct shr__named *items, uint32_t n, const struct shr__trail *trail);
/* Sort structs whose first member is their name. */
void shr__sort_by_name(void *items, uint32_t n, size_t size);

#endif
