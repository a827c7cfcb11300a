import { Component, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Said on the bus of the environment when an answer has arrived, with the id of the mention. */
export const SAID = "community:said";
/** Milliseconds between two looks at messages that are on their way. */
const LOOK = 3000;
/** A message that waits longer than this many looks is not followed any more: its state is in the outbox. */
const MOST_LOOKS = 40;
const MOVING = ["queued", "sending", "uncertain"];

/** Where a mention is answered, and how far the answers are. */
export class ReplyBox extends Component {
    static template = "community_manager.ReplyBox";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.text = useRef("text");
        this.state = useState({
            ways: [],
            channels: [],
            replies: [],
            reason: "",
            held: "",
            way: "",
            channelId: false,
            text: "",
            length: 0,
            objection: "",
            busy: false,
            loaded: false,
        });
        this.looks = 0;
        this.check = useDebounced(() => this.measure(), 300);
        onWillStart(() => this.load(this.props.record.resId));
        useRecordObserver((record) => {
            if (this.resId !== undefined && this.resId !== record.resId) {
                Object.assign(this.state, { text: "", length: 0, objection: "" });
                this.load(record.resId);
            }
        });
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    async load(resId) {
        this.resId = resId;
        this.looks = 0;
        if (!resId) {
            return;
        }
        const options = await this.orm.call("community.mention", "get_reply_options", [[resId]]);
        const ways = options.ways.map((entry) => entry.way);
        Object.assign(this.state, {
            ways: options.ways,
            channels: options.channels,
            replies: options.replies,
            reason: options.reason,
            held: options.held,
            channelId: options.channel_id,
            way: ways.includes(this.state.way) ? this.state.way : ways[0] || "",
            loaded: true,
        });
        this.follow();
    }

    get limit() {
        return this.state.ways.find((entry) => entry.way === this.state.way)?.limit || 0;
    }

    get canSend() {
        return !this.state.busy && Boolean(this.state.text.trim()) && !this.state.objection;
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.state.length = [...this.state.text].length;
        this.check();
    }

    onWay(ev) {
        this.state.way = ev.target.value;
        this.measure();
    }

    onChannel(ev) {
        this.state.channelId = parseInt(ev.target.value, 10);
        this.measure();
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey) && this.canSend) {
            ev.preventDefault();
            this.send();
        }
    }

    /** Ask the server how long the text is as the network counts, and whether it would be taken. */
    async measure() {
        const { text, way, channelId } = this.state;
        if (!way) {
            return;
        }
        const found = await this.orm.silent.call("community.mention", "check_reply", [
            [this.resId],
            text,
            way,
            channelId,
        ]);
        if (text === this.state.text && way === this.state.way) {
            Object.assign(this.state, { length: found.length, objection: found.objection });
        }
    }

    async send() {
        const { text, way, channelId } = this.state;
        this.state.busy = true;
        try {
            const entry = await this.orm.call("community.mention", "send_reply", [[this.resId], text, way, channelId]);
            this.state.replies.push(entry);
            Object.assign(this.state, { text: "", length: 0, objection: "" });
            this.looks = 0;
            this.follow();
        } finally {
            this.state.busy = false;
            this.text.el?.focus();
        }
    }

    async cancel(entry) {
        await this.orm.call("community.reply", "action_cancel", [[entry.id]]);
        if (!this.state.text) {
            // taken back to be written better, most of the time
            Object.assign(this.state, { text: entry.text });
            this.measure();
        }
        await this.load(this.resId);
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
    follow() {
        browser.clearTimeout(this.timer);
        const moving = this.state.replies.some((entry) => MOVING.includes(entry.state) && !entry.held);
        if (moving && this.looks < MOST_LOOKS) {
            this.timer = browser.setTimeout(() => this.look(), LOOK);
        }
    }

    async look() {
        this.looks += 1;
        const before = this.state.replies.length;
        const options = await this.orm.silent.call("community.mention", "get_reply_options", [[this.resId]]);
        this.state.replies = options.replies;
        if (options.replies.length < before) {
            this.env.bus.trigger(SAID, this.resId);
            await this.props.record.load();
        }
        this.follow();
    }
}

export const replyBox = { component: ReplyBox };

registry.category("view_widgets").add("community_reply_box", replyBox);
