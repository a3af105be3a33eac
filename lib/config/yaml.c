/* lib/config/yaml.c - from libyaml's events to our tree; the only file that knows libyaml */
#include "node.h"

#include <string.h>
#include <yaml.h>

/* Seven levels are all that a configuration has. */
#define DEPTH_MOST 16
/* Ten thousand pools fit ten times. A tree of a larger file would be memory spent on nonsense. */
#define NODES_MOST 200000u

struct build {
	struct shr__arena *arena;
	struct shr__mistakes *m;
	struct shr__node *root;
	struct shr__node *stack[DEPTH_MOST]; /* what is open */
	struct shr__node *keys[DEPTH_MOST];  /* a map's key that waits for its value */
	unsigned depth;
	unsigned documents;
	uint32_t n_nodes;
};

static uint32_t line_of(yaml_mark_t mark)
{
	return (uint32_t)mark.line + 1;
}

static uint32_t column_of(yaml_mark_t mark)
{
	return (uint32_t)mark.column + 1;
}

static const char *word(const yaml_char_t *s)
{
	return (const char *)s;
}

static void complain(struct build *b, yaml_mark_t mark, const char *what, const char *name, const char *remedy)
{
	char quoted[SHR__QUOTE_ROOM];

	shr__mistake_add(b->m, line_of(mark), column_of(mark), remedy, "%s %s is not taken", what,
		shr__quote(name, quoted));
}

static void check_properties(struct build *b, yaml_mark_t mark, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		complain(b, mark, "the anchor", word(anchor), "write the value out wherever it is wanted");
	if (tag)
		complain(b, mark, "the tag", word(tag), "leave the tag out: each key knows its type");
}

/* Hang NODE where the text has it: the root, a list's next, a map's key or the value of its last key. */
static void place(struct build *b, struct shr__node *node)
{
	struct shr__node *parent;
	struct shr__node **key;

	if (!b->depth) {
		b->root = node;
		return;
	}
	parent = b->stack[b->depth - 1];
	key = &b->keys[b->depth - 1];
	if (parent->kind == SHR__NODE_MAP && *key) {
		(*key)->value = node;
		*key = NULL;
		return;
	}
	if (parent->kind == SHR__NODE_MAP)
		*key = node;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->n++;
}

/* NULL: stop reading; M knows why. */
static struct shr__node *add(struct build *b, const yaml_event_t *event, uint32_t kind)
{
	yaml_mark_t mark = event->start_mark;
	struct shr__node *node;

	if (b->n_nodes++ >= NODES_MOST) {
		shr__mistake_add(b->m, line_of(mark), column_of(mark), "a shorter file",
			"there are more than %u values before this one", NODES_MOST);
		return NULL;
	}
	node = shr__arena_alloc(b->arena, sizeof *node);
	if (!node) {
		b->m->nomem = 1;
		return NULL;
	}
	node->kind = kind;
	node->line = line_of(mark);
	node->column = column_of(mark);
	node->text = "";
	place(b, node);
	return node;
}

static int add_scalar(struct build *b, const yaml_event_t *event)
{
	const char *text = word(event->data.scalar.value);
	size_t n = event->data.scalar.length;
	struct shr__node *node;

	check_properties(b, event->start_mark, event->data.scalar.anchor, event->data.scalar.tag);
	node = add(b, event, SHR__NODE_SCALAR);
	if (!node)
		return -1;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (memchr(text, 0, n)) {
		shr__mistake_add(b->m, node->line, node->column, "text without \\0", "a NUL character is not taken");
		node->bad = 1;
		return 0;
	}
	node->text = shr__arena_strndup(b->arena, text, n);
	if (node->text)
		return 0;
	b->m->nomem = 1;
	return -1;
}

static int add_alias(struct build *b, const yaml_event_t *event)
{
	struct shr__node *node;

	complain(b, event->start_mark, "the alias", word(event->data.alias.anchor), "write the value out");
	node = add(b, event, SHR__NODE_SCALAR);
	if (!node)
		return -1;
	node->bad = 1;
	return 0;
}

static int open_node(struct build *b, const yaml_event_t *event, uint32_t kind)
{
	struct shr__node *node;

	if (b->depth == DEPTH_MOST) {
		shr__mistake_add(b->m, line_of(event->start_mark), column_of(event->start_mark), "a flatter text",
			"more than %d levels deep", DEPTH_MOST);
		return -1;
	}
	if (kind == SHR__NODE_MAP)
		check_properties(b, event->start_mark, event->data.mapping_start.anchor, event->data.mapping_start.tag);
	else
		check_properties(b, event->start_mark, event->data.sequence_start.anchor, event->data.sequence_start.tag);
	node = add(b, event, kind);
	if (!node)
		return -1;
	b->stack[b->depth] = node;
	b->keys[b->depth] = NULL;
	b->depth++;
	return 0;
}

static int open_document(struct build *b, const yaml_event_t *event)
{
	if (b->documents++ == 0)
		return 0;
	shr__mistake_add(b->m, line_of(event->start_mark), column_of(event->start_mark), "one document a file",
		"a second document begins here");
	return -1;
}

/* 0: go on; 1: the end; -1: read no further. */
static int take(struct build *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_STREAM_END_EVENT:
		return 1;
	case YAML_DOCUMENT_START_EVENT:
		return open_document(b, event);
	case YAML_SCALAR_EVENT:
		return add_scalar(b, event);
	case YAML_ALIAS_EVENT:
		return add_alias(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(b, event, SHR__NODE_LIST);
	case YAML_MAPPING_START_EVENT:
		return open_node(b, event, SHR__NODE_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return 0;
	default:
		return 0;
	}
}

/* Does LINE have a tab among the blanks that it begins with? The commonest of all mistakes deserves its own words. */
static int tab_indents(const char *text, uint32_t line)
{
	while (line-- > 1) {
		text = strchr(text, '\n');
		if (!text)
			return 0;
		text++;
	}
	text += strspn(text, " ");
	return *text == '\t';
}

static void syntax_error(struct build *b, const yaml_parser_t *parser, const char *text)
{
	uint32_t line = line_of(parser->problem_mark), column = column_of(parser->problem_mark);
	const char *problem = parser->problem ? parser->problem : "it cannot be read";
	const char *remedy = "valid YAML; the rest was not read";

	if (parser->error == YAML_MEMORY_ERROR) {
		b->m->nomem = 1;
		return;
	}
	if (tab_indents(text, line))
		remedy = "indent with blanks, not with tabs; the rest was not read";
	if (parser->context && parser->context_mark.line + 1 != line)
		shr__mistake_add(b->m, line, column, remedy, "not valid YAML: %s, %s that begins in line %u", problem,
			parser->context, line_of(parser->context_mark));
	else
		shr__mistake_add(b->m, line, column, remedy, "not valid YAML: %s", problem);
}

struct shr__node *shr__node_parse(const char *text, size_t n, struct shr__arena *arena, struct shr__mistakes *m,
	int *ret_whole)
{
	struct build b = { .arena = arena, .m = m };
	yaml_parser_t parser;
	yaml_event_t event;
	int rc = 0;

	*ret_whole = 0;
	if (!yaml_parser_initialize(&parser)) {
		m->nomem = 1;
		return NULL;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	while (rc == 0) {
		if (!yaml_parser_parse(&parser, &event)) {
			syntax_error(&b, &parser, text);
			break;
		}
		rc = take(&b, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	*ret_whole = rc == 1;
	return m->nomem ? NULL : b.root;
}
