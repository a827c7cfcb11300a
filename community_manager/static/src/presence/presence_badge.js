import { Component, onWillUnmount, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { initials, tint } from "../fields/initials_field";

/** Who else is in the conversation: small, and silent when nobody is. */
export class PresenceBadge extends Component {
    static template = "community_manager.PresenceBadge";
    static props = { others: { type: Array } };

    get others() {
        return this.props.others.map((other) => ({ ...other, initials: initials(other.name), tint: tint(other.name) }));
    }
}

/** The same in a form: it watches the record that is shown. */
export class PresenceWidget extends Component {
    static template = "community_manager.PresenceWidget";
    static components = { PresenceBadge };
    static props = { ...standardWidgetProps };

    setup() {
        this.presence = useService("community_presence");
        this.state = useState(this.presence.state);
        useRecordObserver((record) => this.presence.watch(record.resId, this));
        onWillUnmount(() => this.presence.leave(this));
    }
}

registry.category("view_widgets").add("community_presence", { component: PresenceWidget });
