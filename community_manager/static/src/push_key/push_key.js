import { Component } from "@odoo/owl";
import { CopyButton } from "@web/core/copy_button/copy_button";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** The address and the key of a channel that others write to, with an example to try. */
export class PushKey extends Component {
    static template = "community_manager.PushKey";
    static components = { CopyButton };
    static props = { url: String, pushKey: String };

    get copied() {
        return _t("Copied");
    }
}

/** Shows a new key once: it is in no record that could be opened again. */
export class ShowKeyDialog extends Component {
    static template = "community_manager.ShowKeyDialog";
    static components = { Dialog, PushKey };
    static props = { title: String, url: String, pushKey: String, close: Function };
}

function showKey(env, action) {
    const { key, url } = action.params;
    env.services.dialog.add(ShowKeyDialog, { title: action.name || _t("New key"), url, pushKey: key });
}

registry.category("actions").add("community_show_key", showKey);
