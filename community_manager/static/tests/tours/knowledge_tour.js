import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("community_manager_approves", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        {
            content: "What follows mentions",
            trigger: "[data-menu-xmlid='community_manager.menu_followup']",
            run: "click",
        },
        {
            content: "What waits for approval",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_approvals']",
            run: "click",
        },
        {
            content: "Open it",
            trigger: ".o_data_row:contains(exchange your lamp) .o_data_cell[name=summary]",
            run: "click",
        },
        {
            content: "The conversation stands above",
            trigger: ".o_community_approval .o_community_conversation:contains(Where is my acme lamp)",
        },
        {
            content: "What we say about it stands beside it",
            trigger: ".o_community_approval .o_field_widget[name=advice]:contains(Never a number)",
        },
        {
            content: "Say it better",
            trigger: ".o_field_widget[name=text] textarea",
            run: "edit We exchange your lamp at once.",
        },
        {
            content: "Approve it",
            trigger: "button[name=action_approve]",
            run: "click",
        },
        {
            content: "It is approved, and both texts are kept",
            trigger: ".o_arrow_button_current:contains(Approved)",
        },
        {
            content: "The answer bank is a click away",
            trigger: "[data-menu-xmlid='community_manager.menu_followup']",
            run: "click",
        },
        {
            content: "Open the answer bank",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_answers']",
            run: "click",
        },
        { content: "What we know stands there", trigger: ".o_kanban_record:contains(How long is the warranty)" },
    ],
});

registry.category("web_tour.tours").add("community_staff_learns", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_staff_root", "Open the guidelines"),
        {
            content: "Open a guideline",
            trigger: ".o_kanban_record:contains(How we speak)",
            run: "click",
        },
        { content: "Read it", trigger: ".o_field_widget[name=body]:contains(Kindly)" },
        {
            content: "Confirm it",
            trigger: "button[name=action_confirm]",
            run: "click",
        },
        { content: "That is kept", trigger: "p[role=status]:contains(You have read this version)" },
        {
            content: "Go on to the lessons",
            trigger: "[data-menu-xmlid='community_manager.menu_staff_lessons']",
            run: "click",
        },
        {
            content: "Open a lesson",
            trigger: ".o_kanban_record:contains(Complaints)",
            run: "click",
        },
        { content: "Nothing was chosen", trigger: ".o_community_lesson button:disabled:contains(Check)" },
        {
            content: "Choose wrongly",
            trigger: ".o_community_lesson .form-check:contains(Argue) input",
            run: "click",
        },
        {
            content: "Check",
            trigger: ".o_community_lesson button:not(:disabled):contains(Check)",
            run: "click",
        },
        { content: "Why it is so", trigger: ".o_community_lesson .alert-warning:contains(Who is heard calms down)" },
        {
            content: "Try again",
            trigger: ".o_community_lesson button:contains(Answer again)",
            run: "click",
        },
        {
            content: "Choose rightly",
            trigger: ".o_community_lesson .form-check:contains(Listen) input",
            run: "click",
        },
        {
            content: "Check again",
            trigger: ".o_community_lesson button:not(:disabled):contains(Check)",
            run: "click",
        },
        { content: "Passed", trigger: ".o_community_lesson strong:contains(Passed)" },
        {
            content: "Ask the team",
            trigger: "[data-menu-xmlid='community_manager.menu_staff_ask']",
            run: "click",
        },
        {
            content: "Write the question",
            trigger: ".modal .o_field_widget[name=question] input",
            run: "edit May I answer this myself?",
        },
        {
            content: "Ask",
            trigger: ".modal footer button:contains(Ask)",
            run: "click",
        },
        {
            content: "My questions",
            trigger: "body:not(:has(.modal)) [data-menu-xmlid='community_manager.menu_staff_asks']",
            run: "click",
        },
        { content: "There it is", trigger: ".o_data_row:contains(May I answer this myself)" },
    ],
});
