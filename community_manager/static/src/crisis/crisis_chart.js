import { Component } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;
const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 40;
const BOTTOM = 22;
const TOP = 14;
/** Points up to which each bar can be pointed at. */
const POINTED = 400;

/**
 * Counts over time as bars, the negative ones in red, what was expected as a line, alarms as flags.
 *
 * What was expected is left out where nothing had been learned yet.  The value is `{points: [[seconds, count, negative, expected], …], unit: seconds, alarms: [{at, kind}]}`.
 */
export class CrisisChart extends Component {
    static template = "community_manager.CrisisChart";
    static props = { ...standardFieldProps };

    setup() {
        Object.assign(this, { width: WIDTH, height: HEIGHT, left: LEFT, base: HEIGHT - BOTTOM, top: TOP });
    }

    get value() {
        return this.props.record.data[this.props.name] || {};
    }

    get points() {
        return this.value.points || [];
    }

    get highest() {
        const highest = Math.max(1, ...this.points.map((point) => Math.max(point[1], point[3] || 0)));
        // half of it is written at the side too
        return highest > 1 ? Math.ceil(highest / 2) * 2 : 1;
    }

    y(count) {
        return this.base - (count / this.highest) * (this.base - TOP);
    }

    get step() {
        return (WIDTH - LEFT) / Math.max(this.points.length, 1);
    }

    get bars() {
        const width = Math.max(this.step * 0.85, 0.8);
        return this.points.map(([at, count, negative], place) => ({
            key: at,
            x: LEFT + place * this.step,
            width: Math.min(width, 24),
            y: this.y(count),
            tall: this.base - this.y(count),
            yNegative: this.y(negative),
            tallNegative: this.base - this.y(negative),
            title: this.points.length <= POINTED ? this.title(at, count, negative) : "",
        }));
    }

    title(at, count, negative) {
        return _t("%(when)s: %(count)s mentions, %(negative)s negative", { when: this.when(at), count, negative });
    }

    when(at) {
        return formatDateTime(DateTime.fromSeconds(at), { showSeconds: false });
    }

    get hasExpected() {
        return this.points.some((point) => typeof point[3] === "number");
    }

    get expected() {
        return this.points
            .map((point, place) => ({ count: point[3], x: LEFT + (place + 0.4) * this.step }))
            .filter(({ count }) => typeof count === "number")
            .map(({ count, x }) => `${x.toFixed(1)},${this.y(count).toFixed(1)}`)
            .join(" ");
    }

    get alarms() {
        if (!this.points.length) {
            return [];
        }
        const first = this.points[0][0];
        return (this.value.alarms || []).map(({ at, kind }, index) => ({
            key: `${kind}${at}${index}`,
            x: LEFT + Math.max(0, (at - first) / this.value.unit) * this.step,
            title: _t("Alert: %s", this.when(at)),
        }));
    }

    get levels() {
        const shown = this.highest > 1 ? [this.highest, this.highest / 2] : [this.highest];
        return shown.map((count) => ({ key: count, y: this.y(count), text: formatInteger(Math.round(count)) }));
    }

    get days() {
        if (!this.points.length) {
            return [];
        }
        const marks = Math.min(4, this.points.length);
        return Array.from({ length: marks }, (_, mark) => {
            const place = Math.floor((mark * (this.points.length - 1)) / Math.max(marks - 1, 1));
            const anchor = mark === 0 ? "start" : mark === marks - 1 ? "end" : "middle";
            return {
                key: place,
                anchor: marks === 1 ? "start" : anchor,
                x: LEFT + place * this.step,
                text: DateTime.fromSeconds(this.points[place][0]).toLocaleString({
                    day: "numeric",
                    month: "short",
                    hour: "2-digit",
                    minute: "2-digit",
                }),
            };
        });
    }

    get label() {
        const total = this.points.reduce((sum, point) => sum + point[1], 0);
        return _t("%(total)s mentions over time, %(alarms)s alerts", { total, alarms: this.alarms.length });
    }
}

registry.category("fields").add("community_crisis_chart", {
    component: CrisisChart,
    displayName: _t("Mentions over time"),
    supportedTypes: ["json"],
});
