import { Component, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ago } from "../fields/ago_field";

const FIELDS = ["listen_state", "listen_read", "listen_stored", "listen_result"];
const PAUSE = 1000;

/** How "Listen now" goes on: asked every second while it waits or runs, then its result. */
export class ListenProgress extends Component {
    static template = "community_manager.ListenProgress";
    static props = { ...standardFieldProps, idleField: { type: String, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ listen_state: "idle", result: "" });
        this.timer = null;
        useRecordObserver((record) => {
            this.state.listen_state = record.data[this.props.name];
            if (this.busy) {
                this.state.result = "";
                this.plan();
            }
        });
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    get busy() {
        return ["waiting", "running"].includes(this.state.listen_state);
    }

    get text() {
        if (this.state.listen_state === "waiting") {
            return _t("Waiting for the listener…");
        }
        if (this.state.listen_state === "running") {
            return _t("Listening: %(read)s read, %(stored)s stored…", {
                read: this.state.listen_read || 0,
                stored: this.state.listen_stored || 0,
            });
        }
        return this.state.result || this.idleText;
    }

    /** When the next attempt is, where the view asks for that. */
    get idleText() {
        const { data } = this.props.record;
        const next = this.props.idleField && data[this.props.idleField];
        return next && !["draft", "paused"].includes(data.state) ? ago(next) : "";
    }

    plan() {
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.ask(), PAUSE);
    }

    async ask() {
        const { resId } = this.props.record;
        const [values] = await this.orm.silent.read("community.channel", [resId], FIELDS);
        if (!values || resId !== this.props.record.resId) {
            return;
        }
        Object.assign(this.state, values);
        if (this.busy) {
            this.plan();
            return;
        }
        this.state.result = values.listen_result || _t("Done.");
        if (!(await this.props.record.isDirty())) {
            await this.props.record.load();
        }
    }
}

export const listenProgress = {
    component: ListenProgress,
    displayName: _t("Progress of listening"),
    supportedTypes: ["selection"],
    supportedOptions: [
        {
            label: _t("Time to show while nothing happens"),
            name: "idle",
            type: "field",
            availableTypes: ["datetime"],
        },
    ],
    extractProps: ({ options }) => ({ idleField: options.idle }),
};

registry.category("fields").add("community_listen_progress", listenProgress);
