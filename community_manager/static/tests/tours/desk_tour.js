import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** Press a key where nothing is typed. */
function key(name) {
    return () => {
        document.activeElement?.blur();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
    };
}

const current = (text) => `.o_community_entry_current:contains(${text})`;

registry.category("web_tour.tours").add("community_desk", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        { content: "What is dangerous comes first", trigger: `.o_community_entry:first-child${current("dangerous")}` },
        { content: "Risk is red", trigger: ".o_community_entry:first-child .text-bg-danger:contains(Risk)" },
        { content: "Its conversation is beside it", trigger: ".o_community_desk_talk .o_community_current mark" },
        { content: "And the person", trigger: ".o_community_desk_person [data-section=lifecycle]:contains(Community)" },
        { content: "Words that matched say why", trigger: "[data-section=why]:contains(dangerous)" },
        { content: "How many wait", trigger: ".o_community_desk_waiting:contains(3 waiting)" },
        { content: "The list of keys", trigger: ".o_community_desk", run: key("?") },
        { content: "It names them", trigger: ".o_dialog .o_community_keys:contains(Assign to me)" },
        { content: "Close it", trigger: ".o_dialog footer button", run: "click" },
        { content: "Closed", trigger: "body:not(:has(.o_dialog))" },
        { content: "The next one", trigger: ".o_community_desk", run: key("j") },
        { content: "A question", trigger: current("When does acme open") },
        {
            content: "Its conversation",
            trigger: ".o_community_desk_talk .o_community_current:contains(When does acme open)",
        },
        { content: "Take it", trigger: ".o_community_desk_acts button[data-act=done]", run: key("a") },
        { content: "It is mine", trigger: ".o_community_desk_owner:contains(You)" },
        { content: "Write", trigger: ".o_community_desk_talk .o_community_reply textarea", run: key("r") },
        {
            content: "The keys are letters now",
            trigger: ".o_community_desk_talk .o_community_reply textarea:focus",
            run: "edit draft add",
        },
        { content: "Nothing was done", trigger: `${current("When does acme open")}` },
        { content: "Finish it", trigger: ".o_community_desk_owner:contains(You)", run: key("d") },
        { content: "It can be taken back", trigger: ".o_community_undo:contains(Done) button:contains(Undo)" },
        { content: "The next one is there", trigger: current("about the acme lamp") },
        { content: "Fewer wait", trigger: ".o_community_desk_waiting:contains(2 waiting)" },
        { content: "Take it back", trigger: ".o_community_undo", run: key("u") },
        { content: "It is back, and looked at", trigger: current("When does acme open") },
        { content: "As many wait", trigger: ".o_community_desk_waiting:contains(3 waiting)" },
        { content: "Finish it after all", trigger: ".o_community_desk_owner:contains(You)", run: key("d") },
        { content: "Next", trigger: current("about the acme lamp") },
        {
            content: "A lead of it",
            trigger: ".o_community_desk_talk .o_community_current:contains(about the acme lamp)",
        },
        { content: "The button", trigger: ".o_community_desk_acts button[data-act=lead]", run: "click" },
        { content: "It is made, and I am still here", trigger: ".o_community_undo:contains(Made)" },
        { content: "The person has it open", trigger: ".o_community_desk_person [data-section=open]:contains(lamp)" },
        { content: "Still the same one", trigger: current("about the acme lamp") },
        {
            content: "Filters still work",
            trigger: ".o_searchview_facet:contains(To do) .o_facet_remove",
            run: "click",
        },
        { content: "What was finished shows", trigger: ".o_community_entry:contains(When does acme open)" },
        { content: "The standard list is one click away", trigger: ".o_switch_view.o_list", run: "click" },
        { content: "There it is", trigger: ".o_list_view .o_data_row:contains(dangerous)" },
        { content: "Back at the desk", trigger: ".o_switch_view.o_kanban", run: "click" },
        { content: "Cards are one click away too", trigger: ".o_community_desk_board", run: "click" },
        {
            content: "Here they are",
            trigger: ".o_community_inbox .o_kanban_group .o_kanban_record:contains(dangerous)",
        },
    ],
});

/** Requests that are held back, and what sent them before. */
const slow = { held: [], original: null };

/** Let the next reading of a record wait until `release`, as on a line that is slow for a moment. */
function hold() {
    slow.original = browser.XMLHttpRequest;
    browser.XMLHttpRequest = class extends slow.original {
        open(method, url, ...rest) {
            this.waits = url.includes("/web_read") && !slow.held.length;
            return super.open(method, url, ...rest);
        }

        send(data) {
            if (this.waits) {
                slow.held.push(() => super.send(data));
            } else {
                super.send(data);
            }
        }
    };
}

/** Send what was held back, and wait for what follows from its answer. */
async function release() {
    browser.XMLHttpRequest = slow.original;
    if (!slow.held.length) {
        throw new Error("nothing was read again");
    }
    slow.held.forEach((send) => send());
    await new Promise((resolve) => browser.setTimeout(resolve, 1500));
}

registry.category("web_tour.tours").add("community_desk_slow", {
    steps: () => [
        { content: "One is looked at", trigger: `.o_community_entry:first-child${current("dangerous")}` },
        { content: "With its person", trigger: ".o_community_desk_person:contains(leo)" },
        {
            content: "A colleague changes it: it is read again, and that takes a while",
            trigger: ".o_community_desk",
            run: ({ anchor }) => {
                hold();
                const id = parseInt(anchor.querySelector(".o_community_entry_current").dataset.mention, 10);
                odoo.__WOWL_DEBUG__.root.env.bus.trigger("community:changed", { id, theirs: true });
            },
        },
        { content: "Meanwhile the person goes on", trigger: ".o_community_desk", run: key("j") },
        { content: "To another one", trigger: ".o_community_desk_person:contains(zoe)" },
        { content: "The slow answer comes", trigger: ".o_community_desk", run: release },
        {
            content: "It changes nothing about what is looked at",
            trigger: ".o_community_desk_person:contains(zoe):not(:contains(leo))",
        },
        { content: "The other one is still chosen", trigger: current("When does acme open") },
    ],
});
