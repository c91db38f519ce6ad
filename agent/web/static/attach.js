// A table beside a request: picked, dropped or pasted, taken in at once and shown as a chip that can be taken away before it is sent.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const on = (name, work, early) => document.addEventListener(name, work, early);
  const chip = () => document.querySelector("#attached [data-file]");

  // With a file nothing has to be said: what is to be done is asked where the file leaves it open.
  const settle = () => { byId("text").required = !chip(); };

  const give = (files) => {
    if (!files.length) return;
    byId("upload").files = files;
    byId("upload").dispatchEvent(new Event("change", { bubbles: true }));
  };

  const brings = (event) => event.dataTransfer.types.includes("Files");
  const mark = (over) => byId("composer").classList.toggle("dropping", over);
  on("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    mark(true);
  });
  on("dragleave", (event) => { if (!event.relatedTarget) mark(false); });
  // Not taken here, the browser would leave the page for the file.
  on("drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    mark(false);
    give(event.dataTransfer.files);
  });
  on("paste", (event) => { if (event.target.id === "text") give(event.clipboardData.files); });

  on("keydown", (event) => {
    const box = event.target;
    if (box.id === "text" && event.key === "Enter" && !event.shiftKey && !event.isComposing && !box.value.trim() && chip()) box.form.requestSubmit();
  });

  // "Ask again" and "Edit" take the file of that request along; the second click goes its way.
  let gone;
  on("click", (event) => {
    const button = event.target.closest("[data-edit], [data-again]");
    const file = button?.closest("[data-run]").querySelector("[data-file]");
    if (event.target.closest("[data-chip]")) window.setTimeout(settle);
    if (!file || button === gone) return;
    event.stopImmediatePropagation();
    window.htmx.ajax("GET", `/files/${file.dataset.id}`, "#attached").then(() => {
      gone = button;
      button.click();
      gone = null;
    });
  }, true);

  // What is taken in is not sent again with the words, and goes with them.
  on("htmx:afterRequest", (event) => {
    if (event.target.id === "upload") {
      byId("upload").value = "";
      byId("text").focus();
    }
    if (event.target.id === "composer" && event.detail.xhr.status === 200) byId("attached").replaceChildren();
    settle();
  });
  on("htmx:afterSwap", settle);
})();
