import { Component, onWillStart, useRef, useState } from "@odoo/owl";
import { deserializeDate, deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DeskLine } from "../desk/desk_panes";
import { initials, tint } from "../fields/initials_field";

const { DateTime } = luxon;

/** Pixels above the end at which more is read. */
const NEAR = 600;

/** Everything that is known of a person: on top who they are, below one line of time. */
export class PersonPage extends Component {
    static template = "community_manager.PersonPage";
    static components = { DeskLine, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.root = useRef("root");
        const { params = {}, context = {} } = this.props.action;
        const source = { ...context, ...params };
        const partner = source.partner_id || (source.active_model === "res.partner" && source.active_id);
        const author = source.author_id || (source.active_model === "community.author" && source.active_id);
        this.model = partner ? "res.partner" : "community.author";
        this.resId = partner || author;
        this.asked = 0;
        this.display = { controlPanel: {} };
        this.state = useState({ person: null, days: [], kinds: [], cursor: false, loading: false, ended: false });
        onWillStart(() => this.load());
    }

    get person() {
        return this.state.person;
    }

    get initials() {
        return initials(this.person.name);
    }

    get tint() {
        return tint(this.person.name);
    }

    get actionContext() {
        return { active_model: this.model, active_id: this.resId, active_ids: [this.resId] };
    }

    async load() {
        if (!this.resId) {
            return;
        }
        this.state.person = await this.orm.call(this.model, "get_community_person", [[this.resId]]);
        this.env.config.setDisplayName?.(this.person.name);
        const there = this.person.kinds.map((kind) => kind.code);
        this.state.kinds = this.state.kinds.filter((code) => there.includes(code));
        await this.restart();
    }

    /** Begin the line again, with the filters that are chosen now. */
    restart() {
        Object.assign(this.state, { days: [], cursor: false, ended: false });
        this.asked += 1;
        this.state.loading = false;
        return this.more();
    }

    /** Read the next page; what was asked before the filters changed is not shown any more. */
    async more() {
        if (this.state.loading || this.state.ended) {
            return;
        }
        const asked = this.asked;
        this.state.loading = true;
        let page;
        try {
            page = await this.orm.silent.call(this.model, "get_community_timeline", [[this.resId]], {
                kinds: [...this.state.kinds],
                cursor: this.state.cursor,
            });
        } finally {
            if (asked === this.asked) {
                this.state.loading = false;
            }
        }
        if (asked !== this.asked) {
            return;
        }
        page.entries.forEach((entry) => this.add(entry));
        this.state.cursor = page.cursor;
        this.state.ended = !page.cursor;
    }

    add(entry) {
        const moment = deserializeDateTime(entry.moment);
        const day = moment.toISODate();
        const shown = {
            ...entry,
            time: moment.toLocaleString(DateTime.TIME_SIMPLE),
            exact: formatDateTime(moment),
        };
        const last = this.state.days.at(-1);
        if (last?.day === day) {
            last.entries.push(shown);
        } else {
            this.state.days.push({ day, label: this.dayLabel(moment), entries: [shown] });
        }
    }

    dayLabel(moment) {
        const days = Math.round(DateTime.local().startOf("day").diff(moment.startOf("day"), "days").days);
        if (days === 0) {
            return _t("Today");
        }
        if (days === 1) {
            return _t("Yesterday");
        }
        const format = { day: "numeric", month: "long", weekday: "long" };
        return moment.toLocaleString(moment.hasSame(DateTime.local(), "year") ? format : DateTime.DATE_FULL);
    }

    onScroll(ev) {
        const { scrollTop, scrollHeight, clientHeight } = ev.currentTarget;
        if (scrollHeight - scrollTop - clientHeight < NEAR) {
            this.more();
        }
    }

    toggleKind(code) {
        const chosen = this.state.kinds;
        this.state.kinds = chosen.includes(code) ? chosen.filter((kind) => kind !== code) : [...chosen, code];
        return this.restart();
    }

    showAll() {
        this.state.kinds = [];
        return this.restart();
    }

    open({ model, id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openContact() {
        return this.open({ model: this.model, id: this.resId });
    }

    openDates() {
        return this.call("action_community_dates");
    }

    /** Do what the server answers, and read the person again afterwards. */
    async call(method) {
        const action = await this.orm.call(this.model, method, [[this.resId]]);
        return this.action.doAction(action, { onClose: () => this.load(), additionalContext: this.actionContext });
    }

    dateText({ next_on, turns, label }) {
        const day = next_on ? deserializeDate(next_on).toLocaleString({ day: "numeric", month: "long" }) : _t("over");
        return turns ? _t("%(what)s: %(day)s (%(years)s)", { what: label, day, years: turns }) : `${label}: ${day}`;
    }

    dateTitle({ next_on }) {
        return next_on ? deserializeDate(next_on).toLocaleString(DateTime.DATE_HUGE) : "";
    }
}

registry.category("actions").add("community_person", PersonPage);
