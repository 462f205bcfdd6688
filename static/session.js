/* What happens to the session while a page of somebody signed in is open. The server decides what is shown and sends it
   by a stream (webapp/web/pages/session_events.py), which hx-sse reads; this connects it, and does what HTML cannot.
   How the pieces that it brings are put into the page is for pieces.js, signing in over the page for again.js, and a
   line that has been lost for breath.js. */
"use strict";

(() => {
  const main = document.getElementById("main");
  const stream = document.getElementById("session-stream");
  const ending = document.getElementById("session-ending");
  const again = document.getElementById("again"); // Not on a shared computer.
  const otherTabs = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;

  // Milliseconds. A server that has no room for the stream is asked again after the first, then more and more seldom.
  const SOON = 5_000, SELDOM = 60_000;
  // A stream that ends at once and has said nothing was shown a cookie that is not good any more. Another tab's answer
  // may be about to bring a better one, so it takes several of them. Where streams end at once whatever they have said,
  // a proxy cuts them: then they are tried seldom.
  const SHORT = 10_000, SEVERAL = 3;
  // How long an answer may take that leads away from here; hardly longer, once the session is known to be over.
  const LEAVING = 30_000, LEAVING_AT_LAST = 5_000;
  // Within this after a stream has begun it says that the session ends soon, if it does.
  const MOMENT = 1_000;

  const underWay = new Set(); // Requests of this page itself.
  const waiting = []; // For all of those.
  let connection = null; // hx-sse's own, while there is one.
  let asking = false, turning = false, hurrying = false, silent = false;
  let refusals = 0, cuts = 0, openedAt = 0, leftAt = -LEAVING;
  let retry, forgetEnding;

  // ---- The stream: only while somebody can see the page; browsers have six connections to a site over HTTP/1.1.

  function begin() {
    htmx.process(stream, true); // hx-sse may have arrived after htmx had seen the page.
    connect();
  }

  function connect() {
    clearTimeout(retry);
    if (connection || asking || turning || document.hidden) return;
    asking = true;
    htmx.trigger(stream, "session-connect");
  }

  function comeOrGo() {
    hurrying = !document.hidden;
    if (hurrying) setTimeout(hurry);
    else openedAt = 0; // hx-sse ends the stream: nobody has cut it.
  }

  // hx-sse goes on when the page is shown, but waits first as for a server in trouble. It may come to that a while
  // after, where the page was hidden for a moment only. Once: a server in trouble is not asked without a pause.
  function hurry() {
    if (document.hidden) return;
    connection?.delayCanceller?.();
    connect();
  }

  function connecting(event) {
    connection = event.detail.connection;
    if (hurrying) setTimeout(hurry);
    hurrying = false;
    const resting = wasCut() && cuts >= SEVERAL;
    openedAt = 0;
    connection.lastEventId = digest();
    connection.cancelled = document.hidden || turning || resting;
    if (!resting) return;
    retry = setTimeout(connect, SELDOM);
    if (silent) askWhetherOver();
  }

  // Counts those that were, until one lasts.
  function wasCut() {
    if (!openedAt) return false;
    const cut = performance.now() - openedAt < SHORT;
    cuts = cut ? cuts + 1 : 0;
    return cut;
  }

  // It may as well be a proxy that cannot pass on streams: then the page does without, and loses nothing.
  async function askWhetherOver() {
    const answer = await fetch("/session/ended", { headers: { Accept: "application/json" } }).catch(() => null);
    const told = answer?.ok ? await answer.json().catch(() => null) : null;
    if (told?.signed_in === false) turn();
  }

  function closed() {
    connection = null;
    openedAt = 0;
  }

  function connected(event) {
    openedAt = performance.now();
    hurrying = false;
    silent = true;
    if (document.hidden) event.detail.connection.abortController.abort(); // It was hidden just now.
  }

  // The address knows the list as the page came with it; where hx-sse comes back, it says the same by lastEventId.
  function requested(event) {
    if (digest()) event.detail.ctx.request.headers["Last-Event-ID"] = digest();
  }

  // What the server compares its list with.
  function digest() {
    return document.getElementById("sessions")?.dataset.digest ?? "";
  }

  // An open line would keep the page out of the back-forward cache; app.js asks for it anew when it comes back.
  function goAway() {
    turning = true;
    connection?.abortController.abort();
    otherTabs?.close();
  }

  // hx-sse comes back by itself where it has had a stream, and never where the first answer was none.
  function answered() {
    asking = false;
    if (connection) return;
    const pause = Math.min(SOON * 2 ** refusals++, SELDOM);
    retry = setTimeout(connect, pause * (0.5 + Math.random()));
  }

  // ---- What this page does itself comes first: its own sign-out leads to its own page, its own act changes its list.

  function requestBegins(event) {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== stream) underWay.add(ctx);
  }

  function requestEnds(event) {
    const { ctx } = event.detail;
    if (ctx.sourceElement === stream) return answered();
    if (ctx.hx?.redirect) leave();
    underWay.delete(ctx);
    if (!underWay.size) for (const go of waiting.splice(0)) go();
  }

  function leave() {
    leftAt = performance.now();
  }

  // ---- What the stream says.

  function messageComes(event) {
    const { message } = event.detail;
    if (message.event === "breath") return; // For breath.js.
    silent = false;
    if (!message.event && message.data.includes('hx-target="#session-ending"')) clearTimeout(forgetEnding);
    if (underWay.size) event.detail.waitUntil(new Promise((go) => waiting.push(go)).then(() => passOver(event.detail)));
    else passOver(event.detail);
  }

  // The list that is on the page already; this page's own request may have brought it just now.
  function passOver(detail) {
    const { message } = detail;
    if (!message.event && message.data.includes(`data-digest="${digest()}"`)) detail.cancelled = true;
  }

  function sessionHere(event) {
    const fromHere = !event.detail.data;
    const facts = fromHere ? event.detail : JSON.parse(event.detail.data);
    refusals = 0;
    if (facts.account !== stream.dataset.account) return reload();
    const another = facts.session !== stream.dataset.session;
    stream.dataset.session = facts.session;
    // The form in the dialog belongs to the browser, whoever is signed in there.
    for (const field of document.querySelectorAll("input[name=csrf_token]:not(#again *)")) field.value = facts.csrf;
    if (again) htmx.trigger(again, "session-lives", { another, shared: Boolean(facts.shared) });
    clearTimeout(forgetEnding);
    forgetEnding = setTimeout(clearEnding, fromHere ? 0 : MOMENT);
    if (!fromHere) return;
    otherTabs?.postMessage("session-here");
    connect();
  }

  // By its address: reload() would send a form anew whose answer this page is.
  function reload() {
    window.location.replace(window.location.pathname + window.location.search);
  }

  function clearEnding() {
    const focused = ending.contains(document.activeElement);
    ending.replaceChildren();
    if (focused) main.focus({ preventScroll: true });
  }

  function sessionCloses(event) {
    const reason = event.detail.data;
    openedAt = 0;
    if (reason === "crowded") return;
    if (performance.now() - leftAt < LEAVING) {
      leftAt = -LEAVING;
      retry = setTimeout(connect, LEAVING_AT_LAST); // If it is still here by then, it was a download.
    } else if (reason === "expired" && again?.isConnected) {
      htmx.trigger(again, "session-over");
    } else {
      turn();
    }
  }

  // The server says where to come back to: the address of a page from a mail is a secret, and would stand in this one.
  function turn() {
    turning = true;
    const { next } = stream.dataset;
    window.location.replace(`/session/ended${next && `?next=${encodeURIComponent(next)}`}`);
  }

  // ---- Answers to what this page itself has asked for.

  function answerComes(event) {
    const { ctx } = event.detail;
    // An old server or a proxy answers in words, which are not for people: they have not asked for anything.
    if (ctx.sourceElement === stream && !isStream(ctx.response)) return event.preventDefault();
    // Too late to stay: the stream is about to say what to do, and the page need not be left for it.
    if (ctx.response.status === 401 && connection && ending.contains(ctx.sourceElement)) ctx.hx.redirect = "";
  }

  function isStream(response) {
    return Boolean(response.headers.get("Content-Type")?.startsWith("text/event-stream"));
  }

  setTimeout(begin);
  document.addEventListener("visibilitychange", comeOrGo);
  window.addEventListener("focus", hurry);
  window.addEventListener("online", hurry);
  window.addEventListener("beforeunload", leave);
  window.addEventListener("pagehide", goAway);
  otherTabs?.addEventListener("message", connect);
  document.addEventListener("htmx:before:request", requestBegins);
  document.addEventListener("htmx:finally:request", requestEnds);
  document.addEventListener("htmx:before:response", answerComes);
  stream.addEventListener("htmx:config:request", requested);
  stream.addEventListener("htmx:sse:before:connection", connecting);
  stream.addEventListener("htmx:sse:after:connection", connected);
  stream.addEventListener("htmx:sse:close", closed);
  stream.addEventListener("htmx:sse:before:message", messageComes);
  stream.addEventListener("session-here", sessionHere);
  stream.addEventListener("session-close", sessionCloses);
})();
