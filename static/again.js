/* Signing in again in a dialog over the page, behind which everything stays as it is. session.js says by events when
   that is needed, and when no more; "over" is a session after which there is no other way left. */
"use strict";

(() => {
  const root = document.documentElement;
  const stream = document.getElementById("session-stream");
  const again = document.getElementById("again");
  const room = document.getElementById("again-room");
  const notices = document.getElementById("again-notices");
  const oneMoment = [...room.childNodes];

  // Milliseconds until the form is asked for once more, where it did not come.
  const SOON = 5_000;
  // Until what is told is heard below a dialog that has gone.
  const HEARD = 100;

  function open() {
    if (!again.open) again.showModal();
    fill(); // The form may have come while the dialog was closed.
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
    room.replaceChildren(...oneMoment);
    notices.replaceChildren();
  }

  function requestEnds(event) {
    const { ctx } = event.detail;
    if (!isOurs(ctx)) return;
    fill();
    if (again.open) setTimeout(ask, SOON);
    else if (ctx.sourceElement !== room) tellAgain();
  }

  function isOurs({ sourceElement }) {
    return sourceElement === room || sourceElement.id === "again-form"; // Which may be gone by then.
  }

  // The form comes without what only this page knows. The email may be another by now: what was typed stays.
  function fill() {
    const form = document.getElementById("again-form");
    if (!form) return;
    const { elements } = form, { account, session } = stream.dataset, { email, remember } = again.dataset;
    if (!elements.account.value) elements.email.value = email;
    for (const [name, value] of Object.entries({ account, session, remember })) elements[name].value = value;
  }

  function ask() {
    if (again.open && !document.getElementById("again-form")) htmx.trigger(room, "again-wanted");
  }

  // What was told while the dialog was still there was silent.
  function tellAgain() {
    const place = document.getElementById("notices"), told = [...place.children];
    place.replaceChildren();
    setTimeout(() => place.append(...told), HEARD);
  }

  // The notices of the page lie below.
  function answerComes(event) {
    const { ctx } = event.detail;
    if (isOurs(ctx) && !event.defaultPrevented) notices.replaceChildren();
    if (again.open && ctx.hx.retarget === "#notices") ctx.hx.retarget = "#again-notices";
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
