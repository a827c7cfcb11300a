import { Component, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime, Duration } = luxon;
/** Milliseconds after which the time that is left is said again. */
const TICK = 30000;

/**
 * Say a length of time in its one unit that counts.
 *
 * @param {Number} seconds
 * @returns {String}
 */
export function span(seconds) {
    const minutes = Math.max(1, Math.floor(seconds / 60));
    const length =
        minutes < 60
            ? { minutes }
            : minutes < 48 * 60
              ? { hours: Math.floor(minutes / 60) }
              : { days: Math.floor(minutes / 60 / 24) };
    return Duration.fromObject(length).toHuman({ unitDisplay: "short" });
}

/** How long there is to answer, or how long it is too late: then in red. */
export class LeftField extends Component {
    static template = "community_manager.LeftField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ now: DateTime.now() });
        const timer = browser.setInterval(() => (this.state.now = DateTime.now()), TICK);
        onWillUnmount(() => browser.clearInterval(timer));
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get seconds() {
        return this.value.diff(this.state.now, "seconds").seconds;
    }

    get late() {
        return this.seconds < 0;
    }

    get text() {
        return this.late ? _t("late by %s", span(-this.seconds)) : _t("%s left", span(this.seconds));
    }

    get exact() {
        return _t("Answer until %s", formatDateTime(this.value));
    }
}

export const leftField = {
    component: LeftField,
    displayName: _t("Time left to answer"),
    supportedTypes: ["datetime"],
};

registry.category("fields").add("community_left", leftField);
