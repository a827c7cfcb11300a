import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

/** Milliseconds between two beats; after 30 seconds without one somebody counts as gone. */
export const BEAT = 14000;
/** Milliseconds without a key after which somebody only looks again. */
const PAUSE = 20000;
const ROUTE = "/community_manager/presence";
const MESSAGE = "community_manager.presence";

/**
 * Who else looks at, or answers, the conversation that is open here.
 *
 * One conversation at a time is watched: whoever opens another one, or calls `leave`, is gone from the first. A hidden
 * tab is silent, so that nobody seems to look who does not.
 */
export const presenceService = {
    dependencies: ["bus_service"],
    start(env, { bus_service: bus }) {
        /** `resId`: the mention that is watched; `others`: `{ id, name, doing }` of everybody else who is there. */
        const state = reactive({ resId: false, others: [] });
        let doing = "look";
        let timer;
        let pause;
        let beats = 0;
        let owner;

        async function beat() {
            browser.clearTimeout(timer);
            const { resId } = state;
            const mine = ++beats;
            if (!resId || document.visibilityState === "hidden") {
                return;
            }
            timer = browser.setTimeout(beat, BEAT);
            // whoever is offline, or lost the right to read it, is told by what they do next, not by this
            const others = await rpc(ROUTE, { mention_id: resId, doing }, { silent: true }).catch(() => []);
            if (mine === beats) {
                state.others = others; // no later beat is under way, of this conversation or of another
            }
        }

        function gone(resId) {
            rpc(ROUTE, { mention_id: resId, doing: "" }, { silent: true }).catch(() => {});
        }

        function watch(resId, by) {
            owner = by;
            if (resId === state.resId) {
                return;
            }
            if (state.resId) {
                gone(state.resId);
            }
            doing = "look";
            Object.assign(state, { resId: resId || false, others: [] });
            beat();
        }

        function leave(by) {
            if (by && by !== owner) {
                return; // somebody else watches already
            }
            watch(false);
            browser.clearTimeout(timer);
            browser.clearTimeout(pause);
        }

        function writing(resId) {
            if (resId && resId !== state.resId) {
                watch(resId, owner);
            }
            browser.clearTimeout(pause);
            pause = browser.setTimeout(() => look(), PAUSE);
            if (doing !== "write") {
                doing = "write";
                beat();
            }
        }

        function look() {
            browser.clearTimeout(pause);
            if (doing !== "look") {
                doing = "look";
                beat();
            }
        }

        bus.subscribe(MESSAGE, ({ user_id: userId, doing: done }) => {
            if (!state.resId || userId === user.userId) {
                return;
            }
            const known = state.others.find((other) => other.id === userId);
            if (!done) {
                state.others = state.others.filter((other) => other.id !== userId);
            } else if (known) {
                known.doing = done;
            } else {
                beat(); // the name is not in the message
            }
        });
        browser.addEventListener("visibilitychange", () => beat());
        browser.addEventListener("pagehide", () => state.resId && gone(state.resId));

        return { state, watch, writing, look, leave };
    },
};

registry.category("services").add("community_presence", presenceService);
