import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("community_picture", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("community_manager.menu_root", "Open the community"),
        {
            content: "People",
            trigger: "[data-menu-xmlid='community_manager.menu_people']",
            run: "click",
        },
        {
            content: "The picture",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_community_picture']",
            run: "click",
        },
        {
            content: "Nothing is counted yet, which is said",
            trigger: ".o_view_nocontent:contains(There is nothing to draw yet)",
        },
        {
            content: "A manager need not wait for the night",
            trigger: ".o_community_picture_refresh",
            run: "click",
        },
        {
            content: "A sentence says what the picture shows",
            trigger: ".o_community_picture_sentence:contains(Marta connects them)",
        },
        {
            content: "It is drawn",
            trigger: ".o_community_picture_canvas",
            run() {
                const { width, height } = this.anchor;
                const { data } = this.anchor.getContext("2d").getImageData(0, 0, width, height);
                if (!width || !data.some((value, place) => place % 4 === 3 && value > 200)) {
                    throw new Error("the canvas is empty");
                }
            },
        },
        {
            content: "Colours by feeling",
            trigger: ".o_community_picture_feeling",
            run: "click",
        },
        {
            content: "With their legend",
            trigger: ".o_community_picture_legend:contains(Against us)",
        },
        {
            content: "Less time",
            trigger: ".o_community_picture_time",
            run: "range 1",
        },
        {
            content: "Which is said",
            trigger: ".o_community_picture_period:contains(Last 30 days)",
        },
        {
            content: "The same without a canvas",
            trigger: ".o_community_picture_as_list",
            run: "click",
        },
        {
            content: "Everybody is there",
            trigger: ".o_community_picture_list li:contains(Leo)",
        },
        {
            content: "Find somebody",
            trigger: ".o_community_picture_search",
            run: "edit mart",
        },
        {
            content: "The others are gone from the list",
            trigger: ".o_community_picture_list ol:not(:contains(Leo)) li:contains(Marta):contains(Connects 2 groups)",
        },
        {
            content: "Open the person",
            trigger: ".o_community_picture_list li a:contains(Marta)",
            run: "click",
        },
        {
            content: "It says why they are heard",
            trigger: ".o_form_view .o_field_widget[name=heard_because]:contains(answer or share them)",
        },
        {
            content: "The figures",
            trigger: "button[name=action_open_influence]",
            run: "click",
        },
        {
            content: "And how they are made",
            trigger: ".o_field_widget[name=parts_text]:contains(of 50 for who answers and shares them)",
        },
        {
            content: "Reports",
            trigger: "[data-menu-xmlid='community_manager.menu_reporting']",
            run: "click",
        },
        {
            content: "The list of all",
            trigger: ".o-dropdown--menu [data-menu-xmlid='community_manager.menu_influence']",
            run: "click",
        },
        {
            content: "Marta is first",
            trigger: ".o_data_row:first:contains(Marta):contains(Heard because)",
        },
    ],
});
