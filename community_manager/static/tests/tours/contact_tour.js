import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("community_contact_tour", {
    url: "/odoo/community-contact-policies",
    steps: () => [
        {
            content: "The policy of the shop is not in force yet",
            trigger: ".o_list_view .o_data_cell:contains('How often we write')",
            run: "click",
        },
        {
            content: "It says so",
            trigger: ".o_form_view .alert:contains('it holds nothing back')",
        },
        {
            content: "Put it in force",
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            content: "After being told what that means",
            trigger: ".modal .btn-primary:contains('Put in force')",
            run: "click",
        },
        {
            content: "It is in force",
            trigger: ".o_form_view .ribbon:contains('In force')",
        },
        {
            content: "What it holds back is one click away",
            trigger: "button[name=action_open_held]",
            run: "click",
        },
        {
            content: "With the reason",
            trigger: ".o_list_view .o_group_name:contains('Limit reached')",
            run: "click",
        },
        {
            content: "The person and what was not sent",
            trigger: ".o_list_view .o_data_row:contains('Ana') .o_data_cell:contains('Lamps')",
            run: "click",
        },
        {
            content: "And how it came",
            trigger: ".o_form_view .alert:contains('1 of at most 1')",
        },
    ],
});
