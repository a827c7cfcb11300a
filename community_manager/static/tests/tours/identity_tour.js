import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const box = (name) => `.o_data_row:contains(${name}) .o_list_record_selector input`;

registry.category("web_tour.tours").add("community_identity", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        {
            content: "People",
            trigger: "[data-menu-xmlid='community_manager.menu_people']",
            run: "click",
        },
        {
            content: "Authors to match",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_matches']",
            run: "click",
        },
        { content: "It says why", trigger: ".o_data_row:contains(Olga Petrov):contains(The same name)" },
        { content: "Choose one", trigger: box("Olga Petrov"), run: "click" },
        { content: "And another", trigger: box("Emma Okafor"), run: "click" },
        { content: "It is them", trigger: ".o_control_panel button:contains(It is them)", run: "click" },
        {
            content: "Both are linked and gone from here",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Olga Petrov)))",
        },
        {
            content: "That was a mistake",
            trigger: ".o_community_match_done:contains(2 linked) button:contains(Undo)",
            run: "click",
        },
        { content: "They wait again", trigger: ".o_data_row:contains(Olga Petrov)" },
        {
            content: "The one after all",
            trigger: ".o_data_row:contains(Olga Petrov) button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The other is somebody else",
            trigger:
                ".o_list_view:not(:has(.o_data_row:contains(Olga Petrov))) .o_data_row:contains(Emma Okafor) button[name=action_refuse]",
            run: "click",
        },
        {
            content: "Nobody is left to decide on",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Emma Okafor)))",
        },
        {
            content: "Reports",
            trigger: "[data-menu-xmlid='community_manager.menu_reporting']",
            run: "click",
        },
        {
            content: "The lifecycle",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_lifecycle']",
            run: "click",
        },
        {
            content: "It says what it shows; who is there is one click away",
            trigger: ".o_data_row:contains(“Prospect”) .o_data_cell[name=stage]",
            run: "click",
        },
        { content: "The person", trigger: ".o_data_row:contains(Iván Pons)" },
        {
            content: "Open the contact",
            trigger: ".o_data_row:contains(Iván Pons) button[name=action_open_partner]",
            run: "click",
        },
        { content: "What is known here", trigger: ".nav-link[name=community]", run: "click" },
        {
            content: "Since when",
            trigger: ".o_field_widget[name=community_step_ids] .o_data_row:contains(First lead)",
        },
        { content: "Say otherwise", trigger: "button[name=action_community_set_stage]", run: "click" },
        {
            content: "A partner of ours",
            trigger: ".modal .o_field_widget[name=stage] input, .modal .o_field_widget[name=stage] select",
            run: (helpers) => (helpers.anchor.tagName === "SELECT" ? helpers.select('"partner"') : helpers.click()),
        },
        {
            content: "Choose it",
            trigger: ".o_select_menu_item:contains(Partner), .modal select",
            run: (helpers) => (helpers.anchor.tagName === "SELECT" ? undefined : helpers.click()),
        },
        { content: "Apply", trigger: ".modal button[name=action_apply]", run: "click" },
        {
            content: "The contact says so",
            trigger: "body:not(:has(.modal)) .o_field_widget[name=community_lifecycle]:contains(Partner)",
        },
    ],
});
