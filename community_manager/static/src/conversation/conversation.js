import { Component, markup, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { ago } from "../fields/ago_field";
import { initials, tint } from "../fields/initials_field";
import { SAID } from "../reply_box/reply_box";
import { Understanding } from "../understanding/understanding";

/** Everything said in the conversation of a mention, oldest first, our own words apart. */
export class Conversation extends Component {
    static template = "community_manager.Conversation";
    static components = { Understanding };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ mentions: [], total: 0, open: {} });
        this.loaded = null;
        onWillStart(() => this.load(this.props.record.resId));
        useBus(this.env.bus, SAID, () => this.load(this.props.record.resId));
        useRecordObserver((record) => {
            // the chips and the state of a saved record may change which words are marked
            const key = `${record.resId}/${record.data.topic_ids?.currentIds}`;
            if (this.loaded !== null && this.loaded !== key) {
                this.load(record.resId);
            }
            this.loaded = key;
        });
    }

    async load(resId) {
        if (!resId) {
            return;
        }
        const data = await this.orm.call("community.mention", "get_conversation", [[resId]]);
        for (const mention of data.mentions) {
            // the server escaped the text and added nothing but paragraphs, links and marks
            mention.body = markup(mention.body);
            const published = deserializeDateTime(mention.published_at);
            mention.ago = ago(published);
            mention.exact = formatDateTime(published);
            mention.initials = initials(mention.author);
            mention.tint = tint(mention.author);
            mention.attachments = mention.attachments.map((attachment) => ({
                ...attachment,
                label: attachment.alt || this.attachmentLabel(attachment),
            }));
        }
        Object.assign(this.state, { mentions: data.mentions, total: data.total });
    }

    attachmentLabel({ kind }) {
        return { image: _t("Picture"), video: _t("Video"), audio: _t("Sound") }[kind] || _t("Attachment");
    }

    get more() {
        return this.state.total - this.state.mentions.length;
    }

    toggleVersions(mention) {
        this.state.open[mention.id] = !this.state.open[mention.id];
    }

    openMention(mention) {
        if (!mention.current) {
            this.openForm("community.mention", mention.id);
        }
    }

    openAuthor(mention) {
        this.openForm("community.author", mention.author_id);
    }

    openForm(model, resId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: resId,
            views: [[false, "form"]],
        });
    }
}

export const conversation = { component: Conversation };

registry.category("view_widgets").add("community_conversation", conversation);
