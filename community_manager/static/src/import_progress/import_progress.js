import { onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";

const PAUSE = 1500;

/** A progress bar that reads its record again while the work behind it goes on. */
export class ImportProgress extends ProgressBarField {
    setup() {
        super.setup();
        let timer = null;
        useRecordObserver((record) => {
            browser.clearTimeout(timer);
            if (record.data.state === "running") {
                timer = browser.setTimeout(() => record.load(), PAUSE);
            }
        });
        onWillUnmount(() => browser.clearTimeout(timer));
    }
}

registry.category("fields").add("community_import_progress", {
    ...progressBarField,
    component: ImportProgress,
    displayName: _t("Progress of an import"),
});
