// One script tag puts the chat into another page: storehand.open({ prompt, context, session }). See docs/guide/embed.md.
"use strict";
(() => {
  const home = new URL(document.currentScript.src).origin;
  const label = document.currentScript.dataset.label || "Storehand";
  const holders = []; // the server writes the origins in here that may hold the panel
  let panel = null;
  let opener = null;

  const styled = (element, styles) => Object.assign(element.style, styles) && element;

  const build = () => {
    panel = styled(document.createElement("aside"), {
      position: "fixed", insetBlock: "0", insetInlineEnd: "0", zIndex: "2147483000", width: "min(30rem, 100vw)", height: "100dvh",
      background: "Canvas", boxShadow: "0 0 2.5rem rgb(0 0 0 / 25%)", display: "flex", flexDirection: "column",
    });
    panel.setAttribute("aria-label", label);
    const close = styled(document.createElement("button"), { alignSelf: "end", margin: ".4rem", padding: ".3rem .8rem", font: "inherit", cursor: "pointer" });
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", `${label}: ×`);
    close.addEventListener("click", api.close);
    const frame = styled(document.createElement("iframe"), { flex: "1", width: "100%", border: "0" });
    frame.title = label;
    frame.allow = "clipboard-write";
    panel.append(close, frame);
    panel.addEventListener("keydown", (event) => { if (event.key === "Escape") api.close(); });
    document.body.append(panel);
    return frame;
  };

  const api = {
    // prompt: words put into the box, never sent by themselves. context: ids of what the page is about, {product_id: "…"}.
    // session: a function of yours that fetches a sign-in link from your own server, for people who are signed in with you.
    async open({ prompt = "", context = null, session = null } = {}) {
      opener = document.activeElement;
      const frame = panel ? panel.querySelector("iframe") : build();
      panel.hidden = false;
      panel.style.display = "flex";
      const query = new URLSearchParams();
      if (prompt) query.set("text", prompt);
      if (context) query.set("context", JSON.stringify(context));
      const path = `/new?${query.toString().replaceAll("+", "%20")}`;
      try {
        const link = session ? new URL(await session(), home) : null;
        if (link && link.origin !== home) throw new Error(`storehand.open: the session's link is not one of ${home}`);
        link?.searchParams.set("next", path);
        frame.src = link ? link.href : home + path;
      } catch (error) {
        api.close(); // an empty frame would say nothing; whoever opened it is told
        throw error;
      }
      frame.focus();
    },
    close() {
      if (!panel) return;
      panel.hidden = true;
      panel.style.display = "none";
      opener?.focus?.();
    },
    isOpen: () => panel !== null && !panel.hidden,
    // Whether this page may hold the panel: it is Storehand's own or one of its `frame_ancestors`.
    isEnabled: () => holders.length > 0 && [home, ...holders].some((each) => {
      const [before, after] = each.replace(/\/$/, "").toLowerCase().split("*");
      return after === undefined ? location.origin === before : location.origin.startsWith(before) && location.origin.endsWith(after);
    }),
  };

  window.storehand = Object.freeze(api);
})();
