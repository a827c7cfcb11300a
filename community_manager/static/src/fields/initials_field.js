import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * First letters of a name: the first and the last word's.
 *
 * @param {String} name
 * @returns {String}
 */
export function initials(name) {
    const words = (name || "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    if (!words.length) {
        return "?";
    }
    const ends = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
    return ends.map((word) => [...word][0].toUpperCase()).join("");
}

/**
 * One of twelve colours, always the same for a name (the palette is in community.scss).
 *
 * @param {String} name
 * @returns {Number}
 */
export function tint(name) {
    let sum = 0;
    for (const letter of name || "") {
        sum = (sum * 31 + letter.codePointAt(0)) % 9973;
    }
    return sum % 12;
}

/** Initials in place of a picture: pictures on networks are never loaded, they would tell who reads what. */
export class InitialsField extends Component {
    static template = "community_manager.InitialsField";
    static props = { ...standardFieldProps, size: { type: Number, optional: true } };
    static defaultProps = { size: 36 };

    get name() {
        const value = this.props.record.data[this.props.name];
        return (value && value.display_name) || value || "";
    }

    get initials() {
        return initials(this.name);
    }

    get tint() {
        return tint(this.name);
    }
}

export const initialsField = {
    component: InitialsField,
    displayName: _t("Initials"),
    supportedTypes: ["char", "many2one"],
    extractProps: ({ options }) => ({ size: options.size }),
};

registry.category("fields").add("community_initials", initialsField);
