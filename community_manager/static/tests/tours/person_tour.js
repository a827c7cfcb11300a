import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("community_person", {
    steps: () => [
        {
            content: "The profiles",
            trigger: ".o_data_row:contains(Vera Lamas) button[name=action_community_person]",
            run: "click",
        },
        { content: "Who it is", trigger: ".o_community_person_head:contains(Vera Lamas):contains(@vera)" },
        { content: "A date of theirs", trigger: "[data-fact=dates]:contains(Birthday)" },
        {
            content: "What they said",
            trigger: ".o_community_timeline_entry[data-kind=mention]:contains(number 59)",
        },
        { content: "Only what was answered", trigger: ".o_community_person_kinds [data-kind=answer]", run: "click" },
        {
            content: "That alone",
            trigger: ".o_community_timeline:not(:has([data-kind=mention])):contains(Thank you, Vera)",
        },
        { content: "Everything again", trigger: ".o_community_person_kinds button:contains(All)", run: "click" },
        {
            content: "The newest page is long",
            trigger: ".o_community_timeline:contains(number 59)",
            run: () => {
                const page = document.querySelector(".o_community_person");
                page.scrollTop = page.scrollHeight;
            },
        },
        {
            content: "More was read on the way down",
            trigger: ".o_community_timeline:contains(number 20)",
            run: () => {
                const page = document.querySelector(".o_community_person");
                page.scrollTop = page.scrollHeight;
            },
        },
        { content: "Down to the first", trigger: ".o_community_timeline:contains(the third acme lamp)" },
        { content: "Erase them", trigger: ".o_community_person_erase", run: "click" },
        { content: "What goes is said", trigger: ".modal:contains(Mentions: 61):contains(What stays)" },
        { content: "Not without the name", trigger: ".modal button[name=action_erase]", run: "click" },
        {
            content: "It says so",
            trigger: ".modal:contains(Type the name as it stands above) .btn-primary",
            run: "click",
        },
        { content: "Type it", trigger: ".modal .o_field_widget[name=typed] input", run: "edit Vera Lamas" },
        { content: "Now", trigger: ".modal button[name=action_erase]", run: "click" },
        { content: "Nobody any more", trigger: ".o_community_person_head:contains(Erased person)" },
    ],
});
