import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { CARD, layoutFlow } from "./flow_layout";

/** Milliseconds after which the counts are asked for again. */
const AGAIN = 15000;
const ICONS = {
    trigger: "fa-bolt",
    mail: "fa-envelope-o",
    sms: "fa-mobile",
    message: "fa-comment-o",
    social: "fa-bullhorn",
    activity: "fa-clock-o",
    gift: "fa-gift",
    survey: "fa-list-ul",
    handoff: "fa-share",
    note: "fa-sticky-note-o",
    wait: "fa-hourglass-half",
    branch: "fa-code-fork",
    end: "fa-flag-checkered",
};

/** A campaign drawn as cards and the ways between them, with who is where now; it keeps itself up to date. */
export class CampaignFlow extends Component {
    static template = "community_manager.CampaignFlow";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.root = useRef("root");
        this.card = CARD;
        this.state = useState({ nodes: [], edges: [] });
        onWillStart(() => this.load());
        useRecordObserver((record) => {
            // what was saved is drawn anew, whatever of it has changed
            const saved = `${record.resId}/${record.data.write_date || ""}`;
            if (this.saved !== undefined && this.saved !== saved) {
                this.load();
            }
            this.saved = saved;
        });
        onMounted(() => {
            this.timer = setInterval(() => this.isVisible && this.load(), AGAIN);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    get isVisible() {
        return document.visibilityState === "visible" && Boolean(this.root.el?.offsetParent);
    }

    async load() {
        const { resId } = this.props.record;
        const found = resId
            ? await this.orm.silent.call("community.campaign", "get_flow", [[resId]])
            : { nodes: [], edges: [] };
        if (resId === this.props.record.resId) {
            Object.assign(this.state, { nodes: found.nodes, edges: found.edges });
        }
    }

    get picture() {
        return layoutFlow(this.state.nodes, this.state.edges);
    }

    icon(node) {
        return ICONS[node.kind] || "fa-circle-o";
    }

    isStep(node) {
        return typeof node.id === "number";
    }

    /** The counts of a card that say something, in words. */
    counts(node) {
        const { waiting, sent, held, answered, left } = node.counts || {};
        const sendsNothing = ["trigger", "wait", "branch", "end"].includes(node.kind);
        return [
            { key: "waiting", count: waiting, label: _t("waiting"), title: _t("People who are here now") },
            {
                key: "sent",
                count: sent,
                label: sendsNothing ? _t("passed") : _t("done"),
                title: _t("People for whom it was done"),
            },
            { key: "held", count: held, label: _t("held"), title: _t("People who are held back here") },
            { key: "answered", count: answered, label: _t("answered"), title: _t("People who answered after it") },
            { key: "left", count: left, label: _t("out"), title: _t("People who left the campaign here") },
        ]
            .filter(({ count }) => count)
            .map((entry) => ({ ...entry, text: `${formatInteger(entry.count)} ${entry.label}` }));
    }

    open(node) {
        if (!this.isStep(node)) {
            return;
        }
        this.dialog.add(FormViewDialog, {
            resModel: "community.campaign.step",
            resId: node.id,
            title: node.label,
            readonly: !this.props.record.isInEdition,
            onRecordSaved: async () => {
                await this.props.record.load();
                await this.load();
            },
        });
    }

    get label() {
        return _t("%(steps)s steps of the campaign", { steps: this.state.nodes.length });
    }
}

registry.category("view_widgets").add("community_campaign_flow", {
    component: CampaignFlow,
    fieldDependencies: [{ name: "write_date", type: "datetime" }],
});
