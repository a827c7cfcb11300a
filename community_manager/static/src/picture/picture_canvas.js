/** What the picture draws on its canvas: pure drawing and geometry, no component. */

/** Colours of groups, told apart by colour-blind people too: Okabe and Ito's, and two more. */
export const GROUP_COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a7a00", "#7a5195"];
export const OTHER_COLOR = "#9a9a9a";
export const FEELING_COLORS = { negative: "#c0392b", neutral: "#8d99a6", positive: "#2e8b57", "": "#c9ced4" };

const LEAST_RADIUS = 2.5;
const MOST_RADIUS = 18;
/** Larger nodes have a rim, which tells those that overlap apart. */
const RIMMED = 5;
/** Names that are written, of those who are heard most. */
const NAMES = 24;
/** Widths in which ties are drawn. */
const WIDTHS = [0.6, 1.1, 2.2];
/** Lines of one path: longer paths take longer for each line, shorter ones more calls. */
const LINES = 20;

export const X = 2;
export const Y = 3;
export const SCORE = 4;
export const GROUP = 5;
export const FEELING = 6;
export const DAYS = 7;

export class PictureCanvas {
    constructor(canvas) {
        this.canvas = canvas;
        this.context = canvas.getContext("2d");
        // ties are drawn here when the view stands still; while it moves, their picture moves with it
        this.layer = document.createElement("canvas");
        this.layerView = null;
        this.moving = false;
        this.view = { x: 0, y: 0, zoom: 1 };
        this.nodes = [];
        this.ties = [];
        this.width = this.height = 0;
        this.ink = { text: "#222", tie: "rgba(110, 120, 130, 0.45)", ground: "#fff" };
    }

    /** Take what is drawn; `shown` says of each node and tie whether it is in the chosen time. */
    setData(nodes, ties) {
        this.nodes = nodes;
        this.ties = ties;
        const most = Math.max(1, ...nodes.map((node) => node[SCORE]));
        // many people have less room each, and many ties would be one grey
        const largest = Math.max(MOST_RADIUS * (100 / Math.max(nodes.length, 100)) ** 0.25, 3 * LEAST_RADIUS);
        this.radius = nodes.map((node) => LEAST_RADIUS + (largest - LEAST_RADIUS) * (node[SCORE] / most) ** 2);
        this.tieInk = Math.min(1, Math.sqrt(600 / Math.max(ties.length, 1)));
        this.shown = new Uint8Array(nodes.length).fill(1);
        this.tieShown = new Uint8Array(ties.length).fill(1);
        this.neighbours = nodes.map(() => []);
        for (const [one, other] of ties) {
            this.neighbours[one].push(other);
            this.neighbours[other].push(one);
        }
        const weights = ties.map((tie) => tie[2]).sort((a, b) => a - b);
        const limits = [weights[Math.floor(weights.length * 0.6)] ?? 0, weights[Math.floor(weights.length * 0.9)] ?? 0];
        this.layerView = null;
        this.tieWidth = ties.map((tie) => (tie[2] > limits[1] ? 2 : tie[2] > limits[0] ? 1 : 0));
        // the largest below, so that small ones beside them can be pointed at
        this.order = nodes.map((_node, place) => place).sort((a, b) => this.radius[b] - this.radius[a]);
    }

    /** Keep only what happened in so many days; 0: all. */
    setDays(days) {
        this.layerView = null;
        if (!days) {
            this.shown.fill(1);
            this.tieShown.fill(1);
            return;
        }
        this.shown.fill(0);
        this.ties.forEach((tie, place) => {
            const inside = tie[3] < days;
            this.tieShown[place] = inside ? 1 : 0;
            if (inside) {
                this.shown[tie[0]] = this.shown[tie[1]] = 1;
            }
        });
        this.nodes.forEach((node, place) => {
            if (node[DAYS] !== null && node[DAYS] < days) {
                this.shown[place] = 1;
            }
        });
    }

    resize() {
        const { clientWidth, clientHeight } = this.canvas;
        const ratio = window.devicePixelRatio || 1;
        this.width = clientWidth;
        this.height = clientHeight;
        this.canvas.width = Math.round(clientWidth * ratio);
        this.canvas.height = Math.round(clientHeight * ratio);
        this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
        this.layerView = null;
        const style = getComputedStyle(this.canvas);
        this.ink.text = style.color || this.ink.text;
        this.ink.ground = style.backgroundColor || this.ink.ground;
    }

    get scale() {
        return (Math.min(this.width, this.height) / 2 - MOST_RADIUS - 12) * this.view.zoom;
    }

    toScreen(node) {
        return [
            this.width / 2 + (node[X] - this.view.x) * this.scale,
            this.height / 2 + (node[Y] - this.view.y) * this.scale,
        ];
    }

    /** Change the zoom so that what is under a point stays there. */
    zoomAt(factor, px, py) {
        const zoom = Math.min(Math.max(this.view.zoom * factor, 0.5), 30);
        const before = this.scale;
        const x = this.view.x + (px - this.width / 2) / before;
        const y = this.view.y + (py - this.height / 2) / before;
        this.view.zoom = zoom;
        this.view.x = x - (px - this.width / 2) / this.scale;
        this.view.y = y - (py - this.height / 2) / this.scale;
    }

    pan(dx, dy) {
        this.view.x -= dx / this.scale;
        this.view.y -= dy / this.scale;
    }

    /** Show everything again, or bring one node into the middle. */
    focus(place = -1) {
        this.view = place < 0 ? { x: 0, y: 0, zoom: 1 } : { x: this.nodes[place][X], y: this.nodes[place][Y], zoom: 3 };
    }

    grow() {
        return Math.min(Math.max(this.view.zoom ** 0.5, 0.8), 2.5);
    }

    /** Return the place of the node at a point of the canvas, -1 for none; `slack` helps fingers. */
    at(px, py, slack = 3) {
        const grow = this.grow();
        let best = -1;
        let nearest = Infinity;
        for (let place = 0; place < this.nodes.length; place++) {
            if (!this.shown[place]) {
                continue;
            }
            const [x, y] = this.toScreen(this.nodes[place]);
            const distance = Math.hypot(px - x, py - y) - this.radius[place] * grow;
            if (distance < slack && distance < nearest) {
                nearest = distance;
                best = place;
            }
        }
        return best;
    }

    color(node, by, colors) {
        return by === "feeling" ? FEELING_COLORS[node[FEELING]] : colors.get(node[GROUP]) || OTHER_COLOR;
    }

    /**
     * Draw all.
     *
     * @param {{by: string, colors: Map, hover: number, chosen: number, found: Set|null}} how
     */
    draw({ by, colors, hover, chosen, found }) {
        const { context, width, height } = this;
        context.clearRect(0, 0, width, height);
        const marked = hover >= 0 ? hover : chosen;
        const near = marked >= 0 ? new Set([marked, ...this.neighbours[marked]]) : null;
        const points = this.nodes.map((node) => this.toScreen(node));
        this.drawTies(points, marked);
        const grow = this.grow();
        for (const place of this.order) {
            const [x, y] = points[place];
            const radius = this.radius[place] * grow;
            if (x < -radius || y < -radius || x > width + radius || y > height + radius) {
                continue;
            }
            const faint = !this.shown[place] || (found && !found.has(place)) || (near && !near.has(place));
            context.globalAlpha = faint ? 0.12 : 0.9;
            context.fillStyle = this.color(this.nodes[place], by, colors);
            context.beginPath();
            context.arc(x, y, radius, 0, 2 * Math.PI);
            context.fill();
            if (radius > RIMMED) {
                context.strokeStyle = this.ink.ground;
                context.lineWidth = 1;
                context.stroke();
            }
        }
        context.globalAlpha = 1;
        if (marked >= 0) {
            this.drawRing(points[marked], this.radius[marked] * grow);
        }
        this.drawNames(points, grow, near, found, marked);
    }

    drawTies(points, marked) {
        const { context, width, height, view } = this;
        if (!this.layerView || (!this.moving && !this.isLayerFresh())) {
            this.renderTies(points);
        }
        const factor = this.scale / this.layerView.scale;
        const left = (width / 2) * (1 - factor) + (this.layerView.x - view.x) * this.scale;
        const top = (height / 2) * (1 - factor) + (this.layerView.y - view.y) * this.scale;
        context.globalAlpha = marked >= 0 ? 0.3 : 1;
        context.drawImage(this.layer, left, top, width * factor, height * factor);
        context.globalAlpha = 0.8;
        context.strokeStyle = this.ink.text;
        context.lineWidth = 1;
        context.beginPath();
        this.ties.forEach(([one, other], place) => {
            if (this.tieShown[place] && (one === marked || other === marked)) {
                context.moveTo(points[one][0], points[one][1]);
                context.lineTo(points[other][0], points[other][1]);
            }
        });
        context.stroke();
        context.globalAlpha = 1;
    }

    isLayerFresh() {
        const { x, y, scale } = this.layerView;
        return x === this.view.x && y === this.view.y && scale === this.scale;
    }

    /** Draw the ties into their layer, as the view is now. */
    renderTies(points) {
        this.layer.width = this.canvas.width;
        this.layer.height = this.canvas.height;
        const context = this.layer.getContext("2d");
        const ratio = this.canvas.width / Math.max(this.width, 1);
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.strokeStyle = this.ink.tie;
        context.globalAlpha = this.tieInk;
        WIDTHS.forEach((lineWidth, kind) => {
            context.lineWidth = lineWidth;
            let lines = 0;
            context.beginPath();
            this.ties.forEach(([one, other], place) => {
                if (!this.tieShown[place] || this.tieWidth[place] !== kind) {
                    return;
                }
                context.moveTo(points[one][0], points[one][1]);
                context.lineTo(points[other][0], points[other][1]);
                if (++lines % LINES === 0) {
                    context.stroke();
                    context.beginPath();
                }
            });
            context.stroke();
        });
        this.layerView = { x: this.view.x, y: this.view.y, scale: this.scale };
    }

    drawRing([x, y], radius) {
        const { context } = this;
        context.beginPath();
        context.arc(x, y, radius + 3, 0, 2 * Math.PI);
        context.strokeStyle = this.ink.text;
        context.lineWidth = 2;
        context.stroke();
    }

    /** Write names beside those who are heard most, without writing over each other. */
    drawNames(points, grow, near, found, marked) {
        const { context, width, height } = this;
        context.font = "12px system-ui, sans-serif";
        context.textBaseline = "middle";
        context.lineWidth = 3;
        context.strokeStyle = this.ink.ground;
        context.fillStyle = this.ink.text;
        const taken = [];
        const first = marked >= 0 ? [marked] : [];
        let written = 0;
        for (const place of [...first, ...this.nodes.keys()]) {
            if (written >= NAMES * grow) {
                break;
            }
            if (!this.shown[place] || (found && !found.has(place)) || (near && !near.has(place))) {
                continue;
            }
            const [x, y] = points[place];
            const left = x + this.radius[place] * grow + 4;
            if (x < 0 || y < 0 || x > width || y > height) {
                continue;
            }
            const name = this.nodes[place][1];
            const box = [left, y - 8, left + context.measureText(name).width, y + 8];
            if (
                taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])
            ) {
                continue;
            }
            taken.push(box);
            written++;
            context.strokeText(name, left, y);
            context.fillText(name, left, y);
        }
    }
}
