/* Signing in again in a dialog over the page, behind which everything stays as it is. session.js says by events when that
   is needed, and when no more; "over" is a session after which there is no other way left. */
"use strict";

(() => {
  const root = document.documentElement;
  const stream = document.getElementById("session-stream");
  const again = document.getElementById("again");
  const room = document.getElementById("again-room");
  const notices = document.getElementById("again-notices");

  // Milliseconds until the form is asked for once more, where it did not come.
  const SOON = 5_000;

  function open() {
    if (!again.open) again.showModal();
    ask();
  }

  function openAtLast() {
    root.classList.add("is-over");
    again.setAttribute("closedby", "none");
    open();
  }

  function lives(event) {
    const { another, shared } = event.detail;
    if (again.open && (another || isOver())) close();
    if (shared) again.remove(); // As on a page that was made there: nobody is offered the page of the one before.
  }

  function isOver() {
    return root.classList.contains("is-over");
  }

  function close() {
    root.classList.remove("is-over"); // First, or what is below could not take the focus back.
    again.close();
  }

  function keepOpen(event) {
    if (isOver()) event.preventDefault();
  }

  function closed() {
    if (isOver()) return again.showModal(); // Browsers let a second Escape through.
    again.removeAttribute("closedby");
    room.replaceChildren();
    notices.replaceChildren();
  }

  function requestEnds(event) {
    if (again.open && event.detail.ctx.sourceElement !== stream) fill();
  }

  // The form comes without what only this page knows.
  function fill() {
    const form = document.getElementById("again-form");
    if (!form) return setTimeout(ask, SOON);
    const { account, session } = stream.dataset, { email, remember } = again.dataset;
    for (const [name, value] of Object.entries({ account, session, email, remember })) form.elements[name].value = value;
  }

  function ask() {
    if (again.open && !document.getElementById("again-form")) htmx.trigger(room, "again-wanted");
  }

  // The notices of the page lie below.
  function answerComes(event) {
    const { hx } = event.detail.ctx;
    if (again.open && hx.retarget === "#notices") hx.retarget = "#again-notices";
  }

  function press(event) {
    if (again.isConnected && event.target.closest("[data-signs-in-again]")) open();
  }

  again.addEventListener("session-over", openAtLast);
  again.addEventListener("session-lives", lives);
  again.addEventListener("cancel", keepOpen);
  again.addEventListener("close", closed);
  document.addEventListener("click", press);
  document.addEventListener("htmx:finally:request", requestEnds);
  document.addEventListener("htmx:before:response", answerComes);
})();
