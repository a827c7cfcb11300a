import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("community_deadlines_are_set", {
    url: "/odoo/community-deadlines",
    steps: () => [
        { content: "A new policy", trigger: ".o_list_button_add", run: "click" },
        {
            content: "Its name",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Everybody",
        },
        {
            content: "Ten minutes for the first answer",
            trigger: ".o_field_widget[name=first_target] input",
            run: "edit 10",
        },
        {
            content: "Somebody is told when it has passed",
            trigger: ".o_field_widget[name=step_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        { content: "At once", trigger: ".o_field_widget[name=after] input", run: "edit 5" },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        { content: "It is saved", trigger: ".o_form_saved" },
        {
            content: "It counts for what waits already too",
            trigger: "button[name=action_apply]",
            run: "click",
        },
        {
            content: "One mention waits",
            trigger: ".o_notification:contains(1 mentions wait for an answer with a deadline)",
        },
        {
            content: "Which one?",
            trigger: ".o_stat_info:contains(Waiting):contains(1), button[name=action_open_waiting]",
            run: "click",
        },
        { content: "It shows by when", trigger: ".o_data_row .o_community_due:contains(left)" },
        {
            content: "Figures",
            trigger: "[data-menu-xmlid='community_manager.menu_reporting']",
            run: "click",
        },
        {
            content: "Response times",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_response_report']",
            run: "click",
        },
        { content: "With medians", trigger: ".o_pivot th:contains(Median hours)" },
    ],
});
