import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { formatDateTime } from "@web/core/l10n/dates";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;

/**
 * Say a time as people do.
 *
 * @param {DateTime} value
 * @returns {String}
 */
export function ago(value) {
    const seconds = Math.abs(value.diffNow("seconds").seconds);
    if (seconds < 45) {
        return _t("now");
    }
    // after a month "5 weeks ago" says less than the day itself
    return seconds < 30 * 86400 ? value.toRelative({ style: "short" }) : value.toLocaleString(DateTime.DATE_MED);
}

/** A time as people say it; the exact one shows on hover. */
export class AgoField extends Component {
    static template = "community_manager.AgoField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return this.value ? ago(this.value) : "";
    }

    get exact() {
        return this.value ? formatDateTime(this.value) : "";
    }
}

export const agoField = {
    component: AgoField,
    displayName: _t("Time as people say it"),
    supportedTypes: ["datetime"],
};

registry.category("fields").add("community_ago", agoField);
