import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const CSV = [
    "Fecha;Autor;Texto;Enlace",
    "13/01/2026 10:00;Ana;The acme chair is lovely;https://shop.example/1",
    "14/01/2026 11:00;Ben;My acme chair squeaks;https://shop.example/2",
    "31/31/2026;Eve;No such day;",
].join("\n");

function choose(input, name, content) {
    const files = new DataTransfer();
    files.items.add(new File([content], name, { type: "text/csv" }));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

function call(model, method, args) {
    return rpc(`/web/dataset/call_kw/${model}/${method}`, { model, method, args, kwargs: {} });
}

/** What the server does by itself every minute. */
async function runScheduledAction() {
    const ids = await call("ir.cron", "search", [[["cron_name", "=", "Community: listen to channels"]]]);
    await call("ir.cron", "method_direct_trigger", [ids]);
}

registry.category("web_tour.tours").add("community_manager_import", {
    url: "/odoo/community-imports",
    steps: () => [
        { content: "Bring a file", trigger: ".o_list_button_add", run: "click" },
        {
            content: "Choose it",
            trigger: ".o_field_widget[name=file] input[type=file]:not(:visible)",
            run: ({ anchor }) => choose(anchor, "reviews.csv", CSV),
        },
        { content: "It is chosen", trigger: ".o_field_widget[name=file] input:value(reviews.csv)" },
        { content: "Read it", trigger: "button[name=action_read]", run: "click" },
        { content: "Its rows are counted", trigger: ".o_field_widget[name=preview]:contains(The file has 3 rows.)" },
        {
            content: "The first arrives",
            trigger: ".o_field_widget[name=preview] td:contains(The acme chair is lovely)",
        },
        {
            content: "The bad one says why",
            trigger: ".o_field_widget[name=preview] td.text-danger:contains(31/31/2026)",
        },
        { content: "What the columns mean", trigger: ".nav-link[name=columns]", run: "click" },
        { content: "A column was guessed", trigger: ".o_field_widget[name=column_ids] td:contains(Author: name)" },
        { content: "Import", trigger: "button[name=action_start]", run: "click" },
        { content: "It is done", trigger: ".o_arrow_button_current:contains(Done)" },
        { content: "Two are stored", trigger: ".o_field_widget[name=stored]:contains(2)" },
        { content: "One was rejected", trigger: ".o_field_widget[name=rejected]:contains(1)" },
        { content: "And can be fetched", trigger: ".o_field_widget[name=error_file]" },
        { content: "Look at the mentions", trigger: "button[name=action_open_mentions]", run: "click" },
        { content: "There they are", trigger: ".o_view_controller:contains(My acme chair squeaks)" },
    ],
});

registry.category("web_tour.tours").add("community_manager_import_progress", {
    steps: () => [
        { content: "It runs", trigger: ".o_arrow_button_current:contains(Running)" },
        {
            content: "How far it is, while the server works",
            trigger: ".o_field_widget[name=progress] .o_progress",
            run: runScheduledAction,
        },
        {
            content: "It shows by itself when it is done",
            trigger: ".o_arrow_button_current:contains(Done)",
            timeout: 30000,
        },
        { content: "With its result", trigger: ".o_field_widget[name=stored]:contains(25)" },
    ],
});
