/* Pieces of a page that come by its stream change it under the eyes of whoever uses it: what is focused, open or typed
   stays as it is. htmx compares each piece with what is there (outerMorph), and asks here before it changes it. */
"use strict";

(() => {
  const main = document.getElementById("main");
  const stream = document.getElementById("session-stream");
  const ending = document.getElementById("session-ending");

  // A name that is being typed stays, with what was said about it; and what people or scripts have opened is open,
  // whatever the server knows. A dialog that lost the attribute for a moment would not be modal any more.
  const morphing = {
    htmx_before_morph_node: (element, { oldNode }) => !oldNode.matches?.("details.rename[open]"),
    htmx_before_morph_attr: (element, { attrName }) => attrName !== "open" || !element.matches("details, dialog"),
  };

  // Milliseconds for which nothing in a list that has just moved can be pressed with a pointer: it was aimed elsewhere.
  const SETTLING = 500;

  let focused, inList, digest, settled;

  function pieceComes(event) {
    if (event.detail.ctx.sourceElement !== stream) return;
    focused = document.activeElement;
    inList = list()?.contains(focused);
    digest = list()?.dataset.digest;
    goHome(); // The list may replace the dialog that the notice lies in.
  }

  // A line that is moved loses the focus in some browsers; one that is gone leaves it to the heading of the list.
  function pieceCame(event) {
    const { sourceElement } = event.detail.ctx;
    if (sourceElement === ending && document.activeElement === document.body) focusOn(main);
    if (sourceElement !== stream) return;
    riseOverDialog();
    const heading = inList && document.getElementById("sessions-heading");
    if (document.activeElement !== focused) focusOn(focused.isConnected ? focused : heading || main);
    if (list()?.dataset.digest !== digest) listMoved();
  }

  function listMoved() {
    say("The list of devices has changed.");
    document.documentElement.classList.add("is-settling");
    clearTimeout(settled);
    settled = setTimeout(() => document.documentElement.classList.remove("is-settling"), SETTLING);
  }

  // Below a modal dialog the notice that the session ends could be neither pressed nor heard.
  function riseOverDialog() {
    const dialog = [...document.querySelectorAll("dialog:modal:not(#again)")].at(-1);
    if (dialog && ending.hasChildNodes()) dialog.prepend(ending);
  }

  function goHome() {
    if (ending.closest("dialog")) document.getElementById("notices").after(ending);
  }

  function list() {
    return document.getElementById("sessions");
  }

  function focusOn(element) {
    element.focus({ preventScroll: true });
  }

  function say(words) {
    const news = document.getElementById("sessions-news");
    news.textContent = ""; // The same words twice would be silent the second time.
    setTimeout(() => (news.textContent = words), 100);
  }

  htmx.registerExtension("pieces", morphing);
  document.addEventListener("htmx:before:swap", pieceComes);
  document.addEventListener("htmx:after:swap", pieceCame);
  document.addEventListener("close", goHome, true); // Of a dialog: this event does not bubble.
})();
