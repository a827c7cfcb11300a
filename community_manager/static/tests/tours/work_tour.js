import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("community_agent_puts_off_and_closes", {
    steps: () => [
        {
            content: "Put it off",
            trigger: ".o_form_statusbar button[name=action_snooze]",
            run: "click",
        },
        {
            content: "Until the person writes again",
            trigger: ".modal .o_field_widget[name=choice] label:contains(Until the person writes again)",
            run: "click",
        },
        { content: "At the latest on some day", trigger: ".modal label:contains(At the latest)" },
        { content: "Snooze", trigger: ".modal button[name=action_snooze]", run: "click" },
        {
            content: "It says so, and can be taken back",
            trigger:
                "body:not(:has(.modal)) .o_form_view:contains(Until the person writes again) button[name=action_wake]",
            run: "click",
        },
        { content: "It says why it is back", trigger: ".o_form_view:contains(Back: Taken back)" },
        { content: "Ignore it", trigger: ".o_form_statusbar button[name=action_ignore]", run: "click" },
        { content: "Think again", trigger: ".modal button:contains(Discard)", run: "click" },
        {
            content: "Done",
            trigger: "body:not(:has(.modal)) .o_form_statusbar button[name=action_done]",
            run: "click",
        },
        { content: "The company wants to know why", trigger: ".modal-title:contains(Why is it closed)" },
        {
            content: "A reason",
            trigger: ".modal .o_field_widget[name=reason_id] label:contains(Solved)",
            run: "click",
        },
        { content: "Close", trigger: ".modal button[name=action_close]", run: "click" },
        {
            content: "Closed, with its reason",
            trigger: ".o_form_view .o_field_widget[name=close_reason_id] input:value(Solved)",
        },
    ],
});

registry.category("web_tour.tours").add("community_agent_focuses", {
    steps: () => [
        { content: "Open the clock", trigger: ".o_community_focus_clock", run: "click" },
        { content: "Own length", trigger: ".o_community_focus input[name=planned]", run: "edit 40 && press Tab" },
        {
            content: "Start",
            trigger: ".o_community_focus button:contains(Start focus session)",
            run: "click",
        },
        { content: "The queue narrows", trigger: ".o_searchview_facet:contains(Focus)" },
        { content: "The clock runs", trigger: ".o_community_focus_left:contains(39:)" },
        { content: "Open the clock", trigger: ".o_community_focus_clock", run: "click" },
        { content: "An interruption", trigger: ".o_community_focus button:contains(Pause)", run: "click" },
        { content: "Go on", trigger: ".o_community_focus button:contains(Go on)", run: "click" },
        { content: "It goes on", trigger: ".o_community_focus_clock:has(.fa-hourglass-half)", run: "click" },
        { content: "Stop", trigger: ".o_community_focus button:contains(Stop)", run: "click" },
        {
            content: "What was done is told",
            trigger: ".o_notification:contains(0 closed, 0 answered, 0 handed off)",
        },
        { content: "Open the clock", trigger: ".o_community_focus_clock", run: "click" },
        { content: "Figures", trigger: ".o_community_focus button:contains(What was done)", run: "click" },
        { content: "They are kept", trigger: ".o_list_view .o_data_row" },
    ],
});
