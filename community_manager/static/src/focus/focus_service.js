import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

const MODEL = "community.focus";
const MESSAGE = "community_manager.focus";

/**
 * The focus session of this person: what the server knows of it, and the seconds that are left.
 *
 * The server keeps the session, so a reload, another tab or another browser shows the same clock; every change goes to
 * all tabs by the bus.
 */
export const focusService = {
    dependencies: ["bus_service", "orm", "notification"],
    start(env, { bus_service: bus, orm, notification }) {
        /** `left`: seconds of the session or of the break; `phase`: "off", "work", "paused" or "rest". */
        const state = reactive({ ready: false, phase: "off", left: 0, planned: 25, lengths: [25, 5] });
        let ends = 0;
        let ticking;

        function take(found) {
            const session = found.session;
            const left = session ? session.remaining : found.rest;
            ends = Date.now() + left * 1000;
            Object.assign(state, {
                ready: true,
                phase: session ? (session.paused ? "paused" : "work") : found.rest ? "rest" : "off",
                left: Math.max(0, left),
                planned: session ? session.planned : state.planned,
                lengths: found.lengths,
            });
            browser.clearInterval(ticking);
            if (["work", "rest"].includes(state.phase)) {
                ticking = browser.setInterval(tick, 1000);
            }
            if (found.summary) {
                notification.add(found.summary, { title: _t("Focus session"), type: "success", sticky: true });
            }
            return found;
        }

        function tick() {
            // rounded up: a session that is stopped half a second early was not worked to its end
            state.left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
            if (!state.left) {
                browser.clearInterval(ticking);
                if (state.phase === "work") {
                    stop();
                } else {
                    state.phase = "off";
                    notification.add(_t("The break is over."), { title: _t("Focus session"), type: "info" });
                }
            }
        }

        async function call(method, args = []) {
            return take(await orm.silent.call(MODEL, method, args));
        }

        const load = () => call("get_state");
        const begin = (planned, rest) => call("action_start", [planned, rest]);
        const pause = () => call("action_pause");
        const resume = () => call("action_resume");
        const stop = () => call("action_stop");

        user.hasGroup("community_manager.group_agent").then((agent) => {
            if (agent) {
                bus.subscribe(MESSAGE, take);
                return load();
            }
        });

        return { state, load, begin, pause, resume, stop };
    },
};

registry.category("services").add("community_focus", focusService);
