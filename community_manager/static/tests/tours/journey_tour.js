import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const line = ".o_community_journey_line";
const moment = (place) => `${line} .o_community_moment:nth-child(${place})`;

registry.category("web_tour.tours").add("community_journey", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        {
            content: "Over-service",
            trigger: "[data-menu-xmlid='community_manager.menu_overservice']",
            run: "click",
        },
        {
            content: "Journeys",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_journeys']",
            run: "click",
        },
        { content: "A new one", trigger: ".o_list_button_add", run: "click" },
        { content: "Its name", trigger: ".o_field_widget[name=name] input", run: "edit Chairs" },
        {
            content: "The empty journey says what to do",
            trigger: ".o_community_journey_empty button:contains(Add the first moment)",
            run: "click",
        },
        { content: "What happens", trigger: ".modal .o_field_widget[name=name] input", run: "edit Bought" },
        { content: "Save it", trigger: ".modal .o_form_button_save", run: "click" },
        { content: "It stands in the line", trigger: `${moment(1)}:contains(Bought)` },
        { content: "One more", trigger: ".o_community_moment_add", run: "click" },
        { content: "It follows the first", trigger: ".modal .o_field_widget[name=after_days] input", run: "edit 3" },
        { content: "Its name", trigger: ".modal .o_field_widget[name=name] input", run: "edit Sat in" },
        { content: "Save it", trigger: ".modal .o_form_button_save", run: "click" },
        {
            content: "They stand in their order",
            trigger: `${moment(2)}:contains(Sat in):contains(3 days after the moment before)`,
        },
        { content: "Move it to the left", trigger: `${moment(2)} button[title='Move to the left']`, run: "click" },
        { content: "It is the first now", trigger: `${moment(1)}:contains(Sat in)` },
        { content: "And back", trigger: `${moment(1)} button[title='Move to the right']`, run: "click" },
        { content: "It is the second again", trigger: `${moment(2)}:contains(Sat in)` },
        { content: "Back to the list", trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { content: "The journey with customers", trigger: ".o_data_row:contains(Lamps) .o_data_cell", run: "click" },
        {
            content: "It says where it goes wrong",
            trigger: ".o_community_journey_sentence:contains(1 are served late)",
        },
        {
            content: "Who is late",
            trigger: `${line} .o_community_zone_late:contains(1)`,
            run: "click",
        },
        { content: "There they are", trigger: ".o_data_row:contains(Ann Field):contains(Late)" },
        { content: "And nobody else", trigger: ".o_list_view:not(:has(.o_data_row:contains(Ben Hill)))" },
    ],
});

registry.category("web_tour.tours").add("community_result", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        {
            content: "Reports",
            trigger: "[data-menu-xmlid='community_manager.menu_reporting']",
            run: "click",
        },
        {
            content: "Over-service",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_campaign_results']",
            run: "click",
        },
        {
            content: "It says in a sentence what was too much",
            trigger: ".o_community_report_heading:contains(1, or 25.0%, were contacted too much)",
        },
        { content: "As a list", trigger: ".o_switch_view.o_list", run: "click" },
        {
            content: "The campaign",
            trigger: ".o_data_row:contains(Tables) .o_data_cell[name=campaign_id]",
            run: "click",
        },
        { content: "The picture", trigger: ".nav-link[name=picture]", run: "click" },
        {
            content: "A card for the step, with what was done",
            trigger: ".o_community_flow_card:contains(Write it down):contains(4 done)",
            run: "click",
        },
        { content: "The step opens", trigger: ".modal .o_field_widget[name=kind]" },
        { content: "Close it", trigger: ".modal .btn-close", run: "click" },
        { content: "What it did", trigger: "body:not(:has(.modal)) .nav-link[name=results]", run: "click" },
        {
            content: "It says so where there are too few to tell",
            trigger: ".o_field_widget[name=result_text]:contains(Too few to tell)",
        },
        { content: "And whom it contacted too much", trigger: ".o_data_row:contains(In the campaign):contains(25%)" },
    ],
});
