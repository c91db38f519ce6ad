// What htmx does not do by itself: the composer, scrolling along, copying, counting what is ticked, closing notices.
"use strict";
(() => {
  const listen = document.addEventListener.bind(document);
  const byId = (id) => document.getElementById(id);
  const nearEnd = () => window.innerHeight + window.scrollY > document.documentElement.scrollHeight - 160;
  let follow = true; // the page scrolls along with what comes, until its reader scrolls up

  const grow = (box) => {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  };

  const say = (text) => {
    const announcer = byId("announcer");
    if (announcer) announcer.textContent = text;
  };

  const toEnd = () => {
    if (follow && byId("thread")) window.scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  };

  // Half a thought stays while its writer looks something up on another page. It ends with the tab, and with signing out;
  // whose session ended in the middle of it (then the page to go on at is named) finds it again.
  const stored = (does) => { try { return does(window.sessionStorage, location.pathname); } catch { return null; } }; // a frame may keep nothing
  const note = (text) => stored((notes, page) => (text ? notes.setItem(page, text) : notes.removeItem(page)));
  if (location.pathname === "/sign-in" && !new URLSearchParams(location.search).has("next")) stored((notes) => notes.clear());

  window.addEventListener("scroll", () => { follow = nearEnd(); }, { passive: true });

  // A slash at the start of the box offers the saved prompts whose names go on as written.
  const kept = () => [...document.querySelectorAll("#slash [role=option]:not([hidden])")];
  const point = (option) => {
    kept().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
    if (option) byId("text").setAttribute("aria-activedescendant", option.id);
    else byId("text").removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const offer = (begun) => {
    const list = byId("slash");
    if (!list) return;
    list.querySelectorAll("[role=option]").forEach((each) => { each.hidden = begun === undefined || !each.dataset.name.startsWith(begun); });
    const found = kept();
    if (list.hidden && found.length) say(list.dataset.found.replace("%(n)s", found.length));
    list.hidden = !found.length;
    point(found[0]);
  };
  const take = (option) => {
    offer();
    write(option.dataset.text);
  };
  const choose = (key) => {
    const found = kept();
    const at = found.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (key === "Escape") offer();
    else if (key === "Enter" || key === "Tab") take(found[at]);
    else point(found[(at + (key === "ArrowDown" ? 1 : -1) + found.length) % found.length]);
  };

  // The composer: Enter sends unless a word is being composed by an input method.
  listen("keydown", (event) => {
    const box = event.target;
    if (box.id !== "text" || event.shiftKey || event.isComposing) return;
    if (byId("slash")?.hidden === false && kept().length && ["ArrowDown", "ArrowUp", "Enter", "Tab", "Escape"].includes(event.key)) {
      event.preventDefault();
      choose(event.key);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (box.value.trim()) box.form.requestSubmit();
    }
  });
  listen("mousedown", (event) => { if (event.target.closest("#slash [role=option]")) event.preventDefault(); });
  listen("focusout", (event) => { if (event.target.id === "text" && !event.relatedTarget?.closest("#slash")) offer(); });

  listen("input", (event) => {
    if (event.target.id === "text") note(event.target.value);
    if (event.target.id === "text") offer(/^\/([\p{L}\p{N}_-]*)$/u.exec(event.target.value)?.[1].toLowerCase());
    if (event.target.id === "text" || event.target.matches("[data-grow]")) grow(event.target);
    const card = event.target.closest("[data-change-set]");
    if (card) count(card, event.target);
  });

  // A proposal: the button says how many changes it stands for.
  const count = (card, changed) => {
    const boxes = [...card.querySelectorAll('input[name="items"]')];
    const all = card.querySelector("input[data-all]");
    if (changed && changed === all) boxes.forEach((box) => { box.checked = all.checked; });
    const ticked = boxes.filter((box) => box.checked).length;
    const [button, reject] = [card.querySelector(".approve"), card.querySelector(".reject")];
    if (!button) return;
    if (all) {
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
      for (const each of [button, reject]) {
        const words = ticked === boxes.length ? each.dataset.all : each.dataset.some;
        each.textContent = words.replace("%(n)s", ticked.toLocaleString(document.documentElement.lang || undefined));
      }
      reject.disabled = ticked === 0;
    }
    const typed = card.querySelector("input[data-word]");
    button.disabled = (all !== null && ticked === 0) || (typed !== null && typed.value.trim() !== typed.dataset.word);
  };

  const write = (text) => {
    const box = byId("text");
    box.value = text;
    grow(box);
    box.focus();
    box.setSelectionRange(text.length, text.length);
    return box;
  };

  // What is edited and sent again is another version of that request; it is said beside the box until it is sent or given up.
  const edits = (run) => {
    const line = byId("editing");
    if (!line) return;
    const field = line.querySelector("input");
    field.value = run;
    field.disabled = !run;
    if (line.hidden && run) say(line.querySelector("span").textContent);
    line.hidden = !run;
  };

  // A table is sorted by a column, its figures from the largest down, its words from A: the total under it stays where it is.
  const sort = (button) => {
    const head = button.closest("th");
    const body = head.closest("table").tBodies[0];
    const column = head.cellIndex;
    const was = head.getAttribute("aria-sort");
    const down = was ? was === "ascending" : head.classList.contains("number");
    const key = (row) => row.cells[column]?.dataset.v ?? row.cells[column]?.textContent ?? "";
    const words = new Intl.Collator(document.documentElement.lang || undefined, { numeric: true });
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === "–" || y === "–") return (x === "–") - (y === "–");
      const by = head.classList.contains("number") ? Number(x) - Number(y) : words.compare(x, y);
      return down ? -by : by;
    };
    body.append(...[...body.rows].sort(compare));
    head.parentNode.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  };

  // What a spreadsheet would run when it is pasted stays text.
  const cellText = (cell) => {
    const text = cell.textContent.replace(/\s+/g, " ").trim();
    return /^[=+@-]/.test(text) && !/^[+-]?[\d.,\s]+%?$/.test(text) ? `'${text}` : text;
  };
  const tableText = (table) => [...table.rows].map((row) => [...row.cells].map(cellText).join("\t")).join("\n");

  const copy = async (button, text, box) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const held = box ?? document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
      held.select();
      document.execCommand("copy");
      if (!box) held.remove();
    }
    const label = button.querySelector("span");
    const before = label.textContent;
    label.textContent = button.dataset.copied;
    say(button.dataset.copied);
    window.setTimeout(() => { label.textContent = before; }, 1600);
  };

  listen("click", (event) => {
    const on = (what) => event.target.closest(what);
    let button = on("#slash [role=option]");
    if (button) { take(button); return; }
    button = on("[data-starter]");
    if (button) {
      write(button.dataset.starter).form.requestSubmit();
      return;
    }
    if ((button = on("[data-edit], [data-again]"))) {
      const run = button.closest("[data-run]").dataset;
      const box = write(JSON.parse(run.text));
      edits(button.matches("[data-edit]") ? run.run : "");
      if (button.matches("[data-again]")) box.form.requestSubmit();
      return;
    }
    if (on("[data-unedit]")) { edits(""); write(""); return; }
    if ((button = on("[data-sort]"))) { sort(button); return; }
    if ((button = on("[data-copy]"))) { copy(button, byId(button.dataset.copy).value, byId(button.dataset.copy)); return; }
    if ((button = on("[data-copy-table]"))) { copy(button, tableText(button.closest("figure").querySelector("table"))); return; }
    if ((button = on("[data-link]"))) { copy(button, location.origin + location.pathname + button.dataset.link); return; }
    if ((button = on("[data-chip]"))) { button.closest(".chip-line").remove(); byId("text").focus(); return; }
    if ((button = on(".act > summary, .new-key > summary"))) { // what is opened to be filled in is ready for the first letter
      event.preventDefault(); // opened here, not afterwards: a letter or a tab typed at once would come before the focus does
      if ((button.parentElement.open = !button.parentElement.open)) {
        button.parentElement.querySelector("input:not([type=hidden], [type=radio])")?.focus();
      }
    }
    const notice = event.target.closest("[data-dismiss]")?.closest("[data-notice]");
    if (notice) {
      notice.remove();
      byId("main")?.focus({ preventScroll: true });
    }
  });

  listen("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelector("#notices [data-notice]:last-child")?.remove();
    const menu = byId("menu");
    if (menu?.open) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // What is asked in another window comes to stand in this one too, while somebody looks at it; and what fails then is nobody's doing.
  const unasked = (event) => event.detail.requestConfig?.elt.id === "elsewhere";
  const look = () => { if (!document.hidden && byId("elsewhere")) htmx.trigger("#elsewhere", "look"); };
  setInterval(look, 5000);
  for (const back of ["focus", "visibilitychange"]) window.addEventListener(back, look);

  listen("htmx:beforeRequest", (event) => { if (!unasked(event)) byId("notices")?.replaceChildren(); });
  listen("htmx:beforeSwap", (event) => { if (unasked(event) && event.detail.xhr.status >= 400) event.detail.shouldSwap = false; });

  listen("submit", (event) => { if (event.target.contains(byId("text"))) note(""); });
  listen("htmx:beforeOnLoad", (event) => { if (event.detail.xhr.status === 401 && byId("text")) note(byId("text").value); });

  listen("htmx:afterRequest", (event) => {
    if (event.target.id !== "composer" || event.detail.xhr.status !== 200) return; // what was refused stays to be mended
    edits("");
    const box = byId("text");
    box.value = "";
    grow(box);
    box.focus();
    follow = true;
    toEnd();
  });

  listen("htmx:sendError", (event) => {
    if (unasked(event)) return;
    const notices = byId("notices");
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.dataset.notice = "";
    notice.textContent = document.body.dataset.unreachable;
    notices.replaceChildren(notice);
  });

  // A decision replaces the card that had the focus: the focus goes to the new card's heading, not to the top of the page.
  listen("htmx:afterSwap", (event) => {
    const asked = event.detail.requestConfig?.elt;
    if (asked?.matches(".next-place, #elsewhere")) toEnd();
    if (asked && (asked.matches(".change-set, .change-set *") || asked.matches(".draft-text"))) {
      const id = event.detail.target.id;
      const heading = byId(id)?.querySelector("h2[tabindex]");
      // Unless its reader has gone on meanwhile, to write the next request.
      if (!document.activeElement?.matches("#text, input, textarea")) heading?.focus({ preventScroll: true });
      const badge = byId(id)?.querySelector(".set-head .badge");
      if (badge) say(`${heading?.textContent ?? ""}: ${badge.textContent}`);
      byId(id)?.scrollIntoView({ block: "nearest" });
    }
    // What had the focus may be gone with what it ended.
    if (asked?.matches("form") && document.activeElement === document.body) byId("main")?.focus({ preventScroll: true });
  });

  // What is read anew while something in it is pressed would take the click with it: it waits until the hand is lifted.
  let pressed = null;
  let missed = null;
  listen("pointerdown", (event) => { pressed = event.target; });
  listen("htmx:beforeSwap", (event) => {
    if (!pressed || event.detail.requestConfig.verb !== "get" || !event.detail.target.contains(pressed)) return;
    event.detail.shouldSwap = false;
    missed = event.detail.requestConfig.elt;
  });
  listen("htmx:oobBeforeSwap", (event) => { if (pressed && event.detail.target.contains(pressed)) event.detail.shouldSwap = false; });
  for (const lifted of ["pointerup", "pointercancel", "dragend"]) {
    listen(lifted, () => {
      pressed = null;
      if (missed?.matches("form")) setTimeout(htmx.trigger, 0, missed, "submit"); // once the click has been told
      missed = null; // what asks by itself every few seconds asks again
    });
  }

  const settle = (root) => {
    if (root.matches?.("[data-change-set]")) count(root, null);
    root.querySelectorAll?.("[data-change-set]").forEach((card) => count(card, null));
    root.querySelectorAll?.("[data-grow]").forEach(grow);
  };

  listen("htmx:load", (event) => {
    settle(event.target);
    // Typed before the page could hear it, or kept by the browser from an earlier visit.
    event.target.querySelectorAll("[type=search]").forEach((field) => { if (field.value !== field.defaultValue) htmx.trigger(field.form, "submit"); });
  });
  listen("htmx:sseMessage", toEnd);
  listen("htmx:sseClose", (event) => {
    event.target.closest("[data-run]")?.setAttribute("aria-busy", "false");
  });

  // What nobody needs before the page is seen.
  const later = document.querySelector("[data-later]")?.dataset.later;
  if (later) document.head.append(Object.assign(document.createElement("script"), { src: later }));

  if (window.parent !== window) document.documentElement.classList.add("embedded");
  settle(document);
  const box = byId("text");
  if (box && !box.value) box.value = stored((notes, page) => notes.getItem(page)) ?? "";
  if (box) grow(box);
  // A link names a request by its hash; the way from one version of it to another, which keeps the focus on that way, does without: a
  // browser takes the focus to what a hash names after everything else.
  const at = new URLSearchParams(location.search).get("at");
  const named = byId(location.hash.slice(1) || `run-${at}`);
  if (named) {
    const versions = byId(named.id.replace("run-", "versions-"));
    (versions ?? named).scrollIntoView();
    versions?.querySelector("a")?.focus({ preventScroll: true });
    follow = nearEnd();
  } else if (document.querySelector("#thread .run")) window.scrollTo(0, document.documentElement.scrollHeight);
})();
