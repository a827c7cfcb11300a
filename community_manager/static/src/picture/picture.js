import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { FEELING, FEELING_COLORS, GROUP, GROUP_COLORS, OTHER_COLOR, PictureCanvas, SCORE } from "./picture_canvas";

/** Days that the slider can be set to; 0: all that counts. */
const PERIODS = [7, 30, 90, 180, 365, 0];
/** Pixels that a finger or a mouse may move and it is still a click. */
const STILL = 4;
/** Milliseconds without movement after which ties are drawn sharply again. */
const REST = 140;
/** People that the list shows. */
const LISTED = 100;

/** The community as a picture: size is how much somebody is heard, colour the group or the feeling. */
export class CommunityPicture extends Component {
    static template = "community_manager.Picture";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvasRef = useRef("canvas");
        this.display = { controlPanel: {} };
        this.state = useState({
            by: "group",
            period: PERIODS.length - 1,
            search: "",
            hover: -1,
            chosen: -1,
            tip: { x: 0, y: 0 },
            list: false,
            data: { nodes: [], ties: [], groups: [], sentence: "", note: "", reckoned: false },
        });
        this.found = null;
        this.pointers = new Map();
        this.moved = 0;
        onWillStart(() => this.load());
        onMounted(() => {
            this.begin();
        });
        onWillUnmount(() => {
            this.observer?.disconnect();
            cancelAnimationFrame(this.frame);
            clearTimeout(this.rest);
        });
    }

    async load() {
        // not observed: thousands of rows that never change
        const data = await this.orm.call("community.picture", "get_picture", []);
        const { nodes, ties, ...shown } = data;
        this.nodes = nodes;
        this.ties = ties;
        this.colors = new Map(shown.groups.map((group, place) => [group.number, GROUP_COLORS[place]]));
        this.state.data = { ...shown, count: nodes.length };
    }

    begin() {
        if (!this.canvasRef.el) {
            return;
        }
        this.picture = new PictureCanvas(this.canvasRef.el);
        this.picture.setData(this.nodes, this.ties);
        const wanted = this.nodes.findIndex((node) => node[0] === this.props.action.params?.author_id);
        if (wanted >= 0) {
            this.choose(wanted);
        }
        // the list beside it, a turned phone: whatever changes its size
        this.observer = new ResizeObserver(() => this.fit());
        this.observer.observe(this.canvasRef.el);
    }

    fit() {
        this.picture?.resize();
        this.redraw();
    }

    /** Draw with the next frame, once however often it is asked for. */
    redraw() {
        if (this.frame || !this.picture) {
            return;
        }
        this.frame = requestAnimationFrame(() => {
            this.frame = 0;
            const { by, hover, chosen } = this.state;
            this.picture.draw({ by, hover, chosen, colors: this.colors, found: this.found });
        });
    }

    /** Draw while the view moves; what takes long is drawn once it stands still. */
    redrawMoving() {
        this.picture.moving = true;
        clearTimeout(this.rest);
        this.rest = setTimeout(() => {
            this.picture.moving = false;
            this.redraw();
        }, REST);
        this.redraw();
    }

    // -- what is chosen ---------------------------------------------------------------------------------------------

    get periods() {
        return PERIODS.map((days) => (days ? _t("Last %s days", days) : _t("All that counts")));
    }

    get legend() {
        if (this.state.by === "feeling") {
            return [
                { color: FEELING_COLORS.positive, text: _t("For us") },
                { color: FEELING_COLORS.neutral, text: _t("Neutral") },
                { color: FEELING_COLORS.negative, text: _t("Against us") },
                { color: FEELING_COLORS[""], text: _t("Not known") },
            ];
        }
        const groups = this.state.data.groups.map((group) => ({
            color: this.colors.get(group.number),
            text: _t("Around %(name)s (%(people)s)", { name: group.name, people: formatInteger(group.people) }),
        }));
        return [...groups, { color: OTHER_COLOR, text: _t("Others") }];
    }

    get hovered() {
        const place = this.state.hover >= 0 ? this.state.hover : -1;
        return place < 0 ? null : this.describe(place);
    }

    describe(place) {
        const node = this.nodes[place];
        const group = this.state.data.groups.find((one) => one.number === node[GROUP]);
        const words = [_t("Heard: %s of 100", Math.round(node[SCORE]))];
        if (group) {
            words.push(_t("Group around %s", group.name));
        }
        if (node[9] >= 2) {
            words.push(_t("Connects %s groups", node[9]));
        }
        const feelings = { positive: _t("For us"), neutral: _t("Neutral"), negative: _t("Against us") };
        if (feelings[node[FEELING]]) {
            words.push(feelings[node[FEELING]]);
        }
        return { name: node[1], words, id: node[0], place };
    }

    get people() {
        const places = [...this.nodes.keys()].filter((place) => !this.found || this.found.has(place));
        return places.slice(0, LISTED).map((place) => this.describe(place));
    }

    setBy(by) {
        this.state.by = by;
        this.redraw();
    }

    setPeriod(ev) {
        this.state.period = Number(ev.target.value);
        this.picture?.setDays(PERIODS[this.state.period]);
        this.redraw();
    }

    onSearch(ev) {
        const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
        this.state.search = ev.target.value;
        const wanted = plain(this.state.search.trim());
        this.found = wanted
            ? new Set([...this.nodes.keys()].filter((place) => plain(this.nodes[place][1]).includes(wanted)))
            : null;
        this.redraw();
    }

    onSearchKey(ev) {
        if (ev.key === "Enter" && this.found?.size) {
            this.choose(Math.min(...this.found));
        }
    }

    choose(place) {
        this.state.chosen = place;
        this.picture.focus(place);
        this.redraw();
    }

    reset() {
        Object.assign(this.state, { chosen: -1, hover: -1, search: "" });
        this.found = null;
        this.picture?.focus();
        this.redraw();
    }

    zoom(factor) {
        this.picture.zoomAt(factor, this.picture.width / 2, this.picture.height / 2);
        this.redraw();
    }

    async toggleList() {
        this.state.list = !this.state.list;
    }

    async open(id) {
        return this.action.doAction(await this.orm.call("community.picture", "open_person", [id]));
    }

    openInfluence() {
        return this.action.doAction("community_manager.action_influence");
    }

    async refresh() {
        const action = await this.orm.call("community.influence", "action_refresh", [[]]);
        return this.action.doAction(action);
    }

    // -- mouse, fingers, keys ---------------------------------------------------------------------------------------

    place(ev) {
        const box = this.canvasRef.el.getBoundingClientRect();
        return [ev.clientX - box.left, ev.clientY - box.top];
    }

    onWheel(ev) {
        this.picture.zoomAt(Math.exp(-ev.deltaY * 0.0015), ...this.place(ev));
        this.redrawMoving();
    }

    onPointerDown(ev) {
        this.canvasRef.el.setPointerCapture(ev.pointerId);
        if (!this.pointers.size) {
            this.moved = 0;
        }
        this.pointers.set(ev.pointerId, this.place(ev));
    }

    onPointerMove(ev) {
        const [x, y] = this.place(ev);
        const before = this.pointers.get(ev.pointerId);
        if (!before) {
            const hover = this.picture.at(x, y);
            if (hover !== this.state.hover) {
                this.state.hover = hover;
                this.redraw();
            }
            Object.assign(this.state.tip, { x, y });
            return;
        }
        const others = [...this.pointers].filter(([id]) => id !== ev.pointerId).map(([, spot]) => spot);
        this.pointers.set(ev.pointerId, [x, y]);
        this.moved += Math.hypot(x - before[0], y - before[1]);
        if (others.length) {
            const [other] = others;
            const [was, is] = [before, [x, y]].map((spot) => Math.hypot(spot[0] - other[0], spot[1] - other[1]));
            this.picture.zoomAt(is / Math.max(was, 1), (x + other[0]) / 2, (y + other[1]) / 2);
        } else if (this.moved > STILL) {
            this.picture.pan(x - before[0], y - before[1]);
        }
        this.redrawMoving();
    }

    onPointerUp(ev) {
        const [x, y] = this.place(ev);
        const alone = this.pointers.size === 1;
        if (!this.pointers.delete(ev.pointerId) || !alone || this.moved > STILL) {
            return undefined;
        }
        const place = this.picture.at(x, y, ev.pointerType === "touch" ? 14 : 3);
        if (place < 0) {
            this.state.chosen = -1;
            return this.redraw();
        }
        if (ev.pointerType === "touch" && this.state.chosen !== place) {
            // there is no hovering with a finger: the first touch says who it is
            Object.assign(this.state, { chosen: place, hover: place });
            Object.assign(this.state.tip, { x, y });
            return this.redraw();
        }
        return this.open(this.nodes[place][0]);
    }

    onPointerCancel(ev) {
        this.pointers.delete(ev.pointerId);
    }

    onPointerLeave() {
        this.state.hover = -1;
        this.redraw();
    }

    onKey(ev) {
        const step = 40;
        const acts = {
            ArrowLeft: () => this.picture.pan(step, 0),
            ArrowRight: () => this.picture.pan(-step, 0),
            ArrowUp: () => this.picture.pan(0, step),
            ArrowDown: () => this.picture.pan(0, -step),
            "+": () => this.zoom(1.3),
            "-": () => this.zoom(1 / 1.3),
            0: () => this.reset(),
        };
        if (acts[ev.key]) {
            ev.preventDefault();
            acts[ev.key]();
            this.redraw();
        }
    }
}

registry.category("actions").add("community_picture", CommunityPicture);
