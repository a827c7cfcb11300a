import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { IntegerField, integerField } from "@web/views/fields/integer/integer_field";

/** A number that may be unknown: nothing is shown instead of zero, and years have no separators. */
export class YearField extends IntegerField {
    get formattedValue() {
        const value = this.props.record.data[this.props.name];
        return value ? String(value) : "";
    }
}

export const yearField = { ...integerField, component: YearField, displayName: _t("Year, if known") };

registry.category("fields").add("community_year", yearField);
