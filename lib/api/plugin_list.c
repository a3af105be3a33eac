/* lib/api/plugin_list.c - the plugins of a context */
#include "api/actions.h"
#include "api/list.h"
#include "base/fail.h"

int shr_plugin_list(struct shr_session *session, uint32_t kind, const struct shr_plugin_page **ret_page,
	const struct shr_error **reterr)
{
	const struct shr_plugin_page *page = NULL;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret_page, "ret_page", reterr);
	if (!rc && kind != SHR_PLUGIN_DRIVER && kind != SHR_PLUGIN_EXPORTER)
		rc = shr__fail_field(reterr, SHR_EINVAL, "kind", "use SHR_PLUGIN_DRIVER or SHR_PLUGIN_EXPORTER", "%u is neither", kind);
	if (!rc)
		rc = shr__authorise(session, SHR__ACTION_PLUGIN_LIST, "plugin", "", "", reterr);
	if (!rc)
		rc = shr__plugins_list(session->ctx->env.plugins, kind, &page, reterr);
	if (!rc)
		*ret_page = page;
	return rc;
}
