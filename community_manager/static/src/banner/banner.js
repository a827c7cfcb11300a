import { Component, onWillStart, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ActionHelper } from "@web/views/action_helper";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** Says that this database is held back (a copy, a lost key), and why; nothing otherwise. */
export class CommunityBanner extends Component {
    static template = "community_manager.Banner";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.action = useService("action");
        this.state = useState({ text: "", can_settle: false });
        onWillStart(() => this.load());
    }

    async load() {
        Object.assign(this.state, await this.orm.call("community.home", "get_notice", []));
    }

    settle() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("This is the live database"),
            body: _t("From now on this database listens and answers. Make sure that no other copy does."),
            confirmLabel: _t("Confirm"),
            confirm: async () => {
                await this.orm.call("community.home", "action_settle", []);
                await this.load();
                await this.action.doAction("soft_reload");
            },
            cancel: () => {},
        });
    }
}

/** A list or kanban with the banner above it, and with help where all its columns are empty. */
function withBanner(Controller, template) {
    return class extends Controller {
        static template = template;
        static components = { ...Controller.components, ActionHelper, CommunityBanner };

        setup() {
            super.setup();
            this.communityAction = useService("action");
        }

        /** Columns that are there whatever they hold hide Odoo's own help for empty pages. */
        get showEmptyHelp() {
            const { root } = this.model;
            return (
                this.model.isReady &&
                Boolean(this.props.info.noContentHelp) &&
                root.isGrouped &&
                root.groups.length > 0 &&
                root.groups.every((group) => !group.count)
            );
        }

        connectChannel() {
            return this.communityAction.doAction("community_manager.action_connect");
        }
    };
}

const BannerKanbanController = withBanner(KanbanController, "community_manager.KanbanView");
const BannerListController = withBanner(ListController, "community_manager.ListView");

class ChannelKanbanController extends BannerKanbanController {
    createRecord() {
        return this.connectChannel();
    }
}

class ChannelListController extends BannerListController {
    createRecord() {
        return this.connectChannel();
    }
}

/** A click on a network begins a channel there; the page behind has nothing to reload when that is done. */
class NetworkKanbanController extends KanbanController {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.communityAction = useService("action");
    }

    async openRecord(record) {
        const action = await this.orm.call("community.network", "action_connect", [[record.resId]]);
        return this.communityAction.doAction(action);
    }
}

const views = registry.category("views");
views.add("community_kanban", { ...kanbanView, Controller: BannerKanbanController });
views.add("community_list", { ...listView, Controller: BannerListController });
views.add("community_channel_kanban", { ...kanbanView, Controller: ChannelKanbanController });
views.add("community_channel_list", { ...listView, Controller: ChannelListController });
views.add("community_network_kanban", { ...kanbanView, Controller: NetworkKanbanController });
