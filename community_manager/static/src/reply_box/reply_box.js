import { Component, onWillStart, onWillUnmount, useExternalListener, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useAutoresize } from "@web/core/utils/autoresize";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { ReplyFiles } from "./reply_files";
import { ReplyQueue } from "./reply_queue";
import { ReplySuggestions } from "./reply_suggestions";

/** Said on the bus of the environment when the conversation of a mention may have grown, with the id of the mention. */
export const SAID = "community:said";
/** Milliseconds after the last key before the text is measured, and before it is kept. */
const MEASURE = 300;
const KEEP = 800;

const NOTHING = {
    text: "",
    length: 0,
    objection: "",
    proposal: false,
    parts: 0,
    warnings: [],
    approval: [],
    question: false,
    split: false,
    files: [],
};

/** Where a mention is answered: what is typed is kept, what is sent can be taken back for a moment. */
export class ReplyBox extends Component {
    static template = "community_manager.ReplyBox";
    static components = { ReplyFiles, ReplyQueue, ReplySuggestions };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.presence = useService("community_presence");
        this.around = useState(this.presence.state);
        this.text = useRef("text");
        useAutoresize(this.text, { minimumHeight: 76 });
        this.state = useState({
            ...NOTHING,
            ways: [],
            channels: [],
            replies: [],
            reason: "",
            held: "",
            way: "",
            channelId: false,
            privateData: false,
            numbered: true,
            suggesting: false,
            busy: false,
            loaded: false,
        });
        this.kept = Promise.resolve();
        this.check = useDebounced(() => this.measure(), MEASURE);
        this.keepSoon = useDebounced(() => this.keep(), KEEP);
        onWillStart(() => this.load(this.props.record.resId));
        useRecordObserver((record) => {
            if (this.resId !== undefined && this.resId !== record.resId) {
                this.keepNow();
                Object.assign(this.state, NOTHING, { suggesting: false });
                this.load(record.resId);
            }
        });
        useExternalListener(
            document,
            "visibilitychange",
            () => document.visibilityState === "hidden" && this.keepNow()
        );
        onWillUnmount(() => this.keepNow());
    }

    async load(resId) {
        this.resId = resId;
        if (!resId) {
            return;
        }
        const options = await this.orm.call("community.mention", "get_reply_options", [[resId]]);
        if (resId !== this.resId) {
            return; // another mention was opened meanwhile
        }
        const { draft } = options;
        const ways = options.ways.map((entry) => entry.way);
        const open = options.ways.find((entry) => !entry.closed)?.way;
        Object.assign(this.state, {
            ways: options.ways,
            channels: options.channels,
            replies: options.replies,
            reason: options.reason,
            held: options.held,
            privateData: options.private_data,
            channelId: options.channel_id,
            way: open || ways[0] || "",
            loaded: true,
        });
        Object.assign(this, { seen: options.seen, opened: options.opened, saved: "" });
        if (draft) {
            this.show(draft);
        }
    }

    /** Show a draft as the server has it. */
    show(draft) {
        const ways = this.state.ways.map((entry) => entry.way);
        const known = this.state.channels.some((channel) => channel.id === draft.channel_id);
        Object.assign(this.state, {
            text: draft.text,
            files: draft.files,
            way: ways.includes(draft.way) ? draft.way : this.state.way,
            channelId: known ? draft.channel_id : this.state.channelId,
        });
        this.saved = this.mark;
        this.measure();
    }

    /** What tells whether there is something to keep. */
    get mark() {
        const { text, way, channelId } = this.state;
        return text.trim() ? JSON.stringify([text, way, channelId]) : "";
    }

    get entry() {
        return this.state.ways.find((entry) => entry.way === this.state.way);
    }

    get limit() {
        return this.entry?.limit || 0;
    }

    get account() {
        return this.state.channels.find((channel) => channel.id === this.state.channelId) || this.state.channels[0];
    }

    get objection() {
        const { objection, split, parts } = this.state;
        return split && parts ? "" : objection || this.entry?.closed || "";
    }

    get proposal() {
        if (this.state.proposal) {
            return this.state.proposal;
        }
        const open = this.entry?.closed && this.state.ways.find((entry) => !entry.closed);
        return open || false;
    }

    /** Names of colleagues who write in this conversation now. */
    get writers() {
        const here = this.around.resId === this.resId ? this.around.others : [];
        return here.filter((other) => other.doing === "write").map((other) => other.name);
    }

    get canSend() {
        return !this.state.busy && Boolean(this.state.text.trim()) && !this.objection;
    }

    get sendLabel() {
        if (this.state.approval.length) {
            return _t("Send for approval");
        }
        return this.state.split && this.state.parts ? _t("Send thread") : _t("Send");
    }

    onInput(ev) {
        this.presence.writing(this.resId);
        this.type(ev.target.value);
        if (this.state.text === "/") {
            this.state.suggesting = true;
        }
    }

    type(text) {
        this.state.text = text;
        this.state.length = [...text].length;
        this.changed();
    }

    changed() {
        this.check();
        this.keepSoon();
    }

    onWay(way) {
        this.state.way = way;
        this.changed();
    }

    onChannel(ev) {
        this.state.channelId = parseInt(ev.target.value, 10);
        this.changed();
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey) && this.canSend) {
            ev.preventDefault();
            this.send();
        }
    }

    /** Put a suggestion where the cursor stands. */
    insert(text) {
        const field = this.text.el;
        const typed = this.state.text === "/" ? "" : this.state.text;
        const start = Math.min(field?.selectionStart ?? typed.length, typed.length);
        const end = Math.min(field?.selectionEnd ?? typed.length, typed.length);
        this.state.suggesting = false;
        this.type(typed.slice(0, start) + text + typed.slice(end));
        field?.focus();
    }

    closeSuggestions() {
        this.state.suggesting = false;
        this.text.el?.focus();
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
            const { length, objection, proposal, parts, warnings, approval } = found;
            Object.assign(this.state, { length, objection, proposal, parts, warnings, approval });
        }
    }

    // -- what is typed is kept -------------------------------------------------------------------------------------

    keepNow() {
        this.keepSoon.cancel();
        return this.keep();
    }

    keep() {
        const { text, way, channelId } = this.state;
        const { resId, mark } = this;
        if (!resId || !this.state.ways.length || mark === this.saved) {
            return this.kept;
        }
        this.saved = mark;
        const save = () =>
            this.orm.silent.call("community.mention", "save_draft", [[resId], text, way, channelId]).catch((error) => {
                this.saved = undefined; // tried again with the next key
                throw error;
            });
        this.kept = this.kept.then(save, save);
        return this.kept;
    }

    onFiles(draft) {
        this.state.files = draft ? draft.files : [];
        this.measure();
    }

    // -- sending ---------------------------------------------------------------------------------------------------

    async send(force = false) {
        const { text, way, channelId, split, parts, numbered } = this.state;
        this.state.busy = true;
        this.keepSoon.cancel();
        try {
            await this.kept.catch(() => {}); // whatever became of the draft, the text is here
            const options = {
                seen: this.seen,
                opened: this.opened,
                force,
                split: Boolean(split && parts),
                numbered,
                attachment_ids: this.state.files.map((file) => file.id),
            };
            const result = await this.orm.call("community.mention", "send_reply", [
                [this.resId],
                text,
                way,
                channelId,
                options,
            ]);
            if (result.question) {
                this.state.question = result.question;
                return;
            }
            this.saved = "";
            Object.assign(this.state, NOTHING);
            this.state.replies = [...this.state.replies, result];
        } finally {
            this.state.busy = false;
            this.text.el?.focus();
        }
    }

    /** What was asked about is known now: send all the same. */
    sendAnyway() {
        this.noteSeen();
        return this.send(true);
    }

    async lookFirst() {
        this.noteSeen();
        this.env.bus.trigger(SAID, this.resId);
        await this.refresh();
    }

    noteSeen() {
        const { seen, opened } = this.state.question;
        Object.assign(this, { seen, opened });
        this.state.question = false;
    }

    /** Look how far the answers are, and leave what is typed alone. */
    async refresh() {
        const before = this.state.replies.length;
        const resId = this.resId;
        const options = await this.orm.silent.call("community.mention", "get_reply_options", [[resId]]);
        if (resId !== this.resId) {
            return;
        }
        this.state.replies = options.replies;
        if (options.replies.length < before) {
            this.env.bus.trigger(SAID, resId);
            await this.props.record.load();
        }
    }

    /** An answer was taken back: its text is here again, before what was typed since. */
    async onTakenBack(draft) {
        if (draft) {
            this.keepSoon.cancel();
            this.show(draft);
        }
        await this.refresh();
        this.text.el?.focus();
    }

    async hide() {
        const action = await this.orm.call("community.mention", "action_hide_private_data", [[this.resId]]);
        await this.action.doAction(action, { onClose: () => this.props.record.load() });
    }
}

export const replyBox = { component: ReplyBox };

registry.category("view_widgets").add("community_reply_box", replyBox);
