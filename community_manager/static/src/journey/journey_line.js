import { Component, onWillStart, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSortable } from "@web/core/utils/sortable_owl";
import { formatInteger } from "@web/views/fields/formatters";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const NOTHING = { moments: [], sentence: "", may_edit: false };

/** A journey as the line of its moments of truth: who is in which zone now, what counts there, what it may cost. */
export class JourneyLine extends Component {
    static template = "community_manager.JourneyLine";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.state = useState({ ...NOTHING });
        this.root = useRef("line");
        onWillStart(() => this.load());
        useRecordObserver((record) => {
            if (this.resId !== undefined && this.resId !== record.resId) {
                this.load();
            }
        });
        useSortable({
            ref: this.root,
            elements: ".o_community_moment",
            handle: ".o_community_moment_grip",
            cursor: "grabbing",
            enable: () => this.state.may_edit,
            onDrop: ({ element, previous }) => this.drop(Number(element.dataset.id), Number(previous?.dataset.id)),
        });
    }

    async load() {
        const { resId } = this.props.record;
        this.resId = resId;
        const found = resId ? await this.orm.call("community.journey", "get_line", [[resId]]) : NOTHING;
        if (this.resId === resId) {
            // somebody may have gone to another journey meanwhile
            Object.assign(this.state, found);
        }
    }

    get mayEdit() {
        return this.props.record.resId ? this.state.may_edit : true;
    }

    count(number) {
        return formatInteger(number);
    }

    /** How much of a moment's customers are in a zone, for its bar. */
    part(moment, zone) {
        return moment.customers ? Math.round((100 * zone.count) / moment.customers) : 0;
    }

    share(moment) {
        return Math.round(100 * moment.share);
    }

    factorHelp(factor) {
        return factor.kind === "hygiene"
            ? _t("Hygiene: taken for granted, its lack angers")
            : _t("Motivating: not expected, it delights");
    }

    zoneLabel(moment, zone) {
        return _t("%(moment)s, %(zone)s: %(count)s customers", {
            moment: moment.name,
            zone: zone.label,
            count: zone.count,
        });
    }

    async openZone(moment, zone) {
        this.action.doAction(await this.orm.call("community.moment", "action_open_zone", [[moment.id], zone.code]));
    }

    openMoment(moment) {
        this.dialog.add(FormViewDialog, {
            resModel: "community.moment",
            resId: moment.id,
            title: moment.name,
            readonly: !this.state.may_edit,
            onRecordSaved: () => this.load(),
            removeRecord: this.state.may_edit ? () => this.remove(moment) : undefined,
        });
    }

    async remove(moment) {
        await this.orm.unlink("community.moment", [moment.id]);
        await this.load();
    }

    async add() {
        if (!(await this.props.record.save())) {
            return;
        }
        await this.load();
        const first = !this.state.moments.length;
        this.dialog.add(FormViewDialog, {
            resModel: "community.moment",
            title: _t("New moment of truth"),
            context: {
                default_journey_id: this.props.record.resId,
                default_opens_with: first ? "order" : "after",
            },
            onRecordSaved: () => this.load(),
        });
    }

    async move(moment, step) {
        await this.orm.call("community.moment", "action_move", [[moment.id], step]);
        await this.load();
    }

    async drop(id, previous) {
        const ids = this.state.moments.map((moment) => moment.id).filter((other) => other !== id);
        ids.splice(previous ? ids.indexOf(previous) + 1 : 0, 0, id);
        const { moments } = this.state;
        this.state.moments = ids.map((one) => moments.find((moment) => moment.id === one));
        await this.orm.call("community.moment", "action_order", [ids]);
        await this.load();
    }
}

registry.category("view_widgets").add("community_journey_line", { component: JourneyLine });
