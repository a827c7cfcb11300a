import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

/** Address that a test hands over in a cookie, because it is known only when its server has started. */
function fromCookie(name) {
    const entry = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
    return entry ? decodeURIComponent(entry.slice(name.length + 1)) : "";
}

const openCommunity = [
    ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
    { content: "The inbox is there", trigger: ".o_community_desk" },
];

const connect = (network) => [
    { content: "Networks are shown", trigger: ".o_community_networks" },
    {
        content: "Pick the network",
        trigger: `.o_community_networks .o_kanban_record:contains(${network})`,
        run: "click",
    },
    { content: "Its first step opens", trigger: ".modal .o_community_wizard .o_community_access" },
];

tours.add("community_agent_inbox", {
    url: "/odoo",
    steps: () => [
        ...openCommunity,
        {
            content: "No configuration for agents",
            trigger: ".o_menu_sections:not(:has([data-menu-xmlid='community_manager.menu_configuration']))",
        },
        {
            content: "Open a mention",
            trigger: ".o_kanban_record:contains(Three weeks and no chair)",
            run: "click",
        },
        {
            content: "It is shown beside the queue",
            trigger: ".o_community_desk_talk .o_community_current mark:contains(acme)",
        },
        { content: "Open the whole record", trigger: ".o_community_desk_open", run: "click" },
        {
            content: "What matched is marked",
            trigger: ".o_form_view .o_community_current mark:contains(acme)",
        },
        {
            content: "What we said before stands apart",
            trigger: ".o_community_ours:contains(We look into it)",
        },
        {
            content: "An earlier text can be read",
            trigger: ".o_community_current button:contains(show earlier texts)",
            run: "click",
        },
        { content: "There it is", trigger: ".o_community_versions:contains(Two weeks and no chair)" },
        { content: "No picture of elsewhere is loaded", trigger: ".o_community_conversation:not(:has(img))" },
        {
            content: "The attachment is a link",
            trigger: ".o_community_current a[href='https://social.example/chair.jpg']",
        },
        { content: "Take it", trigger: "button[name=action_assign_to_me]", run: "click" },
        {
            content: "It is in progress",
            trigger: ".o_arrow_button_current[data-value=open]",
        },
        { content: "It cannot be taken twice", trigger: ".o_form_view:not(:has(button[name=action_assign_to_me]))" },
        { content: "Make a lead", trigger: "button[name=action_create_lead]", run: "click" },
        {
            content: "The lead is open and quotes it",
            trigger:
                ".o_form_view:contains(Three weeks and no chair) .o_field_widget[name=team_id], .o_lead_opportunity_form",
        },
    ],
});

tours.add("community_admin_webhook", {
    url: "/odoo/community-connect",
    steps: () => [
        ...connect("Webhook"),
        {
            content: "Name it",
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Shop reviews",
        },
        { content: "Test", trigger: ".modal button[name=action_test]", run: "click" },
        { content: "It works", trigger: ".modal .alert-success:contains(Ready to receive)" },
        { content: "Make a key", trigger: ".modal .o_community_make_key", run: "click" },
        { content: "The key is shown", trigger: ".modal .o_community_key_value" },
        { content: "Choose topics", trigger: ".modal button[name=action_to_topics]", run: "click" },
        {
            content: "Back works",
            trigger: ".modal .o_field_widget[name=topic_ids]",
        },
        { content: "Go back", trigger: ".modal button[name=action_back]", run: "click" },
        { content: "The key is not shown again", trigger: ".modal .o_community_make_key" },
        { content: "On again", trigger: ".modal button[name=action_to_topics]", run: "click" },
        {
            content: "Make a topic",
            trigger: ".modal .o_field_widget[name=new_topic] input",
            run: "edit Our chairs",
        },
        {
            content: "With two words",
            trigger: ".modal .o_field_widget[name=new_words] textarea",
            run: ({ edit }) => edit("chair*\narmchair"),
        },
        { content: "First mentions", trigger: ".modal button[name=action_to_preview]", run: "click" },
        { content: "Start", trigger: ".modal button[name=action_start]:contains(Start listening)", run: "click" },
        {
            content: "The channel listens",
            trigger: ".o_community_channel .o_arrow_button_current[data-value=listening]",
        },
        { content: "It has its name", trigger: ".o_community_channel .o_field_widget[name=name] :value(Shop reviews)" },
        { content: "No dialog is left", trigger: "body:not(:has(.modal))" },
    ],
});

tours.add("community_admin_feed", {
    url: "/odoo/community-connect",
    steps: () => [
        ...connect("Feed"),
        {
            content: "Test without an address",
            trigger: ".modal button[name=action_test]",
            run: "click",
        },
        { content: "It says what is missing", trigger: ".modal .alert-danger:contains(still needs)" },
        { content: "Go back", trigger: ".modal button[name=action_back]", run: "click" },
        {
            content: "Enter the address",
            trigger: ".modal [data-setting=url] input",
            async run({ edit, press }) {
                await edit(fromCookie("community_feed"));
                await press("Tab");
            },
        },
        { content: "Test", trigger: ".modal button[name=action_test]", run: "click" },
        { content: "It works", trigger: ".modal .alert-success" },
        { content: "Choose topics", trigger: ".modal button[name=action_to_topics]", run: "click" },
        { content: "Leave every topic", trigger: ".modal .o_field_widget[name=topic_ids]" },
        { content: "First mentions", trigger: ".modal button[name=action_to_preview]", run: "click" },
        {
            content: "What would be kept is told",
            trigger: ".modal .o_field_widget[name=preview]:contains(1 of 2)",
        },
        { content: "With its topic", trigger: ".modal .o_field_widget[name=preview] .badge:contains(Acme)" },
        { content: "Start", trigger: ".modal button[name=action_start]:contains(Start listening)", run: "click" },
        {
            content: "The channel listens",
            trigger: ".o_community_channel .o_arrow_button_current[data-value=listening]",
        },
        { content: "Ask now", trigger: "button[name=action_listen_now]", run: "click" },
        { content: "Progress is shown", trigger: ".o_community_progress:contains(Waiting)" },
    ],
});

tours.add("community_admin_secret", {
    url: "/odoo/community-channels",
    steps: () => [
        { content: "Open the channel", trigger: ".o_data_row .o_data_cell:contains(Toy with a token)", run: "click" },
        {
            content: "Type a secret",
            trigger: "[data-setting=token] input[type=password]",
            run: "edit very-secret-token && press Tab",
        },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        {
            content: "It is stored",
            trigger: ".o_form_saved, .o_form_status_indicator:not(:has(.o_form_button_save:visible))",
        },
        {
            content: "It cannot be read back",
            trigger: "[data-setting=token] input[placeholder*=Stored]",
            run() {
                if (this.anchor.value || document.body.innerHTML.includes("very-secret-token")) {
                    throw new Error("the secret is still on the page");
                }
            },
        },
        {
            content: "What is not secret is saved by keyboard, with the focus still in the input",
            trigger: "[data-setting=source] input",
            run: "edit elsewhere",
        },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        { content: "It is stored", trigger: ".o_form_status_indicator:not(:has(.o_form_button_save:visible))" },
        { content: "The secret can be taken out", trigger: "[data-setting=token] button", run: "click" },
        { content: "It says so", trigger: "[data-setting=token] input[placeholder*=Removed]" },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        {
            content: "Nothing is stored any more",
            trigger: "[data-setting=token] input:not([placeholder*=Removed]):not([placeholder*=Stored])",
        },
        { content: "It is saved", trigger: ".o_form_status_indicator:not(:has(.o_form_button_save:visible))" },
    ],
});

tours.add("community_manager_topic", {
    url: "/odoo",
    steps: () => [
        ...openCommunity,
        {
            content: "Configuration",
            trigger: "[data-menu-xmlid='community_manager.menu_configuration']",
            run: "click",
        },
        {
            content: "Channels are for administrators",
            trigger: ".o-dropdown--menu:not(:has([data-menu-xmlid='community_manager.menu_channels']))",
        },
        {
            content: "Topics",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_topics']",
            run: "click",
        },
        { content: "New topic", trigger: ".o_list_button_add", run: "click" },
        {
            content: "Its name",
            trigger: ".o_field_widget[name=name] input, .o_field_widget[name=name] textarea",
            run: "edit Deliveries",
        },
        {
            content: "Add a word",
            trigger: ".o_field_widget[name=keyword_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Type it",
            trigger: ".o_field_widget[name=keyword_ids] .o_selected_row [name=name] input",
            run: "edit late parcel",
        },
        {
            content: "Add another",
            trigger: ".o_field_widget[name=keyword_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Type it",
            trigger: ".o_field_widget[name=keyword_ids] .o_data_row:nth-child(2).o_selected_row [name=name] input",
            run: "edit courier*",
        },
        ...stepUtils.saveForm(),
    ],
});
