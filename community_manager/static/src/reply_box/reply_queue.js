import { Component, onWillUnmount, onWillUpdateProps, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

/** Milliseconds between two looks at messages that are on their way. */
const LOOK = 3000;
/** A message that waits longer than this many looks is not followed any more: its state is in the outbox. */
const MOST_LOOKS = 40;
const MOVING = ["queued", "sending", "uncertain"];

/** Answers that are on their way, and the seconds in which the newest can be taken back. */
export class ReplyQueue extends Component {
    static template = "community_manager.ReplyQueue";
    static props = {
        replies: Array,
        text: String,
        before: Function,
        refresh: Function,
        takenBack: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ left: {} });
        this.ends = {};
        this.looks = 0;
        this.take(this.props.replies);
        onWillUpdateProps((props) => this.take(props.replies));
        onWillUnmount(() => {
            browser.clearTimeout(this.timer);
            browser.clearInterval(this.clock);
        });
    }

    /** Begin to count for what has just been sent, and to look after what moves. */
    take(replies) {
        const ids = replies.map((entry) => entry.id);
        for (const id of Object.keys(this.ends).map(Number)) {
            if (!ids.includes(id)) {
                delete this.ends[id];
                delete this.state.left[id];
            }
        }
        for (const entry of replies) {
            if (entry.undo_seconds && !(entry.id in this.ends)) {
                this.ends[entry.id] = Date.now() + entry.undo_seconds * 1000;
                this.looks = 0;
            }
        }
        this.count();
        this.follow(replies);
    }

    count() {
        for (const [id, end] of Object.entries(this.ends)) {
            const left = Math.ceil((end - Date.now()) / 1000);
            if (end && left <= 0) {
                this.ends[id] = 0;
                delete this.state.left[id];
                this.sendNow(Number(id));
            } else if (end) {
                this.state.left[id] = left;
            }
        }
        const counting = Object.values(this.ends).some(Boolean);
        if (counting && !this.clock) {
            this.clock = browser.setInterval(() => this.count(), 250);
        } else if (!counting && this.clock) {
            browser.clearInterval(this.clock);
            this.clock = undefined;
        }
    }

    /** Its time is up: with nobody here the outbox would find it a little later. */
    async sendNow(id) {
        await this.orm.silent.call("community.reply", "action_send_now", [[id]]);
        await this.props.refresh();
    }

    countdown(entry) {
        const seconds = this.state.left[entry.id];
        return seconds ? _t("Sending in %s s", seconds) : "";
    }

    async undo(entry) {
        delete this.ends[entry.id];
        delete this.state.left[entry.id];
        await this.props.before(); // what was typed since is kept, and comes after it
        const draft = await this.orm.call("community.reply", "action_undo", [[entry.id]]);
        await this.props.takenBack(draft);
    }

    async cancel(entry) {
        await this.orm.call("community.reply", "action_cancel", [[entry.id]]);
        // taken back to be written better, most of the time
        if (this.props.text) {
            await this.props.takenBack(false);
        } else {
            await this.rewrite(entry);
        }
    }

    async rewrite(entry) {
        await this.props.before();
        const draft = await this.orm.call("community.reply", "action_write_again", [[entry.id]]);
        await this.props.takenBack(draft);
    }

    openApproval(entry) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "community.approval",
            res_id: entry.approval_id,
            views: [[false, "form"]],
        });
    }

    open(entry) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "community.reply",
            res_id: entry.id,
            views: [[false, "form"]],
        });
    }

    /** Look again while something moves; what has arrived is shown in the conversation from then on. */
    follow(replies) {
        browser.clearTimeout(this.timer);
        const moving = replies.some(
            (entry) => MOVING.includes(entry.state) && !entry.held && !this.state.left[entry.id]
        );
        if (moving && this.looks < MOST_LOOKS) {
            this.timer = browser.setTimeout(() => {
                this.looks += 1;
                this.props.refresh();
            }, LOOK);
        }
    }
}
