import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const FOLDER = "/community_manager/static/img/networks";

/** Icon of a network, bundled with the addon; a network without one shows a general sign. */
export class NetworkField extends Component {
    static template = "community_manager.NetworkField";
    static props = {
        ...standardFieldProps,
        size: { type: Number, optional: true },
        showLabel: { type: Boolean, optional: true },
    };
    static defaultProps = { size: 18, showLabel: false };

    get code() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        const field = this.props.record.fields[this.props.name];
        const option = (field.selection || []).find(([code]) => code === this.code);
        return option ? option[1] : this.code;
    }

    get src() {
        return `${FOLDER}/${encodeURIComponent(this.code)}.svg`;
    }

    onError(ev) {
        const fallback = `${FOLDER}/generic.svg`;
        if (!ev.target.src.endsWith(fallback)) {
            ev.target.src = fallback;
        }
    }
}

export const networkField = {
    component: NetworkField,
    displayName: _t("Network icon"),
    supportedTypes: ["selection", "char"],
    supportedOptions: [
        { label: _t("Size in pixels"), name: "size", type: "number" },
        { label: _t("Show the name"), name: "label", type: "boolean" },
    ],
    extractProps: ({ options }) => ({ size: options.size, showLabel: Boolean(options.label) }),
};

registry.category("fields").add("community_network", networkField);
