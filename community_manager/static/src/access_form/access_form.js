import { Component, onMounted, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { CopyButton } from "@web/core/copy_button/copy_button";
import { deserializeDateTime, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Under which the browser remembers the channel whose wizard was left to authorise on the network's pages. */
const LEFT = "community_manager.authorising";

/**
 * What a network must be told, one input for each setting.
 *
 * Only what was changed is sent.  A stored secret never comes to the client: its input is empty and says so.
 */
export class AccessForm extends Component {
    static template = "community_manager.AccessForm";
    static components = { CopyButton };
    static props = { ...standardFieldProps, showRedirect: { type: Boolean, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ fields: [], values: {}, authorization: false, busy: false });
        this.pending = false;
        useRecordObserver((record) => {
            const value = record.data[this.props.name] || {};
            if (value.fields && value !== this.own) {
                this.state.fields = value.fields;
                this.state.authorization = value.authorization || false;
                this.state.values = { ...(value.values || {}) };
                this.pending = false;
            }
        });
        // saving by keyboard or by leaving the page does not wait for an input to lose the focus
        const { bus } = this.props.record.model;
        useBus(bus, "WILL_SAVE_URGENTLY", () => this.commit());
        useBus(bus, "NEED_LOCAL_CHANGES", ({ detail }) => detail.proms.push(this.commit()));
        onMounted(() => this.goOn());
    }

    inputId(field) {
        return `community_access_${this.props.record.id}_${field.name}`;
    }

    /** What shows in the input of `field`: what was typed, else what is stored. */
    valueOf(field) {
        return field.name in this.state.values ? this.state.values[field.name] : field.value;
    }

    placeholder(field) {
        if (this.isRemoved(field)) {
            return _t("Removed when saved.");
        }
        if (field.secret && field.is_set) {
            return _t("Stored. Type to replace it.");
        }
        return field.placeholder || "";
    }

    get fields() {
        return this.state.fields.filter((field) => !field.generated && !field.granted);
    }

    /** What authorising needs comes before its button. */
    isNeeded(field) {
        const needed = field.required || field.kind === "url" || /^(client|app)_/.test(field.name);
        return field.kind !== "choice" && needed && field.name !== "access_token";
    }

    get needed() {
        return this.state.authorization ? this.fields.filter((field) => this.isNeeded(field)) : this.fields;
    }

    /** What is chosen among things of the account comes after it was authorised. */
    get others() {
        if (!this.state.authorization) {
            return [];
        }
        const rest = this.fields.filter((field) => !this.isNeeded(field));
        return [...rest.filter((field) => field.kind === "choice"), ...rest.filter((field) => field.kind !== "choice")];
    }

    get hasChoices() {
        return this.fields.some((field) => field.kind === "choice");
    }

    optionsOf(field) {
        const value = this.valueOf(field);
        const known = field.options.some((option) => option[0] === value);
        return known || !value ? field.options : [[value, value], ...field.options];
    }

    get grantedText() {
        const { account, ends } = this.state.authorization;
        const parts = [account ? _t("Granted for %s.", account) : _t("Granted.")];
        if (ends) {
            parts.push(_t("It ends on %s.", formatDate(deserializeDateTime(ends))));
        }
        return parts.join(" ");
    }

    get copied() {
        return _t("Copied");
    }

    /** Open the wizard again that was left to authorise. */
    async goOn() {
        const { resModel, resId } = this.props.record;
        const left = browser.sessionStorage.getItem(LEFT);
        if (resModel === "community.channel" && left) {
            browser.sessionStorage.removeItem(LEFT);
            if (left === String(resId)) {
                await this.action.doAction(await this.orm.call(resModel, "action_connect", [[resId]]));
            }
        }
    }

    /** Go to the network's pages. */
    async authorise() {
        const { data, resModel } = this.props.record;
        if (resModel === "community.channel.wizard") {
            browser.sessionStorage.setItem(LEFT, String(data.channel_id.id));
        }
        await this.press("action_authorise");
    }

    /** Save what was typed and call a button of the record. */
    async press(method) {
        const { record } = this.props;
        this.state.busy = true;
        try {
            await this.commit();
            if (!(await record.save())) {
                return;
            }
            const action = await this.orm.call(record.resModel, method, [[record.resId]]);
            if (action && action.type) {
                await this.action.doAction(action);
            } else {
                await record.load();
            }
        } finally {
            this.state.busy = false;
        }
    }

    isRemoved(field) {
        return field.secret && this.state.values[field.name] === "";
    }

    canRemove(field) {
        return field.secret && field.is_set && !field.required && !this.props.readonly && !this.isRemoved(field);
    }

    onInput(field, value) {
        if (field.secret && !value) {
            delete this.state.values[field.name];
        } else {
            this.state.values[field.name] = value;
        }
        this.pending = true;
        this.props.record.model.bus.trigger("FIELD_IS_DIRTY", true);
    }

    onRemove(field) {
        this.state.values[field.name] = "";
        this.pending = true;
        return this.commit();
    }

    /** Hand what was typed to the record. */
    async commit() {
        if (this.pending) {
            this.pending = false;
            const { fields, authorization, values } = this.state;
            this.own = { fields, authorization, values: { ...values } };
            await this.props.record.update({ [this.props.name]: this.own });
            this.props.record.model.bus.trigger("FIELD_IS_DIRTY", false);
        }
    }
}

export const accessForm = {
    component: AccessForm,
    displayName: _t("Access"),
    supportedTypes: ["json"],
    supportedOptions: [{ label: _t("Show the redirect address"), name: "show_redirect", type: "boolean" }],
    extractProps: ({ options }) => ({ showRedirect: Boolean(options.show_redirect) }),
};

registry.category("fields").add("community_access_form", accessForm);

/** How to get access, as numbered steps. */
export class Guide extends Component {
    static template = "community_manager.Guide";
    static props = { ...standardFieldProps };

    get steps() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("community_guide", {
    component: Guide,
    displayName: _t("Steps"),
    supportedTypes: ["json"],
});
