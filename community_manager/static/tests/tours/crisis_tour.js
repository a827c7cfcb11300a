import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("community_crisis", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        {
            content: "Crises have a menu of their own",
            trigger: "[data-menu-xmlid='community_manager.menu_crisis']",
            run: "click",
        },
        {
            content: "What was noticed",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_alerts']",
            run: "click",
        },
        {
            content: "The alert that waits for a decision",
            trigger: ".o_data_row:contains(negative mentions in an hour) .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "It says what made the watch think so",
            trigger: ".o_field_widget[name=shown]:contains(Words:)",
        },
        {
            content: "It is one",
            trigger: "button[name=action_open_crisis]",
            run: "click",
        },
        {
            content: "With a playbook",
            trigger: ".modal .o_field_widget[name=playbook_id] input",
            run: "edit Product safety",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains(Product safety)",
            run: "click",
        },
        {
            content: "It is an emergency by its playbook",
            trigger: ".modal .o_field_widget[name=level] input[data-value='3']:checked",
        },
        {
            content: "Open it",
            trigger: ".modal button[name=action_open]",
            run: "click",
        },
        {
            content: "A task of the playbook",
            trigger: ".o_community_crisis .o_data_row:contains(Establish what is known) button:contains(Done)",
            run: "click",
        },
        {
            content: "It is done",
            trigger: ".o_community_crisis .o_data_row:contains(Establish what is known) button[name=action_undo]",
        },
        {
            content: "What may be said",
            trigger: ".o_community_crisis .nav-link[name=statements]",
            run: "click",
        },
        {
            content: "The owner approves the first statement",
            trigger: ".o_community_crisis .o_data_row:contains(unplug it) button:contains(Approve)",
            run: "click",
        },
        {
            content: "It is approved",
            trigger: ".o_community_crisis .o_data_row:contains(unplug it) button:contains(Withdraw)",
        },
        {
            content: "The timeline filled itself",
            trigger: ".o_community_crisis .nav-link[name=timeline]",
            run: "click",
        },
        { content: "There is the approval", trigger: ".o_data_row:contains(Approved: First answer)" },
        { content: "There is the chart", trigger: ".o_community_crisis_chart svg rect" },
        {
            content: "It is over",
            trigger: "button[name=action_close]",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal button:contains(Close the crisis)",
            run: "click",
        },
        {
            content: "What waited is shown",
            trigger: ".o_data_row:contains(It is only a lamp) button[name=action_cancel]",
            run: "click",
        },
        {
            content: "It is cancelled",
            trigger: ".o_data_row:contains(It is only a lamp):contains(Cancelled)",
        },
        {
            content: "Back to the menu",
            trigger: "[data-menu-xmlid='community_manager.menu_crisis']",
            run: "click",
        },
        {
            content: "What is watched",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_watches']",
            run: "click",
        },
        {
            content: "Open the watch",
            trigger: ".o_data_row:contains(Acme) .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "Try it on the past",
            trigger: "button[name=action_backtest]",
            run: "click",
        },
        { content: "A picture", trigger: ".modal .o_community_crisis_chart svg polyline" },
        { content: "A sentence", trigger: ".modal .o_field_widget[name=sentence]:contains(would have told)" },
    ],
});
