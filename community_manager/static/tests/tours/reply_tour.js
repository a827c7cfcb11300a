import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("community_agent_answers", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        {
            content: "Open a mention",
            trigger: ".o_kanban_record:contains(Where is my acme chair)",
            run: "click",
        },
        {
            content: "Too long an answer",
            trigger: ".o_community_reply textarea",
            run: `edit ${"so sorry ".repeat(30)}`,
        },
        { content: "The network's limit is told before sending", trigger: ".o_community_reply [role=alert]" },
        {
            content: "It cannot be sent",
            trigger: ".o_community_reply .o_community_send:disabled",
        },
        {
            content: "Write an answer",
            trigger: ".o_community_reply textarea",
            run: "edit We look into it today.",
        },
        {
            content: "Send it",
            trigger: ".o_community_reply .o_community_send:not(:disabled)",
            run: "click",
        },
        {
            content: "It is on its way, and can be taken back",
            trigger: ".o_community_reply_entry:contains(We look into it today) .o_community_undo",
            run: "click",
        },
        {
            content: "What was taken back can be written better",
            trigger: ".o_community_reply:not(:has(.o_community_reply_entry)) textarea:value(We look into it today.)",
        },
        {
            content: "Write it better",
            trigger: ".o_community_reply textarea",
            run: "edit Your chair leaves today.",
        },
        {
            content: "Send it",
            trigger: ".o_community_reply .o_community_send:not(:disabled)",
            run: "click",
        },
        {
            content: "It is on its way",
            trigger: ".o_community_reply_entry:contains(Your chair leaves today)",
        },
        {
            content: "What follows mentions",
            trigger: "[data-menu-xmlid='community_manager.menu_followup']",
            run: "click",
        },
        {
            content: "The outbox shows it",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_outbox']",
            run: "click",
        },
        { content: "There it is", trigger: ".o_data_row:contains(Your chair leaves today)" },
    ],
});
