/* A line that is lost on the way (a network that changes, a router that forgets) ends without a word. The server
   breathes every 20 s (webapp/server), and a page that hears nothing for longer opens a new line. */
"use strict";

(() => {
  const stream = document.getElementById("session-stream");

  // Milliseconds: two breaths are missing by then.
  const STILL = 50_000;

  let lost = false;
  let still;

  // A server of the version before does not breathe so that a page hears it: nothing is expected before the first time.
  function listen(event) {
    const { connection, message } = event.detail;
    if (still === undefined && message.event !== "breath") return;
    forget();
    still = setTimeout(openAnew, STILL, connection);
  }

  function forget() {
    clearTimeout(still);
    still = undefined;
  }

  // hx-sse comes back when a line ends, as for a server in trouble, which this one is not known to be.
  function openAnew(connection) {
    forget();
    lost = true;
    connection.reader?.cancel();
  }

  function connecting(event) {
    const { connection } = event.detail;
    forget();
    if (lost) setTimeout(() => connection.delayCanceller?.());
    lost = false;
  }

  // Nothing is heard by a tab that nobody sees: it has given its line up.
  function hide() {
    if (document.hidden) forget();
  }

  document.addEventListener("visibilitychange", hide);
  stream.addEventListener("htmx:sse:before:message", listen);
  stream.addEventListener("htmx:sse:before:connection", connecting);
  stream.addEventListener("htmx:sse:close", forget);
})();
