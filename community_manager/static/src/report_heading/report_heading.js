import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** Above a report: a sentence that says what is shown, and how it is made. The model gives both. */
export class ReportHeading extends Component {
    static template = "community_manager.ReportHeading";
    static props = { resModel: String, domain: Array };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ sentence: "", more: [] });
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((next) => this.load(next));
    }

    async load({ resModel, domain }) {
        Object.assign(this.state, await this.orm.call(resModel, "get_heading", [domain]));
    }
}

/** A controller whose template has the heading above what it renders. */
export function withHeading(Controller, template) {
    return class extends Controller {
        static template = template;
        static components = { ...Controller.components, ReportHeading };
    };
}

registry.category("views").add("community_report_list", {
    ...listView,
    Controller: withHeading(ListController, "community_manager.ReportListView"),
});

/** Points from 0 to 100, or that there is too little to say. */
function formatPoints(value) {
    return typeof value === "number" ? String(Math.round(value)) : _t("too few");
}

class PointsField extends Component {
    static template = "community_manager.PointsField";
    static props = { ...standardFieldProps };

    get isKnown() {
        // a row is one day of one network: the column holds 0 both for the worst and for nothing
        const { data } = this.props.record;
        return !("points_known" in data) || data.points_known.includes(this.props.name);
    }

    get value() {
        return formatPoints(this.isKnown ? this.props.record.data[this.props.name] : false);
    }
}

registry.category("fields").add("community_points", {
    component: PointsField,
    displayName: _t("Points"),
    supportedTypes: ["float"],
    fieldDependencies: [{ name: "points_known", type: "char" }],
});
registry.category("formatters").add("community_points", formatPoints);

/** Counts of days as a line; the last ones, which are "now", stand out. */
class SparklineField extends Component {
    static template = "community_manager.SparklineField";
    static props = { ...standardFieldProps };

    setup() {
        this.width = 140;
        this.height = 24;
    }

    get counts() {
        return this.props.record.data[this.props.name]?.counts || [];
    }

    /** Returns the corners of the line from one day to another. */
    line(from, to) {
        const highest = Math.max(...this.counts, 1);
        const step = this.width / Math.max(this.counts.length - 1, 1);
        return this.counts
            .slice(from, to)
            .map((count, at) => {
                const x = ((from + at) * step).toFixed(1);
                const y = (this.height - 2 - (count / highest) * (this.height - 4)).toFixed(1);
                return `${x},${y}`;
            })
            .join(" ");
    }

    get before() {
        return this.line(0, this.counts.length - this.now + 1);
    }

    get lately() {
        return this.line(Math.max(this.counts.length - this.now, 0), this.counts.length);
    }

    get now() {
        return this.props.record.data[this.props.name]?.now || 0;
    }

    get label() {
        return _t("People by day, the oldest first: %s", this.counts.join(", "));
    }
}

registry.category("fields").add("community_sparkline", {
    component: SparklineField,
    displayName: _t("Sparkline"),
    supportedTypes: ["json"],
});
