/** Whether a character is white space, which HTML adds, joins or drops, so that places are counted without it. */
function isBlank(char) {
    // the separators from 1C to 1F and the next-line sign are white space to the server, but not to this language
    return /[\s\u0085]/.test(char) || (char >= "\u001c" && char <= "\u001f");
}

/** Names under which the browser paints words, see community.scss: the heaviest, others, and those that speak against. */
const NAMES = ["community-why-most", "community-why-some", "community-why-not"];
/** From this share of the heaviest word on a word is one of the heaviest. */
const MOST = 0.6;

/**
 * Find places of a text in the elements that show it.
 *
 * Nothing is changed in the page: the text stays the text that the server has escaped.
 *
 * @param {Element[]} elements that show the text, in its order
 * @param {[number, number][]} places start and end in UTF-16 units, white space not counted
 * @returns {Range[]} one for each place that was found
 */
export function findRanges(elements, places) {
    const wanted = places.map(([start, end], index) => ({ start, end, index }));
    const starts = new Map();
    const ends = new Map();
    for (const place of wanted) {
        starts.set(place.start, [...(starts.get(place.start) || []), place]);
        ends.set(place.end, [...(ends.get(place.end) || []), place]);
    }
    let counted = 0;
    for (const element of elements) {
        const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const node = walker.currentNode;
            for (let offset = 0; offset < node.data.length; offset++) {
                if (isBlank(node.data[offset])) {
                    continue;
                }
                for (const place of starts.get(counted) || []) {
                    place.from = [node, offset];
                }
                counted++;
                for (const place of ends.get(counted) || []) {
                    place.to = [node, offset + 1];
                }
            }
        }
    }
    const ranges = [];
    for (const { from, to } of wanted) {
        const range = document.createRange();
        if (from && to) {
            range.setStart(...from);
            range.setEnd(...to);
            ranges.push(range);
        } else {
            ranges.push(null);
        }
    }
    return ranges;
}

/**
 * Paint the words that weighed.
 *
 * @param {Element[]} elements that show the text
 * @param {[number, number, number][]} places start, end and share from -1 to 1
 */
export function paint(elements, places) {
    clear();
    if (!CSS.highlights) {
        return; // an old browser: the words still stand in the line below the chips
    }
    const groups = NAMES.map(() => []);
    findRanges(elements, places).forEach((range, index) => {
        const share = places[index][2];
        if (range) {
            groups[share < 0 ? 2 : share < MOST ? 1 : 0].push(range);
        }
    });
    groups.forEach((ranges, index) => CSS.highlights.set(NAMES[index], new Highlight(...ranges)));
}

/** Paint nothing any more. */
export function clear() {
    for (const name of NAMES) {
        CSS.highlights?.delete(name);
    }
}
