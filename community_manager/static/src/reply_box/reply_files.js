import { Component, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

/** Bytes above which a file is not even read; the server knows what each network takes. */
const LARGEST = 20000000;

/** Pictures and files of an answer, with what they show said in words. */
export class ReplyFiles extends Component {
    static template = "community_manager.ReplyFiles";
    static props = {
        mentionId: Number,
        files: Array,
        takes: Object,
        draft: Object,
        changed: Function,
        before: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.input = useRef("input");
        this.state = useState({ busy: false });
    }

    get full() {
        return this.props.files.length >= this.props.takes.most;
    }

    get accept() {
        return this.props.takes.kinds.includes("*/*") ? undefined : this.props.takes.kinds;
    }

    choose() {
        this.input.el.click();
    }

    async onChosen(ev) {
        const chosen = [...ev.target.files];
        ev.target.value = "";
        this.state.busy = true;
        try {
            for (const file of chosen) {
                await this.add(file);
            }
        } finally {
            this.state.busy = false;
        }
    }

    async add(file) {
        if (file.size > LARGEST) {
            this.notification.add(_t("“%s” is too large.", file.name), { type: "warning" });
            return;
        }
        const data = await new Promise((resolve, reject) => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result.split(",")[1] || "");
            reader.onerror = () => reject(reader.error);
            reader.readAsDataURL(file);
        });
        await this.props.before();
        const { text, way, channelId } = this.props.draft;
        const draft = await this.orm.call("community.mention", "add_reply_file", [
            [this.props.mentionId],
            file.name,
            data,
            text,
            way,
            channelId,
        ]);
        this.props.changed(draft);
    }

    async describe(file, alt) {
        file.alt = alt;
        await this.orm.silent.call("community.mention", "describe_reply_file", [[this.props.mentionId], file.id, alt]);
    }

    async remove(file) {
        const draft = await this.orm.call("community.mention", "remove_reply_file", [[this.props.mentionId], file.id]);
        this.props.changed(draft);
    }
}
