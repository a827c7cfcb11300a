import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("community_campaign", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        {
            content: "Over-service",
            trigger: "[data-menu-xmlid='community_manager.menu_overservice']",
            run: "click",
        },
        {
            content: "Campaigns",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_campaigns']",
            run: "click",
        },
        {
            content: "The draft",
            trigger: ".o_kanban_record:contains(Thanks to the tour)",
            run: "click",
        },
        {
            content: "It says what is missing",
            trigger: ".alert-warning:contains(There are no steps yet)",
        },
        {
            content: "A first step",
            trigger: "[name=step_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Its label",
            trigger: ".modal [name=name] input",
            run: "edit Thank them",
        },
        {
            content: "A text for it",
            trigger: ".modal [name=text_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Its subject",
            trigger: ".modal [name=subject] input",
            run: "edit Thank you, {{ first_name }}",
        },
        {
            content: "What it says",
            trigger: ".modal [name=body] .odoo-editor-editable",
            run: "editor Hello {{ first_name }}, thank you.",
        },
        {
            content: "Keep the text",
            trigger: ".modal:has([name=subject] input) .o_form_button_save",
            run: "click",
        },
        {
            content: "The text stands there",
            trigger: ".modal [name=text_ids] .o_data_row:contains(Thank you)",
        },
        {
            content: "Keep the step",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The step stands there",
            trigger: "body:not(:has(.modal)) [name=step_ids] .o_data_row:contains(Thank them)",
        },
        {
            content: "What would happen?",
            trigger: "button[name=action_simulate]",
            run: "click",
        },
        {
            content: "It is said in a sentence",
            trigger: "[name=summary]:contains(1 people would be contacted 1 times)",
        },
        {
            content: "And why somebody would not",
            trigger: "[name=line_ids] .o_data_row:contains(No first name)",
        },
        {
            content: "Day by day",
            trigger: "button[name=action_graph]",
            run: "click",
        },
        {
            content: "A graph",
            trigger: ".o_graph_view canvas",
        },
        {
            content: "Back to the simulation",
            trigger: ".breadcrumb-item:last a, .o_back_button a",
            run: "click",
        },
        {
            content: "Start it",
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            content: "It runs",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Running)",
        },
        {
            content: "Who is in it",
            trigger: "button[name=action_open_people]",
            run: "click",
        },
        {
            content: "Both",
            trigger: ".o_list_view .o_data_row:eq(1)",
        },
        {
            content: "Back to the campaign",
            trigger: ".o_back_button a, .breadcrumb-item:last a",
            run: "click",
        },
        {
            content: "Pause it",
            trigger: "button[name=action_pause]",
            run: "click",
        },
        {
            content: "It is paused",
            trigger: "button[name=action_start]:contains(Go on)",
        },
    ],
});
