import { registry } from "@web/core/registry";
import { GraphController } from "@web/views/graph/graph_controller";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";
import { PivotController } from "@web/views/pivot/pivot_controller";
import { pivotView } from "@web/views/pivot/pivot_view";
import { withHeading } from "@community_manager/report_heading/report_heading";

/** Leaves out what has no figure: drawn as 0 it would look like the worst there is. */
class ReportGraphModel extends GraphModel {
    _getProcessedDataPoints() {
        const points = super._getProcessedDataPoints();
        return points.filter((point) => point.value !== false && point.value !== null);
    }
}

const views = registry.category("views");
views.add("community_report_graph", {
    ...graphView,
    Controller: withHeading(GraphController, "community_manager.ReportGraphView"),
    Model: ReportGraphModel,
});
views.add("community_report_pivot", {
    ...pivotView,
    Controller: withHeading(PivotController, "community_manager.ReportPivotView"),
});
