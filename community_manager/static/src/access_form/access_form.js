import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What a network must be told, one input for each setting.
 *
 * Only what was changed is sent.  A stored secret never comes to the client: its input is empty and says so.
 */
export class AccessForm extends Component {
    static template = "community_manager.AccessForm";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ fields: [], values: {} });
        useRecordObserver((record) => {
            const value = record.data[this.props.name] || {};
            if (value.fields && value !== this.own) {
                this.state.fields = value.fields;
                this.state.values = { ...(value.values || {}) };
            }
        });
    }

    inputId(field) {
        return `community_access_${this.props.record.id}_${field.name}`;
    }

    /** Setting `field` as it shows: what was typed, else what is stored. */
    valueOf(field) {
        return field.name in this.state.values ? this.state.values[field.name] : field.value;
    }

    placeholder(field) {
        if (field.secret && field.is_set) {
            return _t("Stored. Type to replace it.");
        }
        if (field.generated) {
            return _t("Made by itself");
        }
        return field.placeholder || "";
    }

    get fields() {
        return this.state.fields.filter((field) => !field.generated);
    }

    onChange(field, value) {
        if (field.secret && !value) {
            delete this.state.values[field.name];
        } else {
            this.state.values[field.name] = value;
        }
        this.own = { fields: this.state.fields, values: { ...this.state.values } };
        return this.props.record.update({ [this.props.name]: this.own });
    }
}

export const accessForm = {
    component: AccessForm,
    displayName: _t("Access"),
    supportedTypes: ["json"],
};

registry.category("fields").add("community_access_form", accessForm);
