import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** What the browser paints under a name of the words that weighed. */
function painted(name) {
    return [...(CSS.highlights.get(name) || [])].map((range) => range.toString());
}

function check(condition, message) {
    if (!condition) {
        throw new Error(message);
    }
}

/** Let the pointer rest on something, as long as it takes until words are painted. */
function rest(selector) {
    return () => {
        document.querySelector(selector).dispatchEvent(new MouseEvent("mouseenter"));
    };
}

tours.add("community_understanding", {
    steps: () => [
        { content: "The mention is open", trigger: ".o_community_current .o_community_understood" },
        {
            content: "What was understood shows as chips",
            trigger: ".o_community_chip_sentiment[data-sentiment=negative]:contains(Negative)",
        },
        { content: "Its intents too", trigger: ".o_community_chip_intent[data-intent=complaint]" },
        {
            content: "The chip says how certain that is",
            trigger: ".o_community_chip_sentiment[data-tooltip*='70 % certain']",
            run: rest(".o_community_chip_sentiment"),
        },
        {
            content: "The words that weighed are named and painted",
            trigger: ".o_community_why[data-why=negative]:contains(“pésimo”)",
            run() {
                check(painted("community-why-most").join() === "pésimo", `painted: ${painted("community-why-most")}`);
                check(painted("community-why-some").join() === "roto", `painted: ${painted("community-why-some")}`);
                check(painted("community-why-not").join() === "genial", `painted: ${painted("community-why-not")}`);
                check(!document.querySelector(".o_community_current script"), "the text stays text");
                document.querySelector(".o_community_chip_sentiment").dispatchEvent(new MouseEvent("mouseleave"));
                check(!painted("community-why-most").length, "nothing is painted any more");
            },
        },
        { content: "Set it right", trigger: ".o_community_chip_sentiment", run: "click" },
        { content: "It is positive", trigger: ".o-dropdown-item[data-choice=positive]", run: "click" },
        {
            content: "A person says so now",
            trigger: ".o_community_chip_sentiment[data-sentiment=positive][data-tooltip*='Set by Community agent']",
        },
        {
            content: "That is no complaint",
            trigger: ".o_community_chip_intent[data-intent=complaint] .o_community_chip_remove",
            run: "click",
        },
        {
            content: "It is gone",
            trigger: ".o_community_understood:not(:has([data-intent=complaint]))",
        },
        { content: "Add an intent", trigger: ".o_community_chip_add", run: "click" },
        { content: "It is a question", trigger: ".o-dropdown-item[data-choice=question]", run: "click" },
        { content: "There it is", trigger: ".o_community_chip_intent[data-intent=question]" },
        { content: "Correct the language", trigger: ".o_community_chip_language", run: "click" },
        { content: "It is Portuguese", trigger: ".o-dropdown-item:contains(Portuguese)", run: "click" },
        { content: "So it says", trigger: ".o_community_chip_language:contains(Portuguese)" },
        { content: "Spam has a button of its own", trigger: ".o_community_spam", run: "click" },
        { content: "It is spam", trigger: ".o_community_chip_intent[data-intent=spam]" },
        { content: "Not about us", trigger: ".o_community_not_about_us", run: "click" },
        { content: "It is out of view", trigger: ".o_arrow_button_current[data-value=ignored]" },
        { content: "That can be undone", trigger: ".o_notification button:contains(Undo)", run: "click" },
        { content: "It is where it was", trigger: ".o_arrow_button_current[data-value=new]" },
        { content: "And can be taken out again", trigger: ".o_community_not_about_us" },
    ],
});

tours.add("community_learning", {
    steps: () => [
        {
            content: "What is in use is told",
            trigger: ".o_community_learning:contains(Nothing has been learned)",
        },
        {
            content: "And who has said how much",
            trigger: ".o_community_learning li:contains(Community agent):contains(2)",
        },
        { content: "How to get the second pass", trigger: ".o_community_learning dl:contains(multilingual-e5-small)" },
        { content: "Learn now", trigger: ".o_community_learning button:contains(Learn now)", run: "click" },
        { content: "It waits for the background job", trigger: ".o_data_row .badge:contains(Waiting)" },
        { content: "Which shows above too", trigger: ".o_community_learning [role=status] .fa-spin" },
        {
            content: "Analyse mentions once more",
            trigger: ".o_community_learning button:contains(Analyse mentions once more)",
            run: "click",
        },
        { content: "How many there are is told first", trigger: ".modal p.lead:contains(2 mentions)" },
        { content: "Start", trigger: ".modal button[name=action_start]:contains(Analyse)", run: "click" },
        { content: "It goes on in the background", trigger: ".modal .o_progressbar" },
        {
            content: "The dialog can be left",
            trigger: ".modal footer button.btn-secondary[special=cancel]",
            run: "click",
        },
        { content: "Nothing is in the way", trigger: "body:not(:has(.modal))" },
        {
            content: "Open what people said",
            trigger: ".o_community_learning button:contains(All corrections)",
            run: "click",
        },
        {
            content: "Each correction stands there",
            trigger: ".o_data_row:contains(Community agent):contains(Negative):contains(Positive)",
        },
    ],
});
