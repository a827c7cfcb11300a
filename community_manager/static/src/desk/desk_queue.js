import { onMounted, useEffect, useState } from "@odoo/owl";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";

/** The left pane of the desk: Odoo's own cards below each other, whatever they are grouped by. */
export class DeskQueue extends KanbanRenderer {
    static template = "community_manager.DeskQueue";
    static props = [...KanbanRenderer.props, "desk"];

    setup() {
        super.setup();
        this.deskState = useState(this.props.desk.state);
        // what is looked at stays in view, however it was chosen
        useEffect(
            () => this.showCurrent(),
            () => [this.deskState.id]
        );
        onMounted(() => this.showCurrent());
    }

    showCurrent() {
        this.rootRef.el?.querySelector(".o_community_entry_current")?.scrollIntoView({ block: "nearest" });
    }

    get canMoveRecords() {
        return false;
    }

    get canResequenceRecords() {
        return false;
    }

    /** The arrows choose what is looked at. */
    focusNextCard(area, direction) {
        if (direction === "up" || direction === "down") {
            this.props.desk.step(direction === "up" ? -1 : 1);
        }
        return true;
    }

    isNew(record) {
        return this.deskState.fresh.includes(record.resId);
    }
}
