import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("community_feedback_is_decided", {
    url: "/odoo/community-mentions",
    steps: () => [
        {
            content: "Open what somebody suggests",
            trigger: ".o_data_row:contains(softer armrests) .o_data_cell[name=opening]",
            run: "click",
        },
        {
            content: "It is a suggestion: the button stands first",
            trigger: "button[name=action_add_to_feedback]",
            run: "click",
        },
        {
            content: "A similar entry is proposed",
            trigger: ".modal .o_field_widget[name=proposed_id]:contains(Armrests that hurt)",
        },
        {
            content: "It is the same",
            trigger: ".modal button[name=action_add]",
            run: "click",
        },
        {
            content: "The mention says where it went",
            trigger: "body:not(:has(.modal)) .o_field_widget[name=feedback_id]:contains(Armrests that hurt)",
        },
        {
            content: "What follows mentions",
            trigger: "[data-menu-xmlid='community_manager.menu_followup']",
            run: "click",
        },
        {
            content: "The register",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_feedback']",
            run: "click",
        },
        {
            content: "The entry, for which two people ask",
            trigger: ".o_kanban_record:contains(Armrests that hurt):contains(2)",
            run: "click",
        },
        {
            content: "It is done",
            trigger: ".o_statusbar_status button:contains(Done)",
            run: "click",
        },
        {
            content: "Everybody who asked is told",
            trigger: "button[name=action_tell]",
            run: "click",
        },
        {
            content: "In our own words",
            trigger: ".modal .o_field_widget[name=text] textarea",
            run: "edit Hello {{ first_name }}, the new armrests are soft.",
        },
        {
            content: "Two people, none of them without a way",
            trigger: ".modal .o_data_row:nth-child(2)",
        },
        {
            content: "Send it",
            trigger: ".modal button[name=action_send]",
            run: "click",
        },
        {
            content: "Who was told can be looked up",
            trigger: "body:not(:has(.modal)) .nav-link[name=told]",
            run: "click",
        },
        { content: "Both of them", trigger: ".o_field_widget[name=answer_ids] .o_data_row:nth-child(2)" },
    ],
});
