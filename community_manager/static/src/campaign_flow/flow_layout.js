/** Sizes of the picture, in pixels. */
export const CARD = { width: 236, height: 118 };
const GAP = { x: 48, y: 44 };
const MARGIN = 28;

/**
 * Places the cards of a campaign from top to bottom, and the lines between them.
 *
 * A card stands below all that lead to it.  What comes first after a card stays in its column, what comes second begins
 * a column of its own.  A line that passes by other cards runs in the gutter beside its column.
 *
 * @param {{id: number|string}[]} nodes cards, the first is where everybody starts
 * @param {{from: number|string, to: number|string, label: string}[]} edges lines, never in a circle
 * @returns {{width: number, height: number, cards: Object[], lines: Object[]}} cards with x, y and node; lines with key,
 *      path, label, x and y of the label
 */
export function layoutFlow(nodes, edges) {
    const known = new Map(nodes.map((node) => [node.id, node]));
    const lines = edges.filter((edge) => known.has(edge.from) && known.has(edge.to));
    const rows = rowsOf(nodes, lines);
    const columns = columnsOf(nodes, lines, rows);
    const cards = nodes.map((node) => ({
        node,
        row: rows.get(node.id),
        column: columns.get(node.id),
        x: MARGIN + columns.get(node.id) * (CARD.width + GAP.x),
        y: rows.get(node.id) * (CARD.height + GAP.y),
    }));
    const placed = new Map(cards.map((card) => [card.node.id, card]));
    return {
        cards,
        lines: lines.map((line, at) => drawn(line, at, placed, lines)),
        width: Math.max(0, ...cards.map((card) => card.x)) + CARD.width + MARGIN,
        height: Math.max(0, ...cards.map((card) => card.y)) + CARD.height + 4,
    };
}

/** The row of each card: one below the lowest that leads to it. */
function rowsOf(nodes, lines) {
    const rows = new Map(nodes.map((node) => [node.id, 0]));
    // without circles nothing is more rows down than there are cards
    for (let round = 0; round < nodes.length; round++) {
        let moved = false;
        for (const { from, to } of lines) {
            if (rows.get(to) <= rows.get(from)) {
                rows.set(to, rows.get(from) + 1);
                moved = true;
            }
        }
        if (!moved) {
            break;
        }
    }
    return rows;
}

/** The column of each card, no two cards of a row in the same one. */
function columnsOf(nodes, lines, rows) {
    const columns = new Map();
    const taken = new Set();
    const next = new Map();
    for (const { from, to } of lines) {
        next.set(from, [...(next.get(from) || []), to]);
    }
    const place = (id, wanted) => {
        let column = wanted;
        while (taken.has(`${rows.get(id)}:${column}`)) {
            column += 1;
        }
        taken.add(`${rows.get(id)}:${column}`);
        columns.set(id, column);
    };
    const order = [...nodes].sort((one, other) => rows.get(one.id) - rows.get(other.id));
    for (const { id } of order) {
        if (!columns.has(id)) {
            place(id, 0);
        }
        let side = 0;
        for (const target of new Set(next.get(id) || [])) {
            if (!columns.has(target)) {
                // what both ways lead to stays in the main column
                const ends = lines.filter((line) => line.to === target).length > 1;
                place(target, ends ? 0 : columns.get(id) + side);
            }
            side += 1;
        }
    }
    return columns;
}

function drawn(line, at, placed, lines) {
    const from = placed.get(line.from);
    const to = placed.get(line.to);
    const siblings = lines.filter((other) => other.from === line.from);
    const place = siblings.indexOf(line);
    const startX = from.x + (CARD.width * (place + 1)) / (siblings.length + 1);
    const startY = from.y + CARD.height;
    const endX = to.x + CARD.width / 2;
    const endY = to.y;
    const passes = to.row - from.row > 1;
    let path;
    if (passes) {
        const right = place > 0 || to.column > from.column;
        const gutter = right ? from.x + CARD.width + GAP.x / 2 : from.x - MARGIN / 2;
        const low = endY - GAP.y / 2;
        path =
            `M${startX},${startY} C${startX},${startY + 20} ${gutter},${startY + 4} ${gutter},${startY + GAP.y}` +
            ` V${low - 14} C${gutter},${low + 14} ${endX},${low} ${endX},${endY}`;
    } else {
        const middle = (startY + endY) / 2;
        path = `M${startX},${startY} C${startX},${middle} ${endX},${middle} ${endX},${endY}`;
    }
    return { key: `${line.from}>${line.to}>${at}`, path, label: line.label, x: startX + 6, y: startY + 16 };
}
