/* tests/unit/api_json.c - each record as JSON, to the letter */
#include "unit.h"

#include <string.h>

#include "base/fail.h"
#include "libshare/driver.h"
#include "libshare/json.h"

static void check(char *got, const char *want)
{
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, want);
	shr_free(got);
}

START_TEST(a_share)
{
	struct shr_export x = { sizeof x, SHR_EXPORT_PREFERRED | SHR_EXPORT_READONLY, SHR_PROTO_SMB, SHR_FAMILY_IPV6, 0, "\\\\h\\home", "i-1" };
	struct shr_pair a = { sizeof a, 0, "env", "test" }, b = { sizeof b, 0, "q\"", "line\nnext" };
	const struct shr_export *exports[] = { &x };
	const struct shr_pair *pairs[] = { &a, &b };
	struct shr_share s = { .size = sizeof s, .state = SHR_SHARE_AVAILABLE, .version = 3, .bytes = UINT64_MAX,
		.protocols = SHR_PROTO_NFS | SHR_PROTO_SMB | UINT64_C(1) << 40 | UINT64_C(1) << 41, .created_ns = 1, .updated_ns = 2,
		.access_revision = 7, .access_applied = 6, .id = "s-1", .project = "p1", .name = "h\xc3\xb6me", .description = "\xff",
		.zone = "", .backend = "alpha", .pool = "ssd", .op_id = "", .reason = "", .n_exports = 1, .n_metadata = 2, .n_rules = 4,
		.n_locks = 5, .exports = exports, .metadata = pairs, .n_snapshots = 8, .snapshot_id = "n-1",
		.flags = SHR_SHARE_READONLY, .snapshot_access = SHR_SNAPSHOT_ACCESS_OWN };

	check(shr_share_json(&s), "{\"id\":\"s-1\",\"project\":\"p1\",\"name\":\"h\xc3\xb6me\",\"description\":\"\\ufffd\","
		"\"state\":\"available\",\"reason\":\"\",\"op_id\":\"\",\"version\":3,\"bytes\":18446744073709551615,"
		"\"protocols\":[\"nfs\",\"smb\",\"unknown\"],\"zone\":\"\",\"backend\":\"alpha\",\"pool\":\"ssd\",\"created_ns\":1,"
		"\"updated_ns\":2,\"access_revision\":7,\"access_applied\":6,\"n_rules\":4,\"n_locks\":5,\"exports\":["
		"{\"path\":\"\\\\\\\\h\\\\home\",\"protocol\":[\"smb\"],\"family\":\"ipv6\",\"flags\":[\"preferred\",\"readonly\"],"
		"\"instance_id\":\"i-1\"}],\"metadata\":{\"env\":\"test\",\"q\\\"\":\"line\\nnext\"},\"n_snapshots\":8,"
		"\"snapshot_id\":\"n-1\",\"flags\":[\"readonly\"],\"snapshot_access\":\"own\"}");
}
END_TEST

START_TEST(a_snapshot)
{
	struct shr_export x = { sizeof x, SHR_EXPORT_READONLY, SHR_PROTO_NFS, SHR_FAMILY_ANY, 0, "h:/snap", "i-2" };
	struct shr_pair a = { sizeof a, 0, "why", "nightly" };
	const struct shr_export *exports[] = { &x };
	const struct shr_pair *pairs[] = { &a };
	struct shr_snapshot s = { .size = sizeof s, .state = SHR_SNAPSHOT_ERROR, .version = 3, .bytes = 4, .protocols = SHR_PROTO_NFS,
		.created_ns = 5, .updated_ns = 6, .cut_ns = 7, .ready_ns = 8, .access_revision = 9, .access_applied = 10, .n_rules = 11,
		.n_shares = 12, .id = "n-1", .project = "p1", .share_id = "s-1", .name = "monday", .description = "d",
		.backend = "alpha", .pool = "ssd", .op_id = "o-1", .reason = "no", .access = SHR_SNAPSHOT_ACCESS_SHARE, .n_exports = 1,
		.exports = exports, .metadata = pairs, .n_metadata = 1 };

	check(shr_snapshot_json(&s), "{\"id\":\"n-1\",\"project\":\"p1\",\"share_id\":\"s-1\",\"name\":\"monday\","
		"\"description\":\"d\",\"state\":\"error\",\"reason\":\"no\",\"op_id\":\"o-1\",\"version\":3,\"bytes\":4,"
		"\"protocols\":[\"nfs\"],\"backend\":\"alpha\",\"pool\":\"ssd\",\"created_ns\":5,\"updated_ns\":6,\"cut_ns\":7,"
		"\"ready_ns\":8,\"access\":\"share\",\"access_revision\":9,\"access_applied\":10,\"n_rules\":11,\"n_shares\":12,"
		"\"exports\":[{\"path\":\"h:/snap\",\"protocol\":[\"nfs\"],\"family\":\"any\",\"flags\":[\"readonly\"],"
		"\"instance_id\":\"i-2\"}],\"metadata\":{\"why\":\"nightly\"}}");
	check(shr_snapshot_json(NULL), "null");
}
END_TEST

START_TEST(a_rule)
{
	struct shr_rule r = { .size = sizeof r, .state = SHR_RULE_ERROR, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RO,
		.squash = SHR_SQUASH_ALL, .priority = -5, .revision = 9, .created_ns = 1, .updated_ns = 2, .id = "r-1", .share_id = "s-1",
		.who = "10.0.0.0/8", .reason = "no", .has_key = 1, .n_locks = 3 };

	check(shr_rule_json(&r), "{\"id\":\"r-1\",\"share_id\":\"s-1\",\"state\":\"error\",\"reason\":\"no\",\"type\":\"ip\","
		"\"who\":\"10.0.0.0/8\",\"level\":\"ro\",\"squash\":\"all\",\"priority\":-5,\"revision\":9,\"created_ns\":1,"
		"\"updated_ns\":2,\"has_key\":true,\"n_locks\":3,\"metadata\":{}}");
}
END_TEST

START_TEST(an_explanation)
{
	struct shr_rule r = { .size = sizeof r, .state = SHR_RULE_ACTIVE, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .revision = 1,
		.id = "r-1", .share_id = "s-1", .who = "::/0", .reason = "" };
	struct shr_export x = { sizeof x, 0, SHR_PROTO_NFS, SHR_FAMILY_ANY, 0, "h:/a", "i-1" };
	struct shr_pair o = { sizeof o, 0, "ro", "" };
	const struct shr_pair *options[] = { &o };
	struct shr_way w = { .size = sizeof w, .level = SHR_LEVEL_RO, .family = SHR_FAMILY_IPV6, .n_options = 1, .location = &x,
		.fstype = "nfs4", .source = "h:/a", .options = options, .server = "h", .path = "/a", .command = "mount", .note = "" };
	const struct shr_way *ways[] = { &w };
	const struct shr_rule *rules[] = { &r };
	struct shr_explanation e = { .size = sizeof e, .level = SHR_LEVEL_NONE, .next_level = SHR_LEVEL_RW, .why = SHR_WHY_NO_RULE,
		.type = SHR_ACCESS_IP, .flags = SHR_EXPLAIN_CHANGING | SHR_EXPLAIN_MORE, .access_revision = 3, .access_applied = 2,
		.share_id = "s-1", .who = "::1", .reason = "no", .remedy = "do", .op_id = "o-1", .others = rules, .n_others = 1,
		.ways = ways, .n_ways = 1 };
#define THE_RULE "{\"id\":\"r-1\",\"share_id\":\"s-1\",\"state\":\"active\",\"reason\":\"\",\"type\":\"ip\",\"who\":\"::/0\"," \
	"\"level\":\"rw\",\"squash\":\"default\",\"priority\":0,\"revision\":1,\"created_ns\":0,\"updated_ns\":0,\"has_key\":false," \
	"\"n_locks\":0,\"metadata\":{}}"

	check(shr_explanation_json(&e), "{\"share_id\":\"s-1\",\"type\":\"ip\",\"who\":\"::1\",\"level\":\"none\","
		"\"next_level\":\"rw\",\"why\":\"no_rule\",\"reason\":\"no\",\"remedy\":\"do\",\"op_id\":\"o-1\","
		"\"flags\":[\"changing\",\"more\"],\"access_revision\":3,\"access_applied\":2,\"rule\":null,"
		"\"others\":[" THE_RULE "],\"inside\":[],\"ways\":[{\"level\":\"ro\",\"family\":\"ipv6\",\"fstype\":\"nfs4\","
		"\"source\":\"h:/a\",\"options\":{\"ro\":\"\"},\"server\":\"h\",\"path\":\"/a\",\"command\":\"mount\","
		"\"note\":\"\",\"location\":{\"path\":\"h:/a\",\"protocol\":[\"nfs\"],\"family\":\"any\",\"flags\":[],"
		"\"instance_id\":\"i-1\"},\"rule\":null}]}");
}
END_TEST

START_TEST(an_operation_with_and_without_its_error)
{
	struct shr_fault f = { sizeof f, SHR_EUNSUPPORTED, "changes[0]", "cannot", "do not", "rule", "r-1" };
	const struct shr_fault *faults[] = { &f };
	struct shr_error e = { sizeof e, SHR_EPARTIAL, 0, 1, "some", "again", "o-1", "EIO", faults };
	struct shr_op o = { .size = sizeof o, .state = SHR_OP_FAILED, .version = 2, .percent = 50, .step_number = 1, .n_steps = 3,
		.cancellable = 0, .attempts = 4, .bytes_done = 5, .bytes_total = 6, .created_ns = 7, .updated_ns = 8, .ended_ns = 9,
		.id = "o-1", .kind = "access_apply", .object = "share", .object_id = "s-1", .step = "tell", .project = "p1", .user = "ann",
		.request_id = "r", .backend = "alpha", .engine = "e1", .error = NULL };
#define UNTIL_ERROR "{\"id\":\"o-1\",\"kind\":\"access_apply\",\"state\":\"failed\",\"object\":\"share\",\"object_id\":\"s-1\"," \
	"\"version\":2,\"percent\":50,\"step\":\"tell\",\"step_number\":1,\"n_steps\":3,\"cancellable\":false,\"attempts\":4," \
	"\"bytes_done\":5,\"bytes_total\":6,\"created_ns\":7,\"updated_ns\":8,\"ended_ns\":9,\"project\":\"p1\",\"user\":\"ann\"," \
	"\"request_id\":\"r\",\"backend\":\"alpha\",\"engine\":\"e1\",\"error\":"
#define THE_ERROR "{\"code\":-1303,\"code_name\":\"SHR_EPARTIAL\",\"retryable\":false,\"message\":\"some\",\"remedy\":\"again\"," \
	"\"op_id\":\"o-1\",\"driver_message\":\"EIO\",\"faults\":[{\"code\":-1010,\"code_name\":\"SHR_EUNSUPPORTED\"," \
	"\"where\":\"changes[0]\",\"message\":\"cannot\",\"remedy\":\"do not\",\"object\":\"rule\",\"object_id\":\"r-1\"}]}"

	check(shr_op_json(&o), UNTIL_ERROR "null}");
	o.error = &e;
	check(shr_op_json(&o), UNTIL_ERROR THE_ERROR "}");
	check(shr_error_json(&e), THE_ERROR);
}
END_TEST

START_TEST(an_event)
{
	struct shr_event v = { .size = sizeof v, .severity = SHR_EVENT_WARNING, .seq = 12, .object_version = 3, .at_ns = 4,
		.kind = "share.created", .object = "share", .object_id = "s-1", .op_id = "o-1", .project = "p1", .user = "ann",
		.request_id = "r", .text = "made" };

	check(shr_event_json(&v), "{\"seq\":12,\"kind\":\"share.created\",\"severity\":\"warning\",\"at_ns\":4,\"object\":\"share\","
		"\"object_id\":\"s-1\",\"object_version\":3,\"op_id\":\"o-1\",\"project\":\"p1\",\"user\":\"ann\",\"request_id\":\"r\","
		"\"text\":\"made\"}");
}
END_TEST

START_TEST(a_pool)
{
	struct shr_pool p = { .size = sizeof p, .state = SHR_POOL_UP, .version = 1, .total = 10, .free = 9, .allocated = 8,
		.reserved = 7, .limit = 6, .protocols = SHR_PROTO_NFS, .capabilities = SHR_CAP_EXTEND | SHR_CAP_IPV6, .updated_ns = 5,
		.backend = "alpha", .name = "ssd", .zone = "az1", .driver = "dir", .exporter = "none", .engine = "e1", .reason = "" };

	check(shr_pool_json(&p), "{\"backend\":\"alpha\",\"name\":\"ssd\",\"state\":\"up\",\"reason\":\"\",\"version\":1,"
		"\"zone\":\"az1\",\"driver\":\"dir\",\"exporter\":\"none\",\"engine\":\"e1\",\"total\":10,\"free\":9,\"allocated\":8,"
		"\"reserved\":7,\"limit\":6,\"protocols\":[\"nfs\"],\"capabilities\":[\"extend\",\"ipv6\"],\"updated_ns\":5}");
}
END_TEST

START_TEST(a_plugin)
{
	struct shr_plugin p = { .size = sizeof p, .kind = SHR_PLUGIN_EXPORTER, .capabilities = SHR_CAP_ACCESS_IP, .protocols = 0,
		.threads = SHR_THREADS_SERIAL, .fencing = SHR_FENCING_HOST_LOCK, .name = "none", .version = "1", .path = "/x.so",
		.reason = "" };

	check(shr_plugin_json(&p), "{\"name\":\"none\",\"kind\":\"exporter\",\"version\":\"1\",\"path\":\"/x.so\",\"reason\":\"\","
		"\"capabilities\":[\"access_ip\"],\"protocols\":[],\"threads\":\"serial\",\"fencing\":\"host_lock\"}");
}
END_TEST

START_TEST(a_quota_a_lock_an_orphan_and_a_drift)
{
	struct shr_quota q = { .size = sizeof q, .version = 1, .shares_used = 2, .shares_limit = -1, .bytes_used = 3, .bytes_limit = 4,
		.project = "p1" };
	struct shr_lock l = { .size = sizeof l, .count = 2, .created_ns = 3, .object = "share", .object_id = "s-1", .holder = "vm",
		.reason = "mounted", .project = "p1", .user = "ann" };
	struct shr_orphan o = { .size = sizeof o, .bytes = 1, .created_ns = 2, .id = "x-1", .backend = "alpha", .pool = "ssd",
		.object = "share", .object_id = "s-1", .ref = "vol", .reason = "undo", .op_id = "o-1" };
	struct shr_drift d = { .size = sizeof d, .what = SHR_DRIFT_RULE, .state = SHR_DRIFT_REPAIRED, .first_ns = 1, .last_ns = 2,
		.share_id = "s-1", .instance_id = "i-1", .project = "p1", .backend = "alpha", .item = "r-1", .expected = "ip",
		.found = "gone", .op_id = "o-1" };

	check(shr_drift_json(&d), "{\"what\":\"rule\",\"state\":\"repaired\",\"share_id\":\"s-1\",\"instance_id\":\"i-1\","
		"\"project\":\"p1\",\"backend\":\"alpha\",\"item\":\"r-1\",\"expected\":\"ip\",\"found\":\"gone\",\"first_ns\":1,"
		"\"last_ns\":2,\"op_id\":\"o-1\"}");
	check(shr_quota_json(&q), "{\"project\":\"p1\",\"version\":1,\"shares_used\":2,\"shares_limit\":-1,\"bytes_used\":3,"
		"\"bytes_limit\":4}");
	check(shr_lock_json(&l), "{\"object\":\"share\",\"object_id\":\"s-1\",\"holder\":\"vm\",\"count\":2,\"reason\":\"mounted\","
		"\"project\":\"p1\",\"user\":\"ann\",\"created_ns\":3}");
	check(shr_orphan_json(&o), "{\"id\":\"x-1\",\"backend\":\"alpha\",\"pool\":\"ssd\",\"object\":\"share\",\"object_id\":\"s-1\","
		"\"bytes\":1,\"ref\":\"vol\",\"reason\":\"undo\",\"op_id\":\"o-1\",\"created_ns\":2}");
}
END_TEST

START_TEST(an_error_of_no_memory_and_no_record)
{
	check(shr_error_json(shr__error_static(SHR_ENOMEM)), "{\"code\":-1402,\"code_name\":\"SHR_ENOMEM\",\"retryable\":true,"
		"\"message\":\"SHR_ENOMEM: there was no memory for the details\",\"remedy\":\"\",\"op_id\":\"\",\"driver_message\":\"\","
		"\"faults\":[]}");
	check(shr_share_json(NULL), "null");
}
END_TEST

UNIT_MAIN(api_json, a_share, a_snapshot, a_rule, an_explanation, an_operation_with_and_without_its_error, an_event, a_pool,
	a_plugin, a_quota_a_lock_an_orphan_and_a_drift, an_error_of_no_memory_and_no_record)
