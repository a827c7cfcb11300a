import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { formatDateTime } from "@web/core/l10n/dates";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { span } from "../desk/left_field";

const SOON = 3600;

/** How long there is to answer: red when that is over, amber in the last hour. */
export class DueField extends Component {
    static template = "community_manager.DueField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get seconds() {
        return this.value.diffNow("seconds").seconds;
    }

    get text() {
        const time = span(Math.abs(this.seconds));
        return this.seconds < 0 ? _t("late by %s", time) : _t("%s left", time);
    }

    get color() {
        if (this.seconds < 0) {
            return "text-bg-danger";
        }
        return this.seconds < SOON ? "text-bg-warning" : "text-bg-light border";
    }

    get exact() {
        return _t("Answer until %s", formatDateTime(this.value));
    }
}

export const dueField = {
    component: DueField,
    displayName: _t("When an answer is due"),
    supportedTypes: ["datetime"],
};

registry.category("fields").add("community_due", dueField);
