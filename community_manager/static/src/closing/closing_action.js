import { registry } from "@web/core/registry";

/**
 * Open the dialog that asks why something is closed, and show what became of it.
 *
 * It is opened from the warning that follows a dragged card or a click in the status bar: the view behind it holds what
 * was refused, and has to be read again once the dialog has closed the mention.
 */
export async function askReason(env, action) {
    await env.services.action.doAction(action.params.dialog, {
        onClose: (infos) => {
            if (infos?.closed) {
                env.services.action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
            }
        },
    });
}

registry.category("actions").add("community_ask_reason", askReason);
