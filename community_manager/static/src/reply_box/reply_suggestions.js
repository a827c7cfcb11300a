import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

/** Texts that could answer a mention: searched, looked at, put into the answer. */
export class ReplySuggestions extends Component {
    static template = "community_manager.ReplySuggestions";
    static props = {
        mentionId: Number,
        way: String,
        channelId: [Number, Boolean],
        insert: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.search = useRef("search");
        this.state = useState({ query: "", found: [], chosen: 0, loaded: false });
        this.find = useDebounced(() => this.load(), 200);
        onWillStart(() => this.load());
        useEffect(
            (field) => field?.focus(),
            () => [this.search.el]
        );
    }

    async load() {
        const { query } = this.state;
        const { mentionId, way, channelId } = this.props;
        const found = await this.orm.silent.call("community.mention", "get_suggestions", [
            [mentionId],
            query,
            way,
            channelId,
        ]);
        if (query === this.state.query) {
            Object.assign(this.state, { found, chosen: 0, loaded: true });
        }
    }

    kind(entry) {
        return (
            { statement: _t("Approved statement"), template: _t("Template"), answer: _t("Answer bank") }[entry.kind] ||
            ""
        );
    }

    /** Put a text into the answer, and count that it was of use. */
    take(entry) {
        this.orm.silent.call("community.mention", "note_suggestion", [entry.kind, entry.id]);
        this.props.insert(entry.text);
    }

    onInput(ev) {
        this.state.query = ev.target.value;
        this.find();
    }

    onKeydown(ev) {
        const last = this.state.found.length - 1;
        if (ev.key === "ArrowDown" || ev.key === "ArrowUp") {
            ev.preventDefault();
            const step = ev.key === "ArrowDown" ? 1 : -1;
            this.state.chosen = Math.min(Math.max(this.state.chosen + step, 0), Math.max(last, 0));
        } else if (ev.key === "Enter" && last >= 0) {
            ev.preventDefault();
            this.take(this.state.found[this.state.chosen]);
        } else if (ev.key === "Escape") {
            ev.preventDefault();
            ev.stopPropagation();
            this.props.close();
        }
    }
}
