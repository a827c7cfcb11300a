import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("community_rule_lines", {
    steps: () => [
        { content: "A new rule", trigger: ".o_list_button_add", run: "click" },
        { content: "Its name", trigger: ".o_field_widget[name=name] input", run: "edit Shared in turn" },
        { content: "Its words", trigger: ".o_field_widget[name=keywords] textarea", run: "edit lampshade*" },
        {
            content: "One more thing that happens",
            trigger: ".o_field_widget[name=action_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "In turn",
            trigger: ".modal .o_field_widget[name=kind] input, .modal .o_field_widget[name=kind] select",
            run() {
                const select = this.anchor;
                if (select.tagName === "SELECT") {
                    select.value = [...select.options].find((one) => one.text === "Assign in turn").value;
                    select.dispatchEvent(new Event("change", { bubbles: true }));
                } else {
                    select.click();
                }
            },
        },
        {
            content: "Choose it where a list opens",
            trigger: ".o_select_menu_item:contains(Assign in turn), .modal select",
            run() {
                if (this.anchor.tagName !== "SELECT") {
                    this.anchor.click();
                }
            },
        },
        { content: "It says who is passed over", trigger: ".modal p:contains(passed over)" },
        { content: "Keep the line", trigger: ".modal .o_form_button_save", run: "click" },
        { content: "It stands there in words", trigger: ".o_field_widget[name=action_ids]:contains(Assign in turn)" },
        { content: "More conditions", trigger: ".nav-link[name=conditions_more]", run: "click" },
        { content: "Customers only", trigger: ".o_field_widget[name=life_customer] input", run: "click" },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        { content: "Saved", trigger: ".o_form_saved" },
    ],
});

tours.add("community_rule_paused", {
    steps: () => [
        { content: "It says that it paused itself", trigger: ".alert-danger:contains(paused itself)" },
        { content: "Undo what it did", trigger: "button[name=action_undo_batch]", run: "click" },
        { content: "Sure", trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { content: "It was undone", trigger: ".o_notification:contains(Undone)" },
        { content: "Let it go on", trigger: "button[name=action_resume]", run: "click" },
        { content: "It works again", trigger: "body:not(:has(button[name=action_resume]:visible))" },
    ],
});

tours.add("community_participation", {
    steps: () => [
        { content: "A draft", trigger: ".o_field_widget[name=rule_ids]:contains(No insults)" },
        { content: "Publish", trigger: "button[name=action_publish]", run: "click" },
        { content: "Sure", trigger: ".modal .modal-footer .btn-primary", run: "click" },
        {
            content: "The page has an address",
            trigger: ".o_field_widget[name=page_url]:contains(/community/participation/)",
        },
    ],
});
