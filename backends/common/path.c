/* backends/common/path.c - ids, and paths that only lead downwards */
#include <errno.h>
#include <string.h>
#include "common.h"

int plug_id_ok(const char *id)
{
	size_t i;

	for (i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (id[i] != '-')
				return 0;
		} else if (!((id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'f'))) {
			return 0;
		}
	}
	return id[36] == '\0';
}

int plug_path_next(const char **path, char name[256])
{
	size_t n;

	*path += strspn(*path, "/");
	n = strcspn(*path, "/");
	if (n == 0)
		return 0;
	if (n > 255) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, *path, n);
	name[n] = '\0';
	*path += n;
	return 1;
}

static const char *part_wrong(const char *name)
{
	const unsigned char *c;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "has a component \".\" or \"..\"";
	if (strncmp(name, PLUG_META, strlen(PLUG_META)) == 0)
		return "has a component that begins with \"" PLUG_META "\", which is the driver's own";
	for (c = (const unsigned char *)name; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			return "has a control character";
	return NULL;
}

const char *plug_path_clean(const char *path, char ret[PLUG_PATH_ROOM])
{
	const char *wrong;
	char name[256];
	size_t n = 0;
	int more;

	while ((more = plug_path_next(&path, name)) > 0) {
		wrong = part_wrong(name);
		if (wrong)
			return wrong;
		if (n + strlen(name) + 2 > PLUG_PATH_ROOM)
			return "is too long";
		if (n > 0)
			ret[n++] = '/';
		memcpy(ret + n, name, strlen(name));
		n += strlen(name);
	}
	ret[n] = '\0';
	if (more < 0)
		return "is too long";
	return n == 0 ? "is empty" : NULL;
}

const char *plug_path_below(const char *root, const char *source, const char *outside, char ret[PLUG_PATH_ROOM])
{
	size_t n = strlen(root);

	if (*source != '/')
		return plug_path_clean(source, ret);
	while (n > 0 && root[n - 1] == '/')
		n--;
	if (strncmp(source, root, n) != 0 || source[n] != '/')
		return outside;
	return plug_path_clean(source + n, ret);
}
