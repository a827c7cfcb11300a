import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ICONS = {
    negative: "fa-frown-o",
    neutral: "fa-meh-o text-muted opacity-50",
    positive: "fa-smile-o text-muted",
};

/** The feeling of a mention as a face; its word shows on hover and is read aloud. Red is left to what is late or risky. */
export class FeelingField extends Component {
    static template = "community_manager.FeelingField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get icon() {
        return ICONS[this.value];
    }

    get label() {
        const { selection } = this.props.record.fields[this.props.name];
        return (selection.find(([code]) => code === this.value) || ["", ""])[1];
    }
}

export const feelingField = {
    component: FeelingField,
    displayName: _t("Face"),
    supportedTypes: ["selection"],
};

registry.category("fields").add("community_feeling", feelingField);
