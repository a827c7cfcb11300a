import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
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
        this.pending = false;
        useRecordObserver((record) => {
            const value = record.data[this.props.name] || {};
            if (value.fields && value !== this.own) {
                this.state.fields = value.fields;
                this.state.values = { ...(value.values || {}) };
                this.pending = false;
            }
        });
        // saving by keyboard or by leaving the page does not wait for an input to lose the focus
        const { bus } = this.props.record.model;
        useBus(bus, "WILL_SAVE_URGENTLY", () => this.commit());
        useBus(bus, "NEED_LOCAL_CHANGES", ({ detail }) => detail.proms.push(this.commit()));
    }

    inputId(field) {
        return `community_access_${this.props.record.id}_${field.name}`;
    }

    /** What shows in the input of `field`: what was typed, else what is stored. */
    valueOf(field) {
        return field.name in this.state.values ? this.state.values[field.name] : field.value;
    }

    placeholder(field) {
        if (this.isRemoved(field)) {
            return _t("Removed when saved.");
        }
        if (field.secret && field.is_set) {
            return _t("Stored. Type to replace it.");
        }
        return field.placeholder || "";
    }

    get fields() {
        return this.state.fields.filter((field) => !field.generated);
    }

    isRemoved(field) {
        return field.secret && this.state.values[field.name] === "";
    }

    canRemove(field) {
        return field.secret && field.is_set && !field.required && !this.props.readonly && !this.isRemoved(field);
    }

    onInput(field, value) {
        if (field.secret && !value) {
            delete this.state.values[field.name];
        } else {
            this.state.values[field.name] = value;
        }
        this.pending = true;
        this.props.record.model.bus.trigger("FIELD_IS_DIRTY", true);
    }

    onRemove(field) {
        this.state.values[field.name] = "";
        this.pending = true;
        return this.commit();
    }

    /** Hand what was typed to the record. */
    async commit() {
        if (this.pending) {
            this.pending = false;
            this.own = { fields: this.state.fields, values: { ...this.state.values } };
            await this.props.record.update({ [this.props.name]: this.own });
            this.props.record.model.bus.trigger("FIELD_IS_DIRTY", false);
        }
    }
}

export const accessForm = {
    component: AccessForm,
    displayName: _t("Access"),
    supportedTypes: ["json"],
};

registry.category("fields").add("community_access_form", accessForm);
