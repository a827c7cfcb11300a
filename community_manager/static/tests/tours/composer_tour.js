import { registry } from "@web/core/registry";

const BOX = ".o_community_reply";
const SEND = `${BOX} .o_community_send:not(:disabled)`;

registry.category("web_tour.tours").add("community_composer", {
    steps: () => [
        {
            content: "The account that answers is shown",
            trigger: `${BOX} .o_community_account:has(img):contains(Desk)`,
        },
        { content: "The customer wrote a number in public", trigger: `${BOX} .o_community_private` },
        { content: "Begin an answer", trigger: `${BOX} textarea`, run: "edit Half an answer" },
        {
            content: "Load the page again",
            trigger: `${BOX} .o_community_counter:contains(14)`,
            run: async () => {
                await new Promise((resolve) => setTimeout(resolve, 1500)); // until it is kept
                window.location.reload();
            },
            expectUnloadPage: true,
        },
        { content: "It is there again", trigger: `${BOX} textarea:value(Half an answer)` },
        { content: "Say it", trigger: `${BOX} textarea`, run: "edit Too quick" },
        { content: "Send it", trigger: SEND, run: "click" },
        { content: "Some seconds are left", trigger: `${BOX} .o_community_countdown:contains(Sending in)` },
        { content: "Take it back", trigger: `${BOX} .o_community_undo`, run: "click" },
        {
            content: "The text is back",
            trigger: `${BOX}:not(:has(.o_community_reply_entry)) textarea:value(Too quick)`,
        },
        {
            content: "Answer with a number",
            trigger: `${BOX} textarea`,
            run: "edit Call us on 698 765 432 about S00123",
        },
        {
            content: "Better in private",
            trigger: `${BOX} .o_community_warnings:contains(telephone number) button`,
            run: "click",
        },
        { content: "In private it is no matter", trigger: `${BOX}:not(:has(.o_community_warnings)) .fa-lock` },
        { content: "Look for a text", trigger: `${BOX} .o_community_suggest`, run: "click" },
        { content: "There is where to search", trigger: `${BOX} .o_community_suggestions input` },
        { content: "Not now", trigger: `${BOX} .o_community_suggestions .btn-close`, run: "click" },
        { content: "In public again", trigger: `${BOX} select[aria-label='Way of answering']`, run: "select reply" },
        {
            content: "A long answer",
            trigger: `${BOX} textarea`,
            run: `edit ${"We are very sorry. ".repeat(25).trim()}`,
        },
        { content: "It is too long", trigger: `${BOX} [role=alert]` },
        { content: "Split it", trigger: `${BOX} .o_community_split:contains(3 posts) input`, run: "click" },
        { content: "Send the thread", trigger: `${SEND}:contains(Send thread)`, run: "click" },
        { content: "It goes out as one", trigger: `${BOX} .o_community_reply_entry:contains(and 2 more)` },
        {
            content: "After some seconds it cannot be undone any more",
            trigger: `${BOX} .o_community_reply_entry:not(:has(.o_community_undo)) button:contains(Cancel)`,
            timeout: 20000,
        },
    ],
});

registry.category("web_tour.tours").add("community_composer_asks", {
    steps: () => [
        { content: "Answer", trigger: `${BOX} textarea`, run: "edit It comes today." },
        {
            content: "Wait until it is kept",
            trigger: `${BOX} .o_community_counter:contains(15)`,
            run: () => new Promise((resolve) => setTimeout(resolve, 1500)),
        },
        { content: "Send it", trigger: SEND, run: "click" },
        {
            content: "The customer has written again",
            trigger: `${BOX} .o_community_question:contains(It has come, thanks!) button:contains(Look first)`,
            run: "click",
        },
        {
            content: "It stands in the conversation",
            trigger: ".o_community_conversation:contains(It has come, thanks!)",
        },
        { content: "Answer that", trigger: `${BOX} textarea`, run: "edit You are welcome!" },
        { content: "Send it", trigger: SEND, run: "click" },
        { content: "It is on its way", trigger: `${BOX} .o_community_reply_entry:contains(You are welcome!)` },
    ],
});
