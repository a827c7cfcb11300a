import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("community_manager_knows_customers", {
    steps: () => [
        { content: "The best stands first", trigger: ".o_data_row:first:contains(Tour Best):contains(5-5-5)" },
        { content: "Open it", trigger: ".o_data_row:contains(Tour Best) .o_data_cell[name=partner_id]", run: "click" },
        {
            content: "What may be expected, and what that rests on",
            trigger: ".o_form_view:contains(What may be expected):contains(usual gap between purchases)",
        },
        { content: "What they bought", trigger: "button[name=action_open_transactions]", run: "click" },
        { content: "Each purchase is a line", trigger: ".o_list_view .o_data_row:contains(From elsewhere)" },
        { content: "Segments", trigger: "[data-menu-xmlid='community_manager.menu_overservice']", run: "click" },
        { content: "Segments", trigger: "[data-menu-xmlid='community_manager.menu_segments']", run: "click" },
        {
            content: "Champions are counted",
            trigger: ".o_kanban_record:contains(Champions) a[name=action_open_customers]:contains(1)",
            run: "click",
        },
        { content: "And named", trigger: ".o_list_view .o_data_row:contains(Tour Best)" },
        { content: "Alarms", trigger: "[data-menu-xmlid='community_manager.menu_overservice']", run: "click" },
        { content: "Alarms", trigger: "[data-menu-xmlid='community_manager.menu_alarm_events']", run: "click" },
        {
            content: "Somebody went quiet",
            trigger: ".o_data_row:contains(Tour Quiet):contains(days without a purchase) .o_data_cell[name=text]",
            run: "click",
        },
        { content: "Seen to", trigger: ".o_form_statusbar button[name=action_done]", run: "click" },
        { content: "It says so", trigger: ".o_form_statusbar button[name=action_reopen]" },
    ],
});
