// Returns what is wrong with the page: what does not fit, has no name, or cannot be
// read for lack of contrast.
(() => {
	const wrong = [];
	const all = (selector) => [...document.querySelectorAll(selector)];
	const visible = (e) => e.checkVisibility();
	if (document.documentElement.scrollWidth > innerWidth) {
		wrong.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);
	}
	for (const [selector, count] of [["h1", 1], ["main", 1], ["header.top", 1], ["html[lang]", 1], [".skip", 1]]) {
		if (all(selector).length !== count) {
			wrong.push(`${selector}: ${all(selector).length}`);
		}
	}
	for (const e of all("main *, header *, aside *").filter(visible)) {
		const box = e.getBoundingClientRect();
		if (!e.closest("pre, .sr") && box.right > innerWidth + 1) {
			wrong.push(`${e.outerHTML.slice(0, 80)} ends at ${box.right}`);
		}
	}
	for (const e of all("a, button, summary")) {
		if (!e.textContent.trim()) {
			wrong.push(`no text: ${e.outerHTML}`);
		}
	}
	for (const e of all("input:not([type=hidden]), select")) {
		if (!e.labels.length) {
			wrong.push(`no label: ${e.outerHTML}`);
		}
	}
	for (const e of all("img:not([alt]), table:not(:has(thead th[scope=col])), nav:not([aria-label])")) {
		wrong.push(`no description: ${e.outerHTML.slice(0, 80)}`);
	}
	const ids = all("[id]").map((e) => e.id);
	if (new Set(ids).size !== ids.length) {
		wrong.push(`an id is not unique: ${ids}`);
	}

	const parse = (c) => c.match(/[\d.]+/g).map(Number);
	const background = (e) => {
		for (; e; e = e.parentElement) {
			const c = parse(getComputedStyle(e).backgroundColor);
			if (c.length === 3 || c[3] === 1) {
				return c;
			}
		}
		return [255, 255, 255];
	};
	const luminance = (c) => {
		const [r, g, b] = c.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	for (const e of all("body *").filter(visible)) {
		if (![...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim()) || e.closest("script, style, svg")) {
			continue;
		}
		const [a, b] = [luminance(parse(getComputedStyle(e).color)), luminance(background(e))].sort((x, y) => y - x);
		if ((a + 0.05) / (b + 0.05) < 4.5) {
			wrong.push(`contrast ${((a + 0.05) / (b + 0.05)).toFixed(2)}: ${e.outerHTML.slice(0, 80)}`);
		}
	}
	return wrong;
})();
