import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const COLORS = { ok: "text-success", warning: "text-warning", error: "text-danger", off: "text-muted opacity-25" };

/** Health of a channel as a dot; its word shows on hover and is read aloud. */
export class DotField extends Component {
    static template = "community_manager.DotField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        const { selection } = this.props.record.fields[this.props.name];
        return (selection.find(([code]) => code === this.value) || ["", ""])[1];
    }

    get color() {
        return COLORS[this.value] || COLORS.off;
    }
}

export const dotField = {
    component: DotField,
    displayName: _t("Dot"),
    supportedTypes: ["selection"],
};

registry.category("fields").add("community_dot", dotField);
