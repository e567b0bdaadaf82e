import { script } from "./script.ts";
import { style } from "./style.ts";

/**
 * The inspector's page: plain HTML that loads nothing.
 *
 * @param nonce What lets the browser run its script and style, and no others.
 */
export function inspectorPage(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Copernica webhooks</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${style}</style>
<body>
<header>
  <h1>Copernica webhooks</h1>
  <input id="filter" type="search" placeholder="Filter (/)" aria-label="Filter" autocomplete="off">
  <select id="state" aria-label="State">
    <option value="">all</option>
    <option value="verified">verified</option>
    <option value="unverified">not verified</option>
    <option value="refused">refused by the app</option>
  </select>
  <button id="pause" type="button" aria-pressed="false">Pause (p)</button>
  <button id="clear" type="button">Clear</button>
  <span id="count" aria-live="polite"></span>
</header>
<div id="list" role="listbox" aria-label="Calls" tabindex="0"><p id="empty">No call came in yet.</p><div id="rows"></div></div>
<main id="call" aria-label="Call" tabindex="-1"></main>
<div id="toast" role="status"></div>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`;
}
