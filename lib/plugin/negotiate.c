/* lib/plugin/negotiate.c - a plugin's table, of whatever version, becomes one of ours */
#include "plugin/negotiate.h"

#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "libshare/version.h"
#include "plugin/registry.h"

#define MOST_TABLE 65536u
#define MOST_SETTINGS 256u
#define MOST_KEY 64u
#define MOST_VERSION 64u

#define CAPS_ACCESS (SHR_CAP_ACCESS_IP | SHR_CAP_ACCESS_USER | SHR_CAP_ACCESS_CERT | SHR_CAP_ACCESS_CEPHX | SHR_CAP_IPV6)
#define CAPS_EXPORTER (CAPS_ACCESS | SHR_CAP_DUAL_PROTOCOL)
#define CAPS_OF_SNAPSHOTS (SHR_CAP_SNAPSHOT_CLONE | SHR_CAP_SNAPSHOT_REVERT | SHR_CAP_SNAPSHOT_MOUNT | \
	SHR_CAP_CLONE_INDEPENDENT)
#define CAPS_ALL (SHR_CAP_EXTEND | SHR_CAP_SHRINK | SHR_CAP_MANAGE | SHR_CAP_SIZE_ENFORCED | SHR_CAP_THIN | \
	SHR_CAP_CLONE_REFLINK | SHR_CAP_SNAPSHOT | CAPS_OF_SNAPSHOTS | SHR_CAP_SIZE_COVERS_SNAPSHOTS | SHR_CAP_DATA | \
	CAPS_ACCESS)
#define PROTOS_ALL (SHR_PROTO_NFS | SHR_PROTO_SMB | SHR_PROTO_CEPHFS)
#define FEATURES_ALL (SHR_EXPORTER_HANDLES_RESTART | SHR_EXPORTER_HANDLES_MOVE | SHR_EXPORTER_HANDLES_REVERT | \
	SHR_EXPORTER_FENCE_GUARD | SHR_EXPORTER_FENCE_LINK | SHR_EXPORTER_NUMBERED)

/* The last members of 0.1: a table that ends before them was made by no release. */
#define DRIVER_LEAST (offsetof(struct shr_driver, snapshot) + sizeof(void *))
#define EXPORTER_LEAST (offsetof(struct shr_exporter, release) + sizeof(void *))
#define DATA_LEAST (offsetof(struct shr_driver_data, detach) + sizeof(void *))
#define SNAPSHOT_LEAST (offsetof(struct shr_driver_snapshot, look) + sizeof(void *))

struct heading { /* what both kinds of tables say of themselves */
	const char *word;
	const char *name;
	const char *version;
	uint32_t needs, threads, fencing, flags;
	const char *const *settings;
};

static int copy_table(const void *from, const char *word, uint32_t abi, size_t least, void *ret, size_t size,
	int *ret_newer, const struct shr_error **reterr)
{
	uint32_t head[2]; /* abi and size lie first for ever */

	memcpy(head, from, sizeof head);
	if (head[0] != abi)
		return shr__fail_do(reterr, SHR_EABI, "build the plugin with this library's headers",
			"the %s was built for plugin ABI %" PRIu32 ", this library has %" PRIu32, word, head[0], abi);
	if (head[1] < least || head[1] > MOST_TABLE)
		return shr__fail_do(reterr, SHR_EABI, "build the plugin with this library's headers",
			"the %s's table has %" PRIu32 " bytes; at least %zu are needed", word, head[1], least);
	memset(ret, 0, size);
	memcpy(ret, from, head[1] < size ? head[1] : size);
	*ret_newer = head[1] > size;
	return 0;
}

/* Keys as in "root!": 1 to 64 bytes, and perhaps the sign of what must be given. */
static int settings_ok(const char *const *keys)
{
	char key[MOST_KEY + 1];
	uint32_t n = 0;
	size_t length;

	for (; keys && keys[n]; n++) {
		length = strnlen(keys[n], sizeof key);
		if (n == MOST_SETTINGS || length == 0 || length == sizeof key)
			return 0;
		memcpy(key, keys[n], length + 1);
		if (key[length - 1] == '!')
			key[length - 1] = '\0';
		if (!shr__ident_ok(key, MOST_KEY))
			return 0;
	}
	return 1;
}

static int broken(const struct heading *h, const char *what, const struct shr_error **reterr)
{
	return shr__fail(reterr, SHR_EDRIVER, "%s %s: %s", h->word, h->name, what);
}

static int check_heading(const struct heading *h, const char *name, const struct shr_error **reterr)
{
	char room[80];

	if (!shr__ident_ok(h->name, SHR__PLUGIN_NAME_MOST))
		return shr__fail(reterr, SHR_EDRIVER, "the %s%s%s has no proper name of its own", h->word, name ? " " : "",
			name ? name : "");
	if (name && strcmp(name, h->name) != 0)
		return shr__fail(reterr, SHR_EDRIVER, "the %s in the file of %s calls itself %s", h->word, name, h->name);
	if (h->needs > SHR_HEADER_VERSION)
		return shr__fail_do(reterr, SHR_EABI, "run with a newer libshare",
			"%s %s needs libshare %" PRIu32 ".%" PRIu32 ".%" PRIu32 ", this is %d.%d.%d", h->word, h->name,
			h->needs >> 16, h->needs >> 8 & 255, h->needs & 255, SHR_VERSION_MAJOR, SHR_VERSION_MINOR,
			SHR_VERSION_PATCH);
	if (!h->version || shr__text_wrong(h->version, MOST_VERSION, 0, room, sizeof room))
		return broken(h, "its version is no text of 1 to 64 bytes", reterr);
	if (h->flags)
		return broken(h, "it sets flags that this library does not know", reterr);
	if (h->threads > SHR_THREADS_PARALLEL)
		return broken(h, "its thread model is none of SHR_THREADS_*", reterr);
	if (h->fencing > SHR_FENCING_HOST_LOCK)
		return broken(h, "its fencing is none of SHR_FENCING_*", reterr);
	if (!settings_ok(h->settings))
		return broken(h, "its list of settings has a key that is none, or over 256 of them", reterr);
	return 0;
}

static int data_ok(const struct shr_driver_data *data)
{
	return data && data->size >= DATA_LEAST && data->size <= MOST_TABLE && data->flags == 0 && data->attach && data->detach;
}

/* A table that is newer is used as far as this library knows it. */
static int snapshot_ok(const struct shr_driver *d)
{
	const struct shr_driver_snapshot *s = d->snapshot;

	return s && s->size >= SNAPSHOT_LEAST && s->size <= MOST_TABLE && !(s->flags & ~SHR_SNAPSHOT_HOLD) && s->create && s->remove &&
		(s->revert || !(d->capabilities & SHR_CAP_SNAPSHOT_REVERT)) && (s->clone || !(d->capabilities & SHR_CAP_SNAPSHOT_CLONE)) &&
		(d->capabilities & SHR_CAP_MANAGE ? s->manage && s->unmanage : !s->manage == !s->unmanage);
}

/* What a driver lacks or says twice in different ways; NULL: nothing. */
static const char *driver_wrong(const struct shr_driver *d)
{
	const struct {
		int bad;
		const char *what;
	} rules[] = {
		{ !d->open, "it has no open()" },
		{ !d->close, "it has no close()" },
		{ !d->stats, "it has no stats()" },
		{ !d->create, "it has no create()" },
		{ !d->remove, "it has no remove()" },
		{ (d->capabilities & ~CAPS_ALL) != 0, "it declares capabilities that this library does not know" },
		{ (d->protocols & ~PROTOS_ALL) != 0, "it declares protocols that this library does not know" },
		{ (d->capabilities & (SHR_CAP_EXTEND | SHR_CAP_SHRINK)) && !d->resize,
			"it declares that it can extend or shrink, but has no resize()" },
		{ d->protocols && !d->update_access, "it declares protocols, but has no update_access()" },
		{ (d->capabilities & SHR_CAP_MANAGE) && (!d->manage || !d->unmanage),
			"it declares that it can manage, but lacks manage() or unmanage()" },
		{ (d->capabilities & SHR_CAP_SNAPSHOT) && !snapshot_ok(d),
			"it declares snapshots, but its table of them lacks a call that it declares, or has unknown flags" },
		{ !(d->capabilities & SHR_CAP_SNAPSHOT) && d->snapshot, "it has a table of snapshots, but does not declare them" },
		{ (d->capabilities & CAPS_OF_SNAPSHOTS) && !(d->capabilities & SHR_CAP_SNAPSHOT),
			"it declares what is done with snapshots, but no snapshots" },
		{ (d->capabilities & SHR_CAP_DATA) && !data_ok(d->data),
			"it declares that its files can be reached, but its table for that lacks attach() or detach(), or has flags" },
		{ !(d->capabilities & SHR_CAP_DATA) && d->data, "it has a table to reach files, but does not declare it" },
		{ !settings_ok(d->pool_settings), "its list of pool settings has a key that is none, or over 256 of them" },
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		if (rules[i].bad)
			return rules[i].what;
	}
	return NULL;
}

int shr__negotiate_driver(const struct shr_driver *from, const char *name, struct shr_driver *ret,
	const struct shr_error **reterr)
{
	struct heading h = { .word = "driver" };
	const char *wrong;
	int newer = 0, rc;

	rc = copy_table(from, h.word, SHR_DRIVER_ABI, DRIVER_LEAST, ret, sizeof *ret, &newer, reterr);
	if (rc < 0)
		return rc;
	h = (struct heading){ h.word, ret->name, ret->version, ret->needs, ret->threads, ret->fencing, ret->flags,
		ret->settings };
	rc = check_heading(&h, name, reterr);
	if (rc < 0)
		return rc;
	if (newer) { /* it was made for a newer library, and says that it can live with this one: without what is new */
		ret->size = sizeof *ret;
		ret->capabilities &= CAPS_ALL;
		ret->protocols &= PROTOS_ALL;
	}
	wrong = driver_wrong(ret);
	return wrong ? broken(&h, wrong, reterr) : 0;
}

static const char *exporter_wrong(const struct shr_exporter *x)
{
	const struct {
		int bad;
		const char *what;
	} rules[] = {
		{ !x->open, "it has no open()" },
		{ !x->close, "it has no close()" },
		{ !x->probe, "it has no probe()" },
		{ !x->add, "it has no add()" },
		{ !x->remove, "it has no remove()" },
		{ !x->update_access, "it has no update_access()" },
		{ (x->capabilities & ~CAPS_EXPORTER) != 0, "it declares capabilities that are not an exporter's" },
		{ (x->features & ~FEATURES_ALL) != 0, "it declares features that this library does not know" },
		{ (x->protocols & ~PROTOS_ALL) != 0, "it declares protocols that this library does not know" },
		{ x->protocols == 0, "it declares no protocol" },
		{ !x->hold != !x->release, "it has one of hold() and release() without the other" },
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		if (rules[i].bad)
			return rules[i].what;
	}
	return NULL;
}

int shr__negotiate_exporter(const struct shr_exporter *from, const char *name, struct shr_exporter *ret,
	const struct shr_error **reterr)
{
	struct heading h = { .word = "exporter" };
	const char *wrong;
	int newer = 0, rc;

	rc = copy_table(from, h.word, SHR_EXPORTER_ABI, EXPORTER_LEAST, ret, sizeof *ret, &newer, reterr);
	if (rc < 0)
		return rc;
	h = (struct heading){ h.word, ret->name, ret->version, ret->needs, ret->threads, ret->fencing, ret->flags,
		ret->settings };
	rc = check_heading(&h, name, reterr);
	if (rc < 0)
		return rc;
	if (newer) {
		ret->size = sizeof *ret;
		ret->capabilities &= CAPS_EXPORTER;
		ret->features &= FEATURES_ALL;
		ret->protocols &= PROTOS_ALL;
	}
	wrong = exporter_wrong(ret);
	return wrong ? broken(&h, wrong, reterr) : 0;
}
