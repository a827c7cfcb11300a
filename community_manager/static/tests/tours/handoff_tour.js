import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("community_agent_hands_off", {
    steps: () => [
        {
            content: "Hand the mention to a department",
            trigger: ".o_form_view button[name=action_hand_off]",
            run: "click",
        },
        {
            content: "Choose the department",
            trigger: ".modal [name=department_id] input",
            run: "edit Batches",
        },
        {
            content: "That one",
            trigger: ".o-autocomplete--dropdown-item:contains(Batches)",
            run: "click",
        },
        {
            content: "Who will be told is said before",
            trigger: ".modal [name=consequence]:contains(Community head)",
        },
        {
            content: "Say what is asked",
            trigger: ".modal [name=asked] textarea",
            run: "edit Is this batch faulty?",
        },
        { content: "Hand off", trigger: ".modal button[name=action_hand_off]", run: "click" },
        {
            content: "The mention shows it",
            trigger: "body:not(:has(.modal)) button[name=action_open_handoffs]:contains(Asked)",
            run: "click",
        },
        {
            content: "The hand-off shows what was said",
            trigger: ".o_form_view [name=quote]:contains(smells of glue)",
        },
    ],
});

registry.category("web_tour.tours").add("community_member_answers_hand_off", {
    steps: () => [
        { content: "What was said stands there", trigger: "[name=quote]:contains(smells of glue)" },
        { content: "Acknowledge", trigger: "button[name=action_acknowledge]", run: "click" },
        {
            content: "Acknowledged",
            trigger: ".o_arrow_button_current:contains(Acknowledged)",
        },
        {
            content: "What came of it",
            trigger: "[name=outcome_text] textarea",
            run: "edit The glue was too wet.",
        },
        {
            content: "What the author may be told",
            trigger: "[name=answer] textarea",
            run: "edit Air it for two days, please.",
        },
        { content: "Done", trigger: "button[name=action_done]:visible", run: "click" },
        { content: "There is an outcome", trigger: ".o_arrow_button_current:contains(Outcome known)" },
    ],
});

registry.category("web_tour.tours").add("community_agent_tells_author", {
    steps: () => [
        { content: "Hand-offs by state", trigger: ".o_kanban_record:contains(Is this batch faulty)", run: "click" },
        { content: "Tell the author", trigger: "button[name=action_tell]", run: "click" },
        {
            content: "A draft with the answer",
            trigger: "[name=text]:contains(Air it for two days), [name=text] textarea",
        },
        { content: "Send it", trigger: "button[name=action_queue]:visible", run: "click" },
        { content: "It is on its way", trigger: ".o_arrow_button_current:contains(On its way)" },
    ],
});

registry.category("web_tour.tours").add("community_agency_answers", {
    steps: () => [
        { content: "Their mention", trigger: ".o_data_row:contains(When do you open) td[name=opening]", run: "click" },
        { content: "The conversation", trigger: ".o_form_view :contains(When do you open)" },
        {
            content: "Write an answer",
            trigger: ".o_community_reply textarea",
            run: "edit We open at nine.",
        },
        {
            content: "Send it",
            trigger: ".o_community_reply button.btn-primary:not(:disabled)",
            run: "click",
        },
        { content: "It is on its way", trigger: ".o_community_reply_entry:contains(We open at nine)" },
    ],
});
