import { Component, useState } from "@odoo/owl";
import { CopyButton } from "@web/core/copy_button/copy_button";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The address and the key of a channel that others write to, with an example to try. */
export class PushKey extends Component {
    static template = "community_manager.PushKey";
    static components = { CopyButton };
    static props = { url: String, pushKey: String };

    /** A shell command that sends one signed mention; docs/webhook.md says what else can be sent. */
    get example() {
        return [
            `KEY='${this.props.pushKey}'`,
            `BODY='{"id": "test-1", "text": "${_t("A first mention")}", "author": {"id": "ana", "name": "Ana"}}'`,
            "TIME=$(date +%s)",
            'SIGNATURE=$(printf \'%s.%s\' "$TIME" "$BODY" | openssl dgst -sha256 -hmac "$KEY" | sed \'s/.* //\')',
            `curl '${this.props.url}' -H 'Content-Type: application/json' \\`,
            '    -H "X-Community-Timestamp: $TIME" -H "X-Community-Signature: sha256=$SIGNATURE" -d "$BODY"',
        ].join("\n");
    }

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

/** In the wizard: makes the key when asked to, shows it while the step is open, and an example to try. */
export class PushKeyMaker extends Component {
    static template = "community_manager.PushKeyMaker";
    static components = { PushKey };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ key: "", url: "" });
    }

    async make() {
        const channel = this.props.record.data.channel_id;
        const action = await this.orm.call("community.channel", "action_new_key", [[channel.id]]);
        Object.assign(this.state, { key: action.params.key, url: action.params.url });
    }
}

registry.category("view_widgets").add("community_push_key_maker", { component: PushKeyMaker });
