"use strict";
// The pages work without this. It adds the local time to times, and the key "/" for
// the search field.
for (const t of document.querySelectorAll("time")) {
	t.title = new Date(t.dateTime).toLocaleString();
}
const find = document.getElementById("find");
if (find) {
	find.title = "The key / leads here";
	addEventListener("keydown", (e) => {
		if (e.key !== "/" || e.ctrlKey || e.altKey || e.metaKey || e.target.closest("input, select, textarea")) {
			return;
		}
		e.preventDefault();
		find.select();
	});
}
