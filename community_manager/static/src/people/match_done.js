import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const RELOAD = { type: "ir.actions.client", tag: "soft_reload" };

/**
 * Tell how many pairs were decided on, and take it back with a click.
 *
 * @param {Object} env
 * @param {Object} action params: message and ids of community.match
 * @returns {Object} the action that shows the list anew
 */
function matchDone(env, action) {
    const { message, ids } = action.params;
    const close = env.services.notification.add(message, {
        type: "success",
        className: "o_community_match_done",
        autocloseDelay: 10000,
        buttons: [
            {
                name: _t("Undo"),
                primary: true,
                onClick: async () => {
                    close();
                    await env.services.orm.call("community.match", "action_undo", [ids]);
                    await env.services.action.doAction(RELOAD);
                },
            },
        ],
    });
    return RELOAD;
}

registry.category("actions").add("community_match_done", matchDone);
