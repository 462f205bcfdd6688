/* What HTML and htmx cannot do alone. Every page works without this file; each part below says why it exists. */
"use strict";

// Buttons that only a script can serve stay hidden until here (see .js in the style sheets).
document.documentElement.classList.add("js");

const answeredYes = new WeakSet();
const asking = new WeakSet(); // Dialogs, until their answer is obeyed.

// A form with data-confirm asks its <dialog> first. Capture phase: before htmx hears of the submit, so that htmx forms
// and plain ones behave alike. Saying yes submits once more, and that time it passes.
function askFirst(event) {
  const form = event.target;
  const dialog = document.getElementById(form.dataset.confirm);
  if (!dialog || answeredYes.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // A dialog is closed a moment before that is told: the second click of two on "yes" may hit the button below it.
  if (asking.has(dialog)) return;
  asking.add(dialog);
  dialog.returnValue = ""; // Escape would leave the answer of the time before.
  dialog.addEventListener("close", () => hear(dialog, form, event.submitter), { once: true });
  dialog.showModal();
}

function hear(dialog, form, button) {
  asking.delete(dialog);
  obey(dialog.returnValue, form, button);
}

function obey(answer, form, button) {
  if (answer === "confirm") {
    answeredYes.add(form);
    form.requestSubmit(button);
  } else {
    button?.focus(); // Safari does not focus a button that is clicked, so closing has nothing to give back.
  }
}

// A password that is shown must not be sent as plain text: browsers remember those for their suggestions.
function hidePasswords(event) {
  for (const button of event.target.querySelectorAll(".reveal[aria-pressed=true]")) reveal(button, false);
}

function reveal(button, shown) {
  document.getElementById(button.dataset.reveals).type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
}

// One listener for all buttons, because htmx brings new ones.
function press(event) {
  const button = event.target.closest("button[data-reveals], button[data-dismisses]");
  if (!button) return;
  if (button.dataset.reveals) reveal(button, button.getAttribute("aria-pressed") !== "true");
  else dismiss(button.closest(".notice"));
}

function dismiss(notice) {
  notice.remove();
  document.getElementById("main").focus({ preventScroll: true }); // The focused button is gone; not from the top.
}

// The back-forward cache keeps a page whole, and could show a signed-in one after signing out. It is blanked on its
// way in, while nobody sees it, and asked for anew on its way out. Every page: a guest's form token may be old as well.
function leave(event) {
  document.documentElement.classList.toggle("is-away", event.persisted);
}

function comeBack(event) {
  if (event.persisted) window.location.reload();
}

const confirming = document.getElementById("confirming"); // Only where somebody is signed in.
const CONFIRMING_FORM = "#confirming-form";

// The password is asked for over the page, for an act that was not done. The focus comes back to that act's button: it
// is pressed again, never by us.
function askPassword(event) {
  const { hx, request } = event.detail.ctx;
  if (hx.retarget !== CONFIRMING_FORM || confirming.open) return;
  confirming.addEventListener("close", () => endAsking(request.submitter), { once: true });
  confirming.showModal();
}

function endAsking(button) {
  confirming.querySelector(CONFIRMING_FORM + " form")?.reset(); // The password does not stay in the page.
  button?.focus({ preventScroll: true });
}

// What happens over a page that stays as it is.
const ASIDE = "#session-stream, #again";

// What is told on the page is told when it can be heard: a page below a modal dialog is silent.
function closeForNotice(ctx) {
  if (confirming?.open && ctx.hx.retarget !== CONFIRMING_FORM) confirming.close();
}

function showNoAnswer(element) {
  if (!element.matches("form, #again-room")) return;
  const aside = element.closest(ASIDE);
  if (!aside) confirming?.close();
  const notices = document.getElementById(aside ? "again-notices" : "notices");
  // The form over the page is asked for again and again; that it does not come is said once.
  if (element.id === "again-room" && notices.childElementCount) return;
  notices.replaceChildren(document.getElementById("no-answer").content.cloneNode(true));
}

// No answer at all (htmx also reports its own faults by this event, with an answer). A check while typing stays silent.
function requestFailed(event) {
  const ctx = event.detail.ctx;
  if (ctx && ctx.text === undefined) showNoAnswer(ctx.sourceElement);
}

// A failure that is not ours (ours says where it goes by HX-Retarget) is a page of the platform's router, such as
// Heroku's H12: htmx would put that whole page into the form.
function answerArrived(event) {
  const { response, hx, sourceElement } = event.detail.ctx;
  // The notice that a session ends may lie in that dialog (pieces.js), and goes by itself.
  if (!sourceElement.closest(`${ASIDE}, #session-ending`)) closeForNotice(event.detail.ctx);
  if (response.status < 500 || hx.retarget) return;
  event.preventDefault();
  showNoAnswer(sourceElement);
}

// A button that was disabled under way has lost the focus. If no swap gave it away, it comes back, once htmx has
// enabled the button, which it does right after this event.
function requestEnded(event) {
  const button = event.detail.ctx.request.submitter;
  setTimeout(() => {
    if (document.activeElement === document.body && button?.isConnected) button.focus({ preventScroll: true });
  });
}

// A whole page brings its live region full, nobody hears it: the first notice takes the focus, where no field has it.
function tellFromStart() {
  const notice = document.querySelector("#notices > .notice");
  if (!notice || document.querySelector("[autofocus]:not(dialog *)") || document.activeElement !== document.body) return;
  notice.tabIndex = -1;
  notice.focus({ preventScroll: true });
}

// A wait counts down to "now". By the clock: a tab in the background is woken late, and htmx brings new waits.
function countDown() {
  for (const wait of document.querySelectorAll("[data-countdown]")) {
    wait.dataset.ends ??= Date.now() + wait.dataset.countdown * 1000;
    const seconds = Math.ceil((wait.dataset.ends - Date.now()) / 1000);
    // Longer than an hour and a half: the words that came with the page are true for long enough to be read.
    if (seconds < 5400) wait.textContent = sayWait(seconds);
  }
}

function sayWait(seconds) {
  if (seconds <= 0) return "now";
  if (seconds < 60) return `in ${seconds} second${seconds === 1 ? "" : "s"}`;
  return `in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} minutes`;
}

tellFromStart();
countDown();
setInterval(countDown, 1000);
document.addEventListener("submit", askFirst, true);
document.addEventListener("submit", hidePasswords, true);
document.addEventListener("click", press);
window.addEventListener("pagehide", leave);
window.addEventListener("pageshow", comeBack);
document.addEventListener("htmx:error", requestFailed);
document.addEventListener("htmx:before:response", answerArrived);
document.addEventListener("htmx:after:swap", askPassword);
document.addEventListener("htmx:finally:request", requestEnded);
