import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** Seconds as a clock shows them. */
export function clock(seconds) {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The clock of focus sessions in the bar at the top. */
export class FocusClock extends Component {
    static template = "community_manager.FocusClock";
    static components = { Dropdown };
    static props = {};

    setup() {
        this.focus = useService("community_focus");
        this.action = useService("action");
        this.state = useState(this.focus.state);
        this.choice = useState({ planned: 0, rest: 0 });
        this.dropdown = useDropdownState();
    }

    get left() {
        return clock(this.state.left);
    }

    get label() {
        return {
            off: _t("Focus session"),
            work: _t("Focus session: %s left", this.left),
            paused: _t("Focus session, paused"),
            rest: _t("Break: %s left", this.left),
        }[this.state.phase];
    }

    onOpen() {
        const [planned, rest] = this.state.lengths;
        Object.assign(this.choice, { planned, rest });
    }

    onLength(name, ev) {
        this.choice[name] = parseInt(ev.target.value, 10) || 0;
    }

    async start() {
        const planned = Math.min(180, Math.max(1, this.choice.planned));
        const rest = Math.min(60, Math.max(0, this.choice.rest));
        this.dropdown.close();
        await this.focus.begin(planned, rest);
        await this.open();
    }

    pause() {
        return this.focus.pause();
    }

    resume() {
        this.dropdown.close();
        return this.focus.resume();
    }

    stop() {
        this.dropdown.close();
        return this.focus.stop();
    }

    /** Show the queue, narrowed to what fits. */
    open() {
        this.dropdown.close();
        return this.action.doAction("community_manager.action_inbox", {
            additionalContext: { search_default_focus: 1 },
            clearBreadcrumbs: true,
        });
    }

    figures() {
        this.dropdown.close();
        return this.action.doAction("community_manager.action_focus");
    }
}

registry.category("systray").add("community_manager.focus", { Component: FocusClock }, { sequence: 30 });
