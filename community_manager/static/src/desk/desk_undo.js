import { _t } from "@web/core/l10n/translation";

/** Milliseconds for which a step can be taken back. */
const UNDO = 10000;

/** Says what was done, and takes the last step back when asked within ten seconds. */
export class DeskUndo {
    /**
     * @param {Object} params
     * @param {Object} params.notification service
     * @param {Object} params.action service
     * @param {Function} params.takeBack called with the step: `{ id, before, after, made }`
     */
    constructor({ notification, action, takeBack }) {
        Object.assign(this, { notification, action, takeBack, step: null });
    }

    /** Say what was done with a mention, and let it be taken back. */
    offer(sentence, { id, before, after, made = "" }, buttons = []) {
        this.forget();
        const step = { id, before, after, made };
        step.close = this.notification.add(sentence, {
            type: "success",
            autocloseDelay: UNDO,
            className: "o_community_undo",
            buttons: [...buttons, { name: _t("Undo"), primary: true, onClick: () => this.undo() }],
            onClose: () => {
                if (this.step === step) {
                    this.step = null;
                }
            },
        });
        this.step = step;
    }

    /** Say which lead or ticket was made, added to, or there already. */
    tellMade(code, { id, before, after, made: { how, line } }) {
        const sentence = {
            made: _t("Made: %s", line.text),
            added: _t("Added to: %s", line.text),
            there: _t("There already: %s", line.text),
        }[how];
        const open = () =>
            this.action.doAction({
                type: "ir.actions.act_window",
                res_model: line.open.model,
                res_id: line.open.id,
                views: [[false, "form"]],
            });
        const buttons = line.open ? [{ name: _t("Open it"), onClick: open }] : [];
        if (how === "made") {
            this.offer(sentence, { id, before, after, made: code }, buttons);
        } else {
            this.notification.add(sentence, { type: "info", buttons });
        }
    }

    forget() {
        this.step?.close();
        this.step = null;
    }

    async undo() {
        const { step } = this;
        if (step) {
            this.forget();
            await this.takeBack(step);
        }
    }
}
