/** The page's only style sheet; its hash is in the Content-Security-Policy. */
export const style = /* css */ `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f5f5f1, #121617);
  --paper: light-dark(#fffffd, #1a2021);
  --sunk: light-dark(#f0f0eb, #141919);
  --line: light-dark(#e0e0d8, #2c3536);
  --edge: light-dark(#8a908c, #6f7c7d);
  --ink: light-dark(#1d2524, #e4eae8);
  --soft: light-dark(#55605d, #a3afad);
  --tint: light-dark(#0b6459, #6fd0bf);
  --on-tint: light-dark(#ffffff, #0d1a18);
  --good: light-dark(#0b6459, #7fd3c3);
  --good-ground: light-dark(#e0f1ed, #16322e);
  --warn: light-dark(#7a4a00, #eabf72);
  --warn-ground: light-dark(#faeed6, #382b14);
  --bad: light-dark(#a0232c, #f59d99);
  --bad-ground: light-dark(#fbe5e4, #3e1d1e);
  --mono: ui-monospace, 'SFMono-Regular', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Hiragino Sans', 'Yu Gothic UI', Meiryo, 'Noto Sans CJK JP', 'Noto Sans JP', sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); }
a { color: var(--tint); }
code, pre, .mono { font-family: var(--mono); font-size: .87em; }
h1, h2, h3, p { margin: 0; }
:focus-visible { outline: 2px solid var(--tint); outline-offset: 2px; border-radius: 4px; }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 2; padding: .5rem 1rem; background: var(--tint); color: var(--on-tint); border-radius: 0 0 8px 8px; }
.skip:focus { top: 0; }
:root:not(.js) .scripted, .js .unscripted { display: none; }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.5rem; max-width: 96rem; margin: auto; padding: 1.25rem clamp(1rem, 3vw, 2.5rem) .25rem; }
.brand { display: flex; align-items: center; gap: .75rem; margin-right: auto; }
.brand svg { width: 2.25rem; height: 2.25rem; flex: none; color: var(--tint); }
h1 { font-size: 1.2rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; }
.brand p { color: var(--soft); font-size: .87rem; }
.live { display: flex; align-items: center; gap: .6rem; color: var(--soft); font-size: .87rem; }
.live::before { content: ''; width: .55rem; height: .55rem; border-radius: 50%; background: var(--good); }
.live[data-state='off']::before { background: var(--edge); }
.live[data-state='lost']::before { background: var(--bad); }
nav { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; font-size: .87rem; }
nav a, .tongue { text-decoration: none; padding: .2rem 0; }
.tongue { font-size: .87rem; }
nav a:hover, .tongue:hover { text-decoration: underline; }
.notice:not(:empty) { max-width: 91rem; margin: .75rem auto 0; width: calc(100% - 2 * clamp(1rem, 3vw, 2.5rem)); padding: .6rem 1rem; border-radius: 8px; background: var(--good-ground); color: var(--good); overflow-wrap: anywhere; }
.notice[data-kind='bad'] { background: var(--bad-ground); color: var(--bad); }
.js .notice:not(:empty) { position: fixed; z-index: 1; bottom: 1.25rem; left: 50%; translate: -50%; width: max-content; max-width: calc(100vw - 2rem); margin: 0; border: 1px solid currentcolor; box-shadow: 0 6px 24px light-dark(#0002, #0008); }

main { display: grid; grid-template-columns: minmax(0, 1fr) 22.5rem; grid-template-areas: 'log side' 'hooks side' 'switches side'; grid-template-rows: auto auto 1fr; gap: 1.25rem; align-items: start; max-width: 96rem; margin: auto; padding: 1rem clamp(1rem, 3vw, 2.5rem) 3rem; }
#requests { grid-area: log; }
#webhooks { grid-area: hooks; }
#switches { grid-area: switches; }
.side { grid-area: side; display: grid; gap: 1.25rem; min-width: 0; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.25rem 1.25rem; min-width: 0; scroll-margin-top: 1rem; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .75rem; margin-bottom: .75rem; }
.head > form { margin-left: auto; }
h2 { font-size: 1rem; font-weight: 650; }
h3 { font-size: .93rem; font-weight: 600; }
.count, .note, .empty { color: var(--soft); font-size: .87rem; }
.note { margin-bottom: .75rem; }
.empty pre { margin: .5rem 0 0; }
.after { margin-top: .9rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }

button { font: inherit; font-size: .87rem; line-height: 1.35; color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: 7px; padding: .32rem .7rem; cursor: pointer; text-align: start; text-decoration: none; }
button:hover { border-color: var(--tint); color: var(--tint); }
button:active { background: var(--sunk); }
button.main { background: var(--tint); border-color: var(--tint); color: var(--on-tint); }
button.main:hover { filter: brightness(1.1); color: var(--on-tint); }
button.small { padding: .2rem .5rem; font-size: .8rem; white-space: nowrap; }
input, select { font: inherit; font-size: .87rem; color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: 7px; padding: .3rem .55rem; min-width: 0; max-width: 100%; }

#filter-text { width: 15rem; }

table { width: 100%; border-collapse: collapse; font-size: .87rem; }
th { text-align: start; font-weight: 500; color: var(--soft); font-size: .8rem; padding: .25rem .6rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { padding: .36rem .6rem .36rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
td.time { color: var(--soft); white-space: nowrap; font-variant-numeric: tabular-nums; }
td.method { font-family: var(--mono); font-size: .8rem; font-weight: 600; }
td.path { width: 99%; overflow-wrap: anywhere; font-family: var(--mono); font-size: .84rem; }
td.path a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px; }
td.path a:hover { color: var(--tint); text-decoration-color: currentcolor; }
td.user { white-space: nowrap; color: var(--soft); }
.js tr.new td { animation: arrive 2.5s ease-out; }
@keyframes arrive { from { background: var(--good-ground); } }
.fault { display: block; font-family: system-ui, sans-serif; font-size: .84rem; color: var(--bad); }
.scroll { overflow: auto; max-height: 34rem; }
.scroll thead th { position: sticky; top: 0; background: var(--paper); box-shadow: inset 0 -1px var(--line); }
#webhooks .scroll { max-height: 26rem; }
.pill { display: inline-block; padding: 0 .5em; border-radius: 5px; font-variant-numeric: tabular-nums; font-size: .84rem; white-space: nowrap; background: var(--sunk); }
.pill.good { background: var(--good-ground); color: var(--good); }
.pill.warn { background: var(--warn-ground); color: var(--warn); }
.pill.bad { background: var(--bad-ground); color: var(--bad); }
.attempts { display: flex; gap: .25rem .3rem; margin: 0; padding: 0; list-style: none; }
.attempts li { white-space: nowrap; }
.attempts li + li::before { content: '→ '; color: var(--soft); font-size: .8rem; }
.attempts .pill { max-width: 9rem; overflow: hidden; text-overflow: ellipsis; vertical-align: bottom; }
.to { color: var(--soft); }
td .next { display: block; white-space: nowrap; }

.steps { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .3rem; }
.steps button { padding-inline: .55rem; }
.turn { margin-left: auto; }
.clock { display: flex; align-items: center; gap: .5rem 1rem; margin-bottom: .6rem; }
.clock time { display: block; font-size: 1.8rem; line-height: 1.15; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.clock .date { color: var(--soft); font-size: .87rem; font-variant-numeric: tabular-nums; }
.meter { display: block; width: 100%; height: .6rem; margin: .35rem 0 .25rem; border: 1px solid var(--edge); border-radius: 99px; background: var(--sunk); }
.meter.good { fill: var(--good); }
.meter.warn { fill: light-dark(#b87a14, #eabf72); }
.meter.bad { fill: var(--bad); }
.split { align-items: baseline; }

.steps { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .3rem; }
.steps button { padding-inline: .55rem; }
.turn { margin-left: auto; }
.clock { display: flex; flex-wrap: wrap; gap: 0 .6rem; margin-bottom: .6rem; align-items: center; }
.clock time { font-size: 1.7rem; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.clock .date { color: var(--soft); font-size: .87rem; font-variant-numeric: tabular-nums; }
meter { appearance: none; display: block; width: 100%; height: .6rem; margin: .35rem 0 .25rem; border: 1px solid var(--edge); border-radius: 99px; background: var(--sunk); overflow: hidden; }
meter::-webkit-meter-inner-element { display: block; height: 100%; min-height: 0; }
meter::-webkit-meter-bar { height: 100%; min-height: 0; border: 0; border-radius: 0; background: transparent; }
meter::-webkit-meter-optimum-value { background: var(--good); }
meter::-webkit-meter-suboptimum-value { background: var(--warn); }
meter::-webkit-meter-even-less-good-value { background: var(--bad); }
meter::-moz-meter-bar { background: var(--good); }
.soft code { font-size: .95em; }
.split { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
.soft { color: var(--soft); font-size: .87rem; }
.list { display: grid; gap: .7rem; margin: 0; padding: 0; list-style: none; }
.list > li { min-width: 0; overflow-wrap: anywhere; }
.list > li + li { border-top: 1px solid var(--line); padding-top: .7rem; }
.hooks { gap: .45rem; margin-bottom: 1rem; }
.hooks > li + li { padding-top: .45rem; }
.key { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem; }
.key code { background: var(--sunk); padding: .1rem .45rem; border-radius: 5px; overflow-wrap: anywhere; user-select: all; }
details > summary { cursor: pointer; list-style-position: inside; }
details[open] > summary { margin-bottom: .75rem; }
summary h2 { display: inline; }
summary .count { margin-left: .5rem; }
.switches { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1.25rem 1.75rem; }
.apply { position: sticky; bottom: 0; margin-top: 1rem; padding: .5rem 0; background: var(--paper); }
.switch { display: grid; gap: .25rem; align-content: start; min-width: 0; }
.switch label { font-size: .84rem; }
.switch .about { color: var(--soft); font-size: .84rem; }
.switch.changed label { color: var(--warn); font-weight: 600; }
#faults-set { margin-bottom: 1rem; padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
#faults-set .split { flex-wrap: nowrap; align-items: start; }
.presets { display: flex; flex-wrap: wrap; gap: .4rem; margin: .2rem 0 .8rem; }
.presets:last-child { margin-bottom: 0; }
.presets button { padding-inline: .55rem; }

dialog { width: min(58rem, calc(100vw - 2rem)); max-height: calc(100vh - 3rem); padding: 0; border: 1px solid var(--line); border-radius: 14px; background: var(--paper); color: var(--ink); box-shadow: 0 20px 60px light-dark(#0003, #000a); }
dialog::backdrop { background: light-dark(#1d252466, #000a); }
.sheet { padding: 1.25rem 1.5rem 1.5rem; }
.sheet .head { justify-content: space-between; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; margin: 0 0 1rem; font-size: .87rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: .3rem 0 1rem; padding: .75rem 1rem; background: var(--sunk); border: 1px solid var(--line); border-radius: 8px; overflow: auto; max-height: 26rem; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45; }
.alone { max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; }
.alone .sheet { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; margin-top: 1rem; }

@media (max-width: 66rem) {
  main { grid-template-columns: minmax(0, 1fr); grid-template-areas: none; }
  main > * { grid-area: auto !important; }
  .side { grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); align-items: start; }
}
@media (max-width: 40rem) {
  .wide td.last { margin-left: auto; }
  .wide td .next { display: inline; }
  .card { padding: 1rem; }
  .wide thead { position: absolute; clip-path: inset(50%); }
  .wide tr { display: flex; flex-wrap: wrap; gap: .1rem .6rem; align-items: baseline; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .wide tr:last-child { border-bottom: 0; }
  .wide td { padding: 0; border: 0; text-align: start; }
  .wide td.path { flex: 1 0 100%; width: auto; order: -1; }
  .wide td.number::after { content: ' ' attr(data-label); color: var(--soft); }
  .brand svg { width: 1.9rem; height: 1.9rem; }
}
@media (prefers-reduced-motion: reduce) { .js tr.new td { animation: none; } }
@media (forced-colors: active) { .pill { border: 1px solid; } }
`
