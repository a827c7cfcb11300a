import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** Open an entry of the menu of people. */
const people = (entry, content) => [
    {
        content: "People",
        trigger: "[data-menu-xmlid='community_manager.menu_people']",
        run: "click",
    },
    {
        content,
        trigger: `.o-dropdown--menu [data-menu-xmlid='community_manager.${entry}']`,
        run: "click",
    },
];

registry.category("web_tour.tours").add("community_relations", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        ...people("menu_candidates", "Who might be won"),
        {
            content: "It says why; take them on",
            trigger: ".o_data_row:contains(Ann Marsh):contains(Praised us) button[name=action_add]",
            run: "click",
        },
        {
            content: "They are no candidate any more",
            trigger: ".o_action_manager:not(:has(.o_data_row:contains(Ann Marsh)))",
        },
        ...people("menu_influencers", "Whom we care for"),
        { content: "Open them", trigger: ".o_kanban_record:contains(Ann Marsh)", run: "click" },
        {
            content: "What is done together",
            trigger: "button[name=action_open_collaborations]",
            run: "click",
        },
        { content: "Something new", trigger: ".o_list_button_add", run: "click" },
        {
            content: "Name it",
            trigger: ".o_field_widget[name=name] input, .o_field_widget[name=name] textarea",
            run: "edit Video about lamps",
        },
        { content: "Both said yes", trigger: "button[name=action_agree]", run: "click" },
        { content: "It begins", trigger: "button[name=action_run]", run: "click" },
        { content: "It is done", trigger: "button[name=action_done]", run: "click" },
        {
            content: "What follows from that is said before",
            trigger: ".modal:contains(can be paid) .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is confirmed",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Done)",
        },
    ],
});
