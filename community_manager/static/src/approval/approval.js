import { registry } from "@web/core/registry";
import { Conversation } from "../conversation/conversation";

/** The conversation that a text to be approved belongs to. */
export class ApprovalConversation extends Conversation {
    load() {
        return super.load(this.props.record.data.mention_id?.id);
    }
}

registry.category("view_widgets").add("community_approval_conversation", {
    component: ApprovalConversation,
    fieldDependencies: [{ name: "mention_id", type: "many2one" }],
});
