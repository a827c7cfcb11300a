import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

/** What a key does on the desk: key → [code, what it is called]. */
export const KEYS = {
    j: ["next", _t("Next in the queue")],
    k: ["previous", _t("Previous in the queue")],
    r: ["reply", _t("Write a reply")],
    a: ["assign", _t("Assign to me")],
    l: ["lead", _t("Make a lead")],
    t: ["ticket", _t("Make a ticket")],
    h: ["hand_off", _t("Hand off")],
    s: ["snooze", _t("Snooze")],
    d: ["done", _t("Done")],
    i: ["ignore", _t("Ignore")],
    u: ["undo", _t("Undo the last step")],
    o: ["open", _t("Open the whole record")],
    "?": ["keys", _t("Show this list")],
};

/** The list of keys. */
export class KeysDialog extends Component {
    static template = "community_manager.KeysDialog";
    static components = { Dialog };
    static props = { close: Function };

    setup() {
        this.title = _t("Keys of the desk");
        this.keys = Object.entries(KEYS).map(([key, [, label]]) => ({ key, label }));
    }
}

/**
 * Tell which step of the desk a key press asks for: none while something is typed, or with a modifier held.
 *
 * @param {KeyboardEvent} ev
 * @returns {String|undefined}
 */
export function stepOf(ev) {
    const { target } = ev;
    if (ev.defaultPrevented || ev.isComposing || ev.repeat || ev.ctrlKey || ev.altKey || ev.metaKey) {
        return undefined;
    }
    if (
        target instanceof HTMLElement &&
        (target.isContentEditable ||
            target.matches("input, textarea, select") ||
            target.closest(".o-dropdown--menu, .o_dialog, .modal"))
    ) {
        return undefined;
    }
    return KEYS[ev.key.length === 1 ? ev.key.toLowerCase() : ev.key]?.[0];
}
