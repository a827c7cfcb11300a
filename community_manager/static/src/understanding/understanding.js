import { Component, onWillUnmount, onWillUpdateProps, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { clear, paint } from "./why";

const ICONS = { negative: "fa-frown-o", neutral: "fa-meh-o", positive: "fa-smile-o" };
/** A pointer that only passes asks for nothing. */
const PAUSE = 200;
const MODEL = "community.mention";

/** What was understood of a mention, as chips: a click corrects, and while the pointer is on one its words show. */
export class Understanding extends Component {
    static template = "community_manager.Understanding";
    static components = { Dropdown, DropdownItem };
    static props = { understood: Object, record: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.root = useRef("root");
        this.state = useState({ data: this.props.understood, words: [], asked: "", painted: "" });
        this.reasons = new Map();
        this.timer = null;
        onWillUpdateProps(({ understood }) => {
            if (understood !== this.props.understood) {
                this.show(understood);
            }
        });
        onWillUnmount(() => this.leave());
    }

    get data() {
        return this.state.data;
    }

    get addable() {
        const there = this.data.intents.map(({ code }) => code);
        return this.data.choices.filter(([code]) => !there.includes(code));
    }

    icon(code) {
        return ICONS[code] || "fa-question-circle-o";
    }

    isCorrected(kind) {
        return this.data.corrected.includes(kind);
    }

    isMine(kind) {
        return this.data.mine.includes(kind);
    }

    get isSpam() {
        return this.data.intents.some(({ code }) => code === "spam");
    }

    get languageLabel() {
        return _t("Language: %s", this.data.language.name);
    }

    removeLabel(intent) {
        return _t("Not this: %s", intent.name);
    }

    get wordsLine() {
        return this.state.words.map((word) => `“${word}”`).join(", ");
    }

    show(data) {
        this.leave();
        this.reasons.clear();
        this.state.data = data;
    }

    // -- why ----------------------------------------------------------------------------------------------------------

    /** The pointer is on a chip: show why, if it stays. */
    enter(what, kind) {
        browser.clearTimeout(this.timer);
        // a person has set this: no word has weighed
        if (!this.isCorrected(kind) && !["", "neutral"].includes(what)) {
            this.timer = browser.setTimeout(() => this.explain(what), PAUSE);
        }
    }

    leave() {
        browser.clearTimeout(this.timer);
        clear();
        Object.assign(this.state, { words: [], asked: "", painted: "" });
    }

    async explain(what) {
        this.state.asked = what;
        if (!this.reasons.has(what)) {
            this.reasons.set(what, this.orm.silent.call(MODEL, "get_why", [[this.data.id], what]));
        }
        const reason = await this.reasons.get(what);
        const said = this.root.el?.closest(".o_community_said");
        if (this.state.asked !== what || !said) {
            return;
        }
        const parts = [...(reason.title ? [".o_community_title"] : []), ".o_community_body"];
        paint(parts.map((part) => said.querySelector(part)).filter(Boolean), reason.places);
        Object.assign(this.state, { words: reason.words, painted: what });
    }

    // -- corrections --------------------------------------------------------------------------------------------------

    setSentiment(code) {
        return this.correct("action_set_sentiment", [code]);
    }

    setLanguage(code) {
        return this.correct("action_set_language", [code]);
    }

    setIntent(code, wanted) {
        return this.correct("action_set_intent", [code, wanted]);
    }

    withdraw(kind) {
        return this.correct("action_withdraw", [kind]);
    }

    /** Call a method of the mention, after what was typed elsewhere in the form has been saved, and show the result. */
    async correct(method, args = []) {
        const { record } = this.props;
        if ((await record.isDirty()) && !(await record.save())) {
            return false;
        }
        const result = await this.orm.call(MODEL, method, [[this.data.id], ...args]);
        await this.refresh();
        return result;
    }

    async refresh() {
        const { record } = this.props;
        this.show(await this.orm.call(MODEL, "get_understood", [[this.data.id]]));
        await record.load();
    }

    async notAboutUs() {
        const result = await this.correct("action_not_about_us");
        if (result === false) {
            return;
        }
        const close = this.notification.add(_t("Not about us: it is out of view."), {
            type: "success",
            buttons: [
                {
                    name: _t("Undo"),
                    onClick: async () => {
                        close();
                        await this.aboutUs();
                    },
                },
            ],
        });
        if (result !== true) {
            await this.action.doAction(result);
        }
    }

    aboutUs() {
        return this.correct("action_about_us");
    }
}
