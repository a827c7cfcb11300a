import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const MODEL = "community.lesson";

/** The questions of a lesson: choose, check, see why, and try again. */
export class Lesson extends Component {
    static template = "community_manager.Lesson";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ questions: [], chosen: {}, result: null, score: 0, mine: "new", busy: false });
        onWillStart(() => this.load(this.props.record.resId));
        useRecordObserver((record) => {
            if (this.resId !== undefined && this.resId !== record.resId) {
                this.load(record.resId);
            }
        });
    }

    async load(resId) {
        this.resId = resId;
        const found = resId ? await this.orm.call(MODEL, "get_questions", [[resId]]) : { questions: [], score: 0 };
        Object.assign(this.state, {
            questions: found.questions,
            score: found.score,
            mine: found.state,
            chosen: {},
            result: null,
        });
    }

    get isComplete() {
        return this.state.questions.every((question) => this.state.chosen[question.id]);
    }

    choose(question, choice) {
        this.state.chosen[question.id] = choice.id;
    }

    outcome(question) {
        return this.state.result?.questions[question.id];
    }

    async check() {
        this.state.busy = true;
        try {
            this.state.result = await this.orm.call(MODEL, "answer_questions", [
                [this.resId],
                { ...this.state.chosen },
            ]);
            await this.props.record.load();
        } finally {
            this.state.busy = false;
        }
    }

    /** Nothing is asked of the server: what somebody chooses meanwhile would be forgotten when it answers. */
    again() {
        const score = Math.max(this.state.score, this.state.result.score);
        Object.assign(this.state, { chosen: {}, result: null, score, mine: "answered" });
    }
}

registry.category("view_widgets").add("community_lesson", { component: Lesson });
