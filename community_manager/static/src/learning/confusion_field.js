import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What was read against what people said, before and after a version was learned: one table for each.
 *
 * The value is a list of `{title, names, tables: [{title, rows: [[number]]}]}`; rows are what people said, columns what
 * was read.
 */
export class ConfusionField extends Component {
    static template = "community_manager.ConfusionField";
    static props = { ...standardFieldProps };

    get matrices() {
        return this.props.record.data[this.props.name] || [];
    }

    /** Ground of a cell: the darker, the more of what people said so was read like this. */
    style(row, said, read) {
        const sum = row.reduce((total, entry) => total + entry, 0);
        const share = sum ? row[read] / sum : 0;
        // light enough for letters of either theme
        return `background-color: rgba(${said === read ? "0, 140, 140" : "128, 128, 128"}, ${share / 2})`;
    }

    hint(matrix, row, said, read) {
        return _t("%(number)s that people call “%(said)s” were read as “%(read)s”", {
            number: row[read],
            said: matrix.names[said],
            read: matrix.names[read],
        });
    }
}

export const confusionField = {
    component: ConfusionField,
    displayName: _t("Confusion matrix"),
    supportedTypes: ["json"],
};

registry.category("fields").add("community_confusion", confusionField);
