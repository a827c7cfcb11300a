import { onWillUnmount, status, useEffect, useExternalListener, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { Record } from "@web/model/record";
import { useSetupAction } from "@web/search/action_hook";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { CommunityBanner } from "../banner/banner";
import { SAID } from "../reply_box/reply_box";
import { KeysDialog, stepOf } from "./desk_keys";
import { CHANGED, DeskPanes } from "./desk_panes";
import { DeskQueue } from "./desk_queue";
import { DeskUndo } from "./desk_undo";

const MODEL = "community.mention";
/** Type of the messages on Odoo's bus (see `community.news`). */
const NEWS = "community_manager.news";
/** Milliseconds after news until the queue is read again: what comes together is read together. */
const SOON = 150;
/** Milliseconds between two readings at least and at most, and how many times as long as a reading takes. */
const PAUSE = { least: 1000, most: 15000, share: 4 };
/** Milliseconds for which a change is known to be one of this tab. */
const OWN = 3000;

/** What is said when something was done; what is not named here asks for more in a dialog of its own. */
const DONE = {
    assign: _t("Assigned to you"),
    done: _t("Done"),
    ignore: _t("Ignored"),
    snooze: _t("Snoozed"),
    reopen: _t("Back in the queue"),
};

/** The inbox as a workplace: the queue, the conversation, the person. */
export class DeskController extends KanbanController {
    static template = "community_manager.DeskView";
    static components = { ...KanbanController.components, CommunityBanner, DeskPanes, Record };

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.ui = useService("ui");
        this.notification = useService("notification");
        this.bus = useService("bus_service");
        const saved = this.props.state?.desk || {};
        this.desk = {
            state: useState({
                id: saved.id || false, // the mention that is looked at
                pane: saved.id && this.env.isSmall ? "talk" : "queue", // the one that a phone shows
                acts: [],
                figures: null,
                news: 0, // arrived above or beyond what is in view
                fresh: [], // ids that arrived and were not looked at
                told: "", // what a colleague did with the mention that is looked at
            }),
            step: (by) => this.step(by),
            act: (code) => this.act(code),
            show: (pane) => (this.desk.state.pane = pane),
            offer: (id, acts) => id === this.desk.state.id && (this.desk.state.acts = acts),
            openForm: (id) => this.openForm(id),
        };
        this.undo = new DeskUndo({
            notification: this.notification,
            action: this.actionService,
            takeBack: (step) => this.takeBack(step),
        });
        this.recordContext = this.props.context;
        this.known = null; // ids that the queue showed
        this.lastLook = 0;
        this.pause = PAUSE.least;
        this.own = new Map(); // mention → when this tab changed it
        this.changed = new Set();
        this.figures = new KeepLast(); // those of the last look count, whichever answer comes first

        // whoever comes back from a record finds the place again
        useSetupAction({ getLocalState: () => ({ desk: { id: this.desk.state.id } }) });
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev));
        const onNews = (message) => this.onNews(message);
        this.bus.subscribe(NEWS, onNews);
        useBus(this.env.bus, SAID, () => this.lookSoon());
        onWillUnmount(() => {
            this.bus.unsubscribe(NEWS, onNews);
            browser.clearTimeout(this.timer);
            this.undo.forget();
        });
        useEffect(
            (ready) => ready && this.onQueueChanged(),
            () => [this.model.isReady, this.model.root, this.entryIds.join()]
        );
    }

    get className() {
        return `${super.className || ""} o_community_desk_small_${this.env.isSmall ? "yes" : "no"}`;
    }

    // -- the queue ----------------------------------------------------------------------------------------------------

    /** The records of the queue as they stand below each other. */
    get entries() {
        const { root } = this.model;
        if (!root || this.model.useSampleModel) {
            return [];
        }
        return root.isGrouped
            ? root.groups.filter((group) => !group.isFolded).flatMap((group) => group.list.records || [])
            : root.records;
    }

    get entryIds() {
        return this.model.isReady ? this.entries.map((record) => record.resId) : [];
    }

    onQueueChanged() {
        const ids = this.entryIds;
        const { state } = this.desk;
        if (!state.id && ids.length && !this.env.isSmall) {
            this.select(ids[0]);
        }
        this.known = new Set(ids);
        this.loadFigures();
    }

    async loadFigures() {
        const { domain } = this.model.root;
        this.desk.state.figures = await this.figures.add(this.orm.silent.call(MODEL, "get_desk", [domain]));
    }

    counted(number) {
        const { most } = this.desk.state.figures;
        return number > most ? `${most}+` : String(number);
    }

    get waitingLabel() {
        return _t("%s waiting", this.counted(this.desk.state.figures.waiting));
    }

    get overdueLabel() {
        return _t("%s overdue", this.counted(this.desk.state.figures.overdue));
    }

    get newsLabel() {
        return _t("%s new", this.desk.state.news);
    }

    openRecord(record, { newWindow } = {}) {
        if (newWindow) {
            return super.openRecord(record, { newWindow });
        }
        this.select(record.resId);
        this.desk.state.pane = "talk";
    }

    openForm(id) {
        return this.props.selectRecord(id, { activeIds: this.entryIds });
    }

    select(id) {
        const { state } = this.desk;
        Object.assign(state, { id, told: "", acts: [], fresh: state.fresh.filter((one) => one !== id) });
    }

    step(by) {
        const ids = this.entryIds;
        const place = ids.indexOf(this.desk.state.id);
        const next = place < 0 ? 0 : Math.min(Math.max(place + by, 0), ids.length - 1);
        if (ids.length && ids[next] !== this.desk.state.id) {
            this.select(ids[next]);
        }
    }

    /**
     * Read the queue again where it stands; what is looked at stays.
     *
     * @param {Object} [params] what is to be read in its place
     * @returns {Promise<Boolean>} false when the person has gone elsewhere meanwhile: nothing is left to show
     */
    async reload(params) {
        const start = Date.now();
        try {
            await this.model.root.load(params);
        } catch (error) {
            // it waited for another load, and meanwhile the person has gone elsewhere
            if (status(this) === "destroyed") {
                return false;
            }
            throw error;
        }
        this.lastLook = Date.now();
        // news may come by the hundred: a server that is busy is asked less often
        const { least, most, share } = PAUSE;
        this.pause = Math.min(most, Math.max(least, share * (this.lastLook - start)));
        return status(this) !== "destroyed";
    }

    // -- news ---------------------------------------------------------------------------------------------------------

    onNews({ company_id, count, ids, more }) {
        if (!user.activeCompanies.some((company) => company.id === company_id)) {
            return;
        }
        const now = Date.now();
        const theirs = ids.filter((id) => now - (this.own.get(id) || 0) > OWN);
        theirs.forEach((id) => this.changed.add(id));
        if (count || more || theirs.length) {
            this.lookSoon(); // what was not in the queue may have come back into it
        }
    }

    lookSoon() {
        if (this.timer) {
            return;
        }
        const wait = Math.max(SOON, this.lastLook + this.pause - Date.now());
        this.timer = browser.setTimeout(async () => {
            this.timer = null;
            await this.look();
        }, wait);
    }

    /** See what is new, without taking anything away from the person who works here. */
    async look() {
        if (!this.model.isReady || status(this) === "destroyed") {
            return;
        }
        const { state } = this.desk;
        const { root } = this.model;
        this.tellChanges();
        if (root.selection?.length || (!root.isGrouped && root.offset)) {
            // a choice is being made, or another page is read: only say that there is something
            this.lastLook = Date.now();
            const count = await this.orm.silent.searchCount(MODEL, root.domain, { limit: 1001 });
            state.news = Math.max(0, count - root.count);
            return;
        }
        const before = this.known;
        const count = root.count;
        if (!(await this.reload()) || !before) {
            return; // where it had not been shown yet, everything would be new
        }
        const fresh = this.entryIds.filter((id) => !before.has(id));
        state.fresh = [...new Set([...state.fresh, ...fresh])].filter((id) => this.entryIds.includes(id));
        const beyond = fresh.length ? 0 : Math.max(0, this.model.root.count - count);
        state.news = Math.max(state.fresh.length, state.news, beyond);
        if (beyond) {
            this.loadFigures(); // what is in view is the same, how many wait is not
        }
    }

    /** A colleague changed what is looked at: show it as it is now, and say so. */
    tellChanges() {
        const { state } = this.desk;
        if (this.changed.has(state.id)) {
            this.env.bus.trigger(CHANGED, { id: state.id, theirs: true });
        }
        this.changed.clear();
    }

    async showNews() {
        const { state } = this.desk;
        const [first] = state.fresh;
        if (!first && !(await this.reload({ offset: 0 }))) {
            return;
        }
        Object.assign(state, { news: 0, fresh: [] });
        const queue = this.rootRef.el.querySelector(".o_community_queue");
        const entry = first && queue.querySelector(`[data-mention="${first}"]`);
        if (entry) {
            entry.scrollIntoView({ block: "nearest" });
        } else {
            queue.scrollTop = 0;
        }
    }

    // -- steps --------------------------------------------------------------------------------------------------------

    onKeydown(ev) {
        if (this.ui.activeElement !== document) {
            return;
        }
        const typing = ev.target instanceof HTMLElement && ev.target.closest(".o_community_desk textarea");
        if (ev.key === "Escape" && typing && !ev.defaultPrevented) {
            ev.target.blur();
            return;
        }
        if (ev.target === document.body && ["ArrowDown", "ArrowUp"].includes(ev.key) && !ev.shiftKey) {
            ev.preventDefault();
            this.step(ev.key === "ArrowDown" ? 1 : -1);
            return;
        }
        const what = stepOf(ev);
        if (what) {
            ev.preventDefault();
            this.run(what);
        }
    }

    run(what) {
        const { state } = this.desk;
        const steps = {
            next: () => this.step(1),
            previous: () => this.step(-1),
            reply: () => this.reply(),
            undo: () => this.undo.undo(),
            keys: () => this.showKeys(),
            open: () => state.id && this.openForm(state.id),
        };
        if (steps[what]) {
            return steps[what]();
        }
        if (state.id && state.acts.includes(what)) {
            return this.act(what);
        }
    }

    reply() {
        this.desk.state.pane = "talk";
        this.rootRef.el.querySelector(".o_community_desk .o_community_reply textarea")?.focus();
    }

    showKeys() {
        this.dialog.add(KeysDialog, {});
    }

    openBoard() {
        return this.actionService.doAction("community_manager.action_inbox_board", { clearBreadcrumbs: true });
    }

    /**
     * Do something with the mention that is looked at, and go on to the next when it leaves the queue.
     *
     * @param {String} code one of those that the server announced
     */
    async act(code) {
        const { id } = this.desk.state;
        if (this.busy || !id) {
            return;
        }
        this.busy = true;
        try {
            this.own.set(id, Date.now());
            const found = await this.orm.call(MODEL, "desk_act", [[id], code]);
            if (found.action) {
                await this.ask(id, code, found);
            } else {
                await this.afterAct(id, code, found);
            }
        } finally {
            this.busy = false;
        }
    }

    /** The act asks for more in a dialog, or leads elsewhere. */
    ask(id, code, found) {
        return this.actionService.doAction(found.action, {
            onClose: async () => {
                if (status(this) === "destroyed") {
                    return; // the dialog led elsewhere
                }
                this.own.set(id, Date.now());
                const after = await this.orm.call(MODEL, "get_undo_values", [[id]]);
                await this.afterAct(id, code, { ...found, after });
            },
        });
    }

    async afterAct(id, code, { before, after, made }) {
        const ids = this.entryIds;
        const place = ids.indexOf(id);
        if (!(await this.reload())) {
            return; // nothing to go on to, and nowhere to take it back
        }
        const left = this.entryIds;
        if (this.desk.state.id === id) {
            if (place >= 0 && left.length && !left.includes(id)) {
                // the place in the queue stays: what was next is there now
                const next = ids.slice(place + 1).find((one) => left.includes(one));
                this.select(next || left[Math.min(place, left.length - 1)]);
            } else if (!left.length) {
                this.select(false);
                this.desk.state.pane = "queue";
            } else {
                this.env.bus.trigger(CHANGED, { id, theirs: false });
            }
        }
        if (made) {
            this.undo.tellMade(code, { id, before, after, made });
        } else if (JSON.stringify(before) !== JSON.stringify(after)) {
            this.undo.offer(DONE[code] || _t("Changed"), { id, before, after });
        }
    }

    async takeBack({ id, before, after, made }) {
        this.own.set(id, Date.now());
        await this.orm.call(MODEL, "action_undo", [[id], before, after, made]);
        if (!(await this.reload())) {
            return;
        }
        if (this.desk.state.id === id) {
            this.env.bus.trigger(CHANGED, { id, theirs: false });
        } else {
            this.select(id);
        }
    }
}

export const deskView = { ...kanbanView, Controller: DeskController, Renderer: DeskQueue };

registry.category("views").add("community_desk", deskView);
