/** The style of the inspector's page, light and dark as its user has it. */
export const style = `
:root { color-scheme: light dark; --line: light-dark(#d8dbe2, #353a45); --back: light-dark(#fff, #16181d);
  --soft: light-dark(#f4f5f8, #1e2128); --text: light-dark(#1b1e24, #e6e8ec); --faint: light-dark(#5b6270, #9aa2b1);
  --good: light-dark(#11723d, #5fce8c); --bad: light-dark(#b3261e, #ff8a80); --wait: light-dark(#8a5a00, #f0c060);
  --mark: light-dark(#dfe8ff, #2a3550); --focus: light-dark(#2b5fd9, #8ab0ff); }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr / minmax(320px, 38%) 1fr; background: var(--back);
  color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
header { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; padding: 8px 12px;
  border-bottom: 1px solid var(--line); background: var(--soft); }
h1 { font-size: 15px; margin: 0 8px 0 0; }
#count { color: var(--faint); margin-left: auto; font-variant-numeric: tabular-nums; }
input, select, button, textarea { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line);
  border-radius: 6px; padding: 4px 9px; }
button { cursor: pointer; } button[aria-pressed=true] { background: var(--mark); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
#filter { width: 220px; }
#list { overflow-y: auto; border-right: 1px solid var(--line); position: relative; }
#rows { position: relative; }
.row { position: absolute; left: 0; right: 0; height: 46px; padding: 4px 12px; border-bottom: 1px solid var(--line);
  cursor: pointer; overflow: hidden; white-space: nowrap; }
.row[aria-selected=true] { background: var(--mark); }
.row b { font-weight: 600; } .row small { color: var(--faint); display: block; white-space: pre; text-overflow: ellipsis; overflow: hidden; }
.row .state { float: right; font-size: 12px; }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); } .faint { color: var(--faint); }
main { overflow-y: auto; padding: 12px 16px 40px; }
main h2 { font-size: 16px; margin: 0 0 8px; } main h3 { font-size: 13px; margin: 20px 0 6px; color: var(--faint); }
.actions { display: flex; flex-wrap: wrap; gap: 6px; }
table { border-collapse: collapse; width: 100%; } td { padding: 3px 8px 3px 0; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; } td:nth-child(2):not(:last-child) { white-space: nowrap; } tr + tr td { border-top: 1px solid var(--line); }
pre, textarea { font: 12.5px/1.5 ui-monospace, monospace; background: var(--soft); border: 1px solid var(--line);
  border-radius: 6px; padding: 8px; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
textarea { width: 100%; min-height: 120px; resize: vertical; }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 8px; }
.beside h4 { margin: 0 0 4px; font-size: 12px; font-weight: 500; }
.miss { border-left: 3px solid var(--wait); padding: 4px 10px; margin: 8px 0; background: var(--soft); }
ins { text-decoration: none; background: var(--mark); }
#empty { color: var(--faint); padding: 40px 12px; text-align: center; }
#toast { position: fixed; bottom: 14px; right: 14px; background: var(--text); color: var(--back); border-radius: 6px;
  padding: 6px 12px; } #toast:empty { display: none; }
@media (max-width: 720px) { body { grid-template: auto 40% 1fr / 1fr; } #list { border-right: 0; border-bottom: 1px solid var(--line); } }
`;
