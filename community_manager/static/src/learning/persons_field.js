import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** How many labels of a version came from whom: a list of `{user_id, name, labels}`. */
export class PersonsField extends Component {
    static template = "community_manager.PersonsField";
    static props = { ...standardFieldProps };

    get persons() {
        return this.props.record.data[this.props.name] || [];
    }

    get most() {
        return Math.max(1, ...this.persons.map(({ labels }) => labels));
    }
}

export const personsField = {
    component: PersonsField,
    displayName: _t("Labels of each person"),
    supportedTypes: ["json"],
};

registry.category("fields").add("community_persons", personsField);
