import { Component, onWillStart, status, useEffect, useRef, useState } from "@odoo/owl";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { Conversation } from "../conversation/conversation";
import { ago } from "../fields/ago_field";
import { initials, tint } from "../fields/initials_field";
import { NetworkField } from "../fields/network_field";
import { PresenceWidget } from "../presence/presence_badge";
import { ReplyBox, SAID } from "../reply_box/reply_box";

/** Said on the bus of the environment when a mention has changed: its `id`, and whether colleagues did it (`theirs`). */
export const CHANGED = "community:changed";

/** Buttons of the desk in the order in which they stand: code → [label, key]. */
const BUTTONS = {
    lead: [_t("Lead"), "L"],
    ticket: [_t("Ticket"), "T"],
    hand_off: [_t("Hand off"), "H"],
    snooze: [_t("Snooze"), "S"],
    ignore: [_t("Ignore"), "I"],
    done: [_t("Done"), "D"],
    reopen: [_t("Reopen"), ""],
};

/** A line that opens its record, where there is one and the person may read it. */
export class DeskLine extends Component {
    static template = "community_manager.DeskLine";
    static props = { line: Object };

    setup() {
        this.action = useService("action");
    }

    get moment() {
        return this.props.line.moment && ago(deserializeDateTime(this.props.line.moment));
    }

    get exact() {
        return this.props.line.moment && formatDateTime(deserializeDateTime(this.props.line.moment));
    }

    get canOpen() {
        return Boolean(this.props.line.open || this.props.line.action);
    }

    open() {
        const { open, action } = this.props.line;
        return this.action.doAction(
            action || {
                type: "ir.actions.act_window",
                res_model: open.model,
                res_id: open.id,
                views: [[false, "form"]],
            }
        );
    }
}

/** What can be done with what is looked at: only what the server announces. */
export class DeskActs extends Component {
    static template = "community_manager.DeskActs";
    static props = { acts: Array, run: Function };

    get buttons() {
        return Object.entries(BUTTONS)
            .filter(([code]) => this.props.acts.includes(code))
            .map(([code, [label, key]]) => ({ code, label, key, primary: code === "done" }));
    }
}

/** The middle and the right pane: the conversation with its reply box, and the person. */
export class DeskPanes extends Component {
    static template = "community_manager.DeskPanes";
    static components = { Conversation, DeskActs, DeskLine, NetworkField, PresenceWidget, ReplyBox };
    static props = { record: Object, desk: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ side: false });
        this.deskState = useState(this.props.desk.state);
        this.shown = null;
        this.scroll = useRef("scroll");
        useEffect(
            () => this.showCurrent(),
            () => [this.props.record.resId]
        );
        onWillStart(() => this.load(this.props.record.resId));
        useRecordObserver((record) => {
            if (this.shown !== record.resId) {
                this.load(record.resId);
            }
        });
        useBus(this.env.bus, CHANGED, ({ detail: { id, theirs } }) => this.again(id, theirs));
        useBus(this.env.bus, SAID, ({ detail }) => this.again(detail, false));
    }

    /** Show a mention as it is now, and say what colleagues did with it. */
    async again(id, theirs) {
        if (id !== this.shown) {
            return;
        }
        const before = this.state.side;
        try {
            await this.props.record.load();
        } catch (error) {
            if (status(this) !== "destroyed") {
                throw error;
            }
        }
        if (this.shown !== id || status(this) === "destroyed") {
            return; // the person has gone on meanwhile
        }
        await this.load(id);
        const now = this.state.side;
        if (theirs && before && this.shown === id) {
            if (before.state !== now.state) {
                this.deskState.told = _t("Changed by a colleague: it is “%s” now.", now.state_name);
            } else if (before.owner?.id !== now.owner?.id) {
                this.deskState.told = now.owner ? _t("%s has it now.", now.owner.name) : _t("Nobody has it now.");
            }
        }
    }

    /** In a long conversation, go to what is looked at. */
    showCurrent() {
        this.scroll.el.scrollTop = 0;
        this.scroll.el.querySelector(".o_community_current")?.scrollIntoView({ block: "nearest" });
    }

    async load(resId) {
        this.shown = resId;
        const side = await this.orm.silent.call("community.mention", "get_side", [[resId]]);
        if (this.shown === resId) {
            this.state.side = side;
            this.props.desk.offer(resId, side.acts);
        }
    }

    get data() {
        return this.props.record.data;
    }

    get author() {
        return this.data.author_id?.display_name || _t("Unknown author");
    }

    get initials() {
        return initials(this.author);
    }

    get tint() {
        return tint(this.author);
    }

    get side() {
        return this.state.side;
    }

    get isMine() {
        return this.side.owner?.id === user.userId;
    }

    openRecord() {
        return this.props.desk.openForm(this.props.record.resId);
    }

    /** Everything that is known of the person; their profile is one click further. */
    async openPerson() {
        const action = await this.orm.call("community.author", "action_community_person", [[this.side.person.id]]);
        return this.action.doAction(action);
    }
}
