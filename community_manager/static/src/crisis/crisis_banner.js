import { patch } from "@web/core/utils/patch";
import { CommunityBanner } from "../banner/banner";

/** The banner also names open crises, each one click away. */
patch(CommunityBanner.prototype, {
    setup() {
        super.setup();
        this.state.crises = this.state.crises || [];
    },

    openCrisis(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "community.crisis",
            res_id: id,
            views: [[false, "form"]],
        });
    },
});
