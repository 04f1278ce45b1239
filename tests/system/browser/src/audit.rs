//! What is wrong with how a page looks, measured in the page: WCAG 2.2, 1.4.3 (contrast), 1.4.11 (edges of fields),
//! 1.4.10 (reflow) and 2.4.7 (focus visible).

pub(crate) const FLAWS: &str = r"
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = color => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] / 255 + below[i] * (1 - top[3] / 255));
    const ground = element => {
        const layers = [];
        for (let e = element; e; e = e.parentElement) layers.unshift(rgba(getComputedStyle(e).backgroundColor));
        const dark = matchMedia('(prefers-color-scheme: dark)').matches;
        return layers.reduce((below, top) => over(top, below), dark ? [18, 18, 18] : [255, 255, 255]);
    };
    const light = color => color.slice(0, 3)
        .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (a, b) => {
        const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
        return (high + 0.05) / (low + 0.05);
    };
    const flaws = [];
    const judge = (what, color, below, least) => {
        const found = contrast(over(rgba(color), below), below);
        if (found < least) flaws.push(`${what}: contrast ${found.toFixed(2)}, wants ${least}`);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let seen = 0;
    for (let node; (node = texts.nextNode());) {
        const element = node.parentElement;
        if (!node.data.trim() || !element.checkVisibility() || element.closest('style, title')) continue;
        seen += 1;
        const style = getComputedStyle(element);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        judge(node.data.trim(), style.color, ground(element), isLarge ? 3 : 4.5);
    }
    if (seen < 10) flaws.push(`only ${seen} texts were found to judge`);
    for (const field of document.querySelectorAll('input:not([type=hidden])')) {
        judge(`edge of ${field.name}`, getComputedStyle(field).borderTopColor, ground(field.parentElement), 3);
    }
    const width = document.documentElement.clientWidth;
    for (const element of document.body.querySelectorAll('*')) {
        const right = element.getBoundingClientRect().right;
        if (right > width + 0.5) flaws.push(`${element.tagName} ends at ${right}, the screen at ${width}`);
    }
    return flaws;
";

/// The element that has the focus, or null once it has been seen before.
pub(crate) const FOCUS: &str = r"
    const element = document.activeElement;
    if (!element || element === document.body || seen.has(element)) return null;
    seen.add(element);
    const style = getComputedStyle(element);
    const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return [element.name || element.textContent.trim(), isSeen];
";
