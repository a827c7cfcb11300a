import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { ago } from "../fields/ago_field";

const MODEL = "community.learning";
const PAUSE = 2000;

/** Above the versions: what is in use, what people have said, which embedding helps, and what can be done. */
export class LearningPanel extends Component {
    static template = "community_manager.LearningPanel";
    static props = { onLearned: Function };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ overview: null });
        this.timer = null;
        onWillStart(() => this.load());
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    get overview() {
        return this.state.overview;
    }

    ago(moment) {
        return ago(deserializeDateTime(moment));
    }

    exact(moment) {
        return formatDateTime(deserializeDateTime(moment));
    }

    /** Ask what there is to show, and again while something goes on in the background. */
    async load() {
        const before = this.state.overview;
        this.state.overview = await this.orm.silent.call(MODEL, "get_overview", []);
        if (before?.waiting && !this.overview.waiting) {
            await this.props.onLearned();
        }
        browser.clearTimeout(this.timer);
        if (this.overview.waiting || this.overview.reanalysis) {
            this.timer = browser.setTimeout(() => this.load(), PAUSE);
        }
    }

    async call(method) {
        await this.orm.call(MODEL, method, []);
        await this.load();
        await this.props.onLearned();
    }

    reanalyse() {
        return this.action.doAction("community_manager.action_reanalyse", { onClose: () => this.load() });
    }

    openReanalysis() {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                res_model: "community.reanalyse",
                res_id: this.overview.reanalysis.id,
                views: [[false, "form"]],
                target: "new",
            },
            { onClose: () => this.load() }
        );
    }

    openLabels(person) {
        return this.action.doAction("community_manager.action_labels", {
            additionalContext: person ? { search_default_user_id: person.id } : {},
        });
    }
}

class LearningListController extends ListController {
    static template = "community_manager.LearningListView";
    static components = { ...ListController.components, LearningPanel };

    reload() {
        return this.model.load();
    }
}

registry.category("views").add("community_learning_list", { ...listView, Controller: LearningListController });
