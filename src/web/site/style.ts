/** The one style there is: light and dark, from 360 pixels up. */
export const style = `
:root {
  color-scheme: light dark;
  font: 100%/1.55 system-ui, sans-serif;
  --line: light-dark(#d5dae0, #3a424c);
  --soft: light-dark(#59626e, #a3adb9);
  --panel: light-dark(#fff, #1c2127);
  --ground: light-dark(#f4f6f8, #14181d);
  --ink: light-dark(#1b2027, #e6eaef);
  --accent: light-dark(#1f5fa8, #7db4f2);
  --on-accent: light-dark(#fff, #0d1621);
  --bad: light-dark(#a3231f, #ff9d94);
  --good: light-dark(#1c6b39, #86d9a3);
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink) }
.wide-as-text { max-width: 46rem; margin: 0 auto; padding-inline: 1.25rem }
header { background: var(--panel); border-bottom: 1px solid var(--line) }
header .wide-as-text { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; padding-block: .75rem }
header .site { font-weight: 600; margin-inline-end: auto; color: inherit; text-decoration: none; display: flex; gap: .6rem; align-items: center; min-width: 0; overflow-wrap: anywhere }
.logo { height: 2.25rem; max-width: 9rem; object-fit: contain }
header .wide-as-text > span { min-width: 0; overflow-wrap: anywhere }
@media (max-width: 30rem) {
  header .wide-as-text > span { order: 1; flex-basis: 100%; color: var(--soft); font-size: .92rem }
}
nav ul { display: flex; flex-wrap: wrap; gap: .25rem .9rem; list-style: none; margin: 0; padding: 0 }
nav.wide-as-text { padding-bottom: .6rem }
nav summary { font-weight: 600; cursor: pointer; padding: .3rem 0 }
@supports selector(::details-content) {
  @media (min-width: 48rem) {
    nav summary { display: none }
    nav details::details-content { content-visibility: visible }
  }
}
nav a[aria-current] { color: inherit; font-weight: 600; text-decoration: none }
main { padding-block: 1.5rem 3rem }
footer { color: var(--soft); font-size: .9rem; padding-bottom: 2rem }
footer form { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap }
footer label, footer select { margin: 0; width: auto !important; font-weight: 400 }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1rem; overflow-wrap: anywhere }
h2 { font-size: 1.2rem; margin: 2rem 0 .75rem }
a { color: var(--accent) }
a:focus-visible, button:focus-visible, input:focus-visible, textarea:focus-visible, select:focus-visible, summary:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px
}
.skip { position: absolute; inset-inline-start: -999rem }
.skip:focus { position: static }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem; padding: 1.25rem; margin-bottom: 1.25rem }
.panel > :first-child { margin-top: 0 }
.panel > :last-child { margin-bottom: 0 }
.broad .wide-as-text { max-width: 68rem }
.search { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin-bottom: 1rem }
.search > :first-child { flex: 1 1 14rem }
.search label, .search button { margin-top: 0 }
.actions { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; align-items: center; margin: 0 0 1.25rem }
.off { color: var(--soft) }
.badge { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .35rem; font-size: .85rem; white-space: nowrap }
.number { white-space: nowrap; font-variant-numeric: tabular-nums }
.cards th { text-align: start; font-weight: 600 }
.cards tbody th { overflow-wrap: anywhere }
.cards tbody tr:last-child > * { border-bottom: 0 }
.cards a { overflow-wrap: anywhere }
@media (max-width: 48rem) {
  .cards, .cards tbody, .cards tr, .cards tbody th { display: block }
  .cards thead { position: absolute; inset-inline-start: -999rem }
  .cards tr { border-bottom: 1px solid var(--line); padding: .6rem 0 }
  .cards tr:last-child { border-bottom: 0 }
  .cards tbody th, .cards td { border: 0; padding: .15rem 0 }
  .cards td { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .5rem }
  .cards td:empty { display: none }
  .cards .badge { white-space: normal }
  .cards td::before { content: attr(data-head); color: var(--soft) }
  .cards td:has(> div > form:only-child) { display: block; padding-top: .4rem }
  .cards td:has(> div > form:only-child)::before { content: none }
}
.narrow { max-width: 26rem }
label { display: block; font-weight: 600; margin-top: 1rem }
.check { display: flex; gap: .6rem; align-items: baseline; font-weight: 400 }
.hint { color: var(--soft); font-size: .92rem; margin: .2rem 0 0 }
input:not([type=checkbox]), textarea, select {
  width: 100%; font: inherit; color: inherit; background: var(--ground);
  border: 1px solid var(--soft); border-radius: .4rem; padding: .5rem .65rem; margin-top: .25rem
}
input[aria-invalid=true], textarea[aria-invalid=true] { border-color: var(--bad) }
button, .button {
  font: inherit; overflow-wrap: normal; font-weight: 600; margin-top: 1.25rem; padding: .55rem 1.1rem; border-radius: .4rem; cursor: pointer;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent)
}
button.quiet { background: transparent; color: var(--accent); margin-top: 0; padding: .3rem .8rem }
button.bad { background: transparent; color: var(--bad); border-color: var(--bad); margin-top: 0; padding: .3rem .8rem }
.told { border-inline-start: .3rem solid var(--good); padding: .6rem .9rem; background: var(--panel); margin: 0 0 1.25rem }
.panel .told { margin-top: 1.25rem; background: var(--ground) }
.told.bad { border-color: var(--bad) }
.error { color: var(--bad); margin: .25rem 0 0 }
table { border-collapse: collapse; width: 100% }
caption { text-align: start; padding-bottom: .5rem }
th:last-child, td:last-child { padding-inline-end: 0 }
th, td { text-align: start; padding-block: .45rem; padding-inline: 0 .9rem; border-bottom: 1px solid var(--line); vertical-align: top }
[dir=rtl] :is(input[type=email], input[type=password]) { direction: ltr; text-align: end }
code, .code, .zone, .problems pre { direction: ltr; unicode-bidi: isolate }
code { font: .95em ui-monospace, monospace; overflow-wrap: anywhere }
.wide { overflow-x: auto }
.qr { width: 12rem; max-width: 100%; margin-block: .75rem; border-radius: .4rem; overflow: hidden; background: #fff }
.qr svg { display: block; width: 100% }
fieldset { border: 1px solid var(--line); border-radius: .4rem; margin: 1rem 0 0; padding: .2rem 1rem .8rem }
legend { font-weight: 600; padding-inline: .3rem }
fieldset .check { margin-top: .4rem }
fieldset:has(> select) { display: grid; grid-template-columns: minmax(0, 14rem) minmax(7rem, 1fr); gap: .4rem 1rem; align-items: center }
fieldset > :is(label:has(+ select), select) { margin: 0 }
.code { font: .92rem/1.5 ui-monospace, monospace; white-space: pre; overflow-x: auto; tab-size: 4 }
.buttons { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin-top: 1.25rem }
.buttons button { margin-top: 0; padding: .55rem 1.1rem }
.button { display: inline-block; margin-top: 0; text-decoration: none }
.mark { font-size: .85rem; font-weight: 600; color: var(--good); border: 1px solid; border-radius: 1rem; padding: .05rem .55rem; white-space: nowrap }
.mark.plain { color: var(--soft) }
.said { margin: .2rem 0 0; font-size: .92rem; overflow-wrap: anywhere }
.search { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end }
.search > input { flex: 1 1 12rem }
.search > label { flex: 1 0 100%; margin: 0 }
.search > button { margin-top: 0 }
.mark.bad { color: var(--bad) }
.problems { border-inline-start: .3rem solid var(--bad); padding-inline-start: 2rem }
.problems.warning { border-color: var(--soft) }
.problems pre { margin: .2rem 0 .6rem; overflow-x: auto }
.problems pre span { color: var(--soft) }
summary { cursor: pointer; padding-block: .3rem; color: var(--accent) }
.qr { max-width: 15rem; margin: 1rem 0 }
.qr svg { display: block; width: 100%; border-radius: .4rem }
.codes { columns: 14rem; font-size: 1.05rem; line-height: 1.9 }
.badge.bad { color: var(--bad); border-color: currentcolor }
.good { color: var(--good) }
span.bad { color: var(--bad) }
.facts { display: grid; grid-template-columns: minmax(8rem, max-content) minmax(0, 1fr); gap: .4rem 1.2rem; margin: 0 }
.facts dt { color: var(--soft) }
.facts dd { margin: 0; overflow-wrap: anywhere }
.facts + p { margin: 1rem 0 0 }
@media (max-width: 30rem) {
  th, td { padding-inline-end: .5rem }
  .wide table { font-size: .92rem }
  .facts { display: block }
  .facts dd { margin-bottom: .6rem }
}
.cards .check { display: inline-flex }
.actions a[aria-current] { color: inherit; font-weight: 600; text-decoration: none }
@media (min-width: 48rem) {
  .cards tbody th { min-width: 13rem }
  .cards td > div { min-width: 7.5rem }
  .cards td button { white-space: nowrap }
}
.cards td > div { min-width: 0; overflow-wrap: anywhere }
.cards th .hint { font-weight: 400 }
.change { display: block }
.plain { list-style: none; padding-inline-start: 1.25rem; overflow-wrap: anywhere }
.panel > .plain { padding: 0 }
.paste { user-select: all }
.zone { font: .85rem/1.5 ui-monospace, monospace; white-space: pre; overflow-x: auto }
.chart { margin: 1rem 0 }
.chart svg { display: block; width: 100%; height: 9rem; border-bottom: 1px solid var(--soft) }
.chart .ends { display: flex; justify-content: space-between }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; margin-inline-end: .2rem }
.chart figcaption { display: flex; flex-wrap: wrap; gap: 0 1rem }
.good-fill { fill: var(--accent); background: var(--accent) }
.bad-fill { fill: var(--bad); background: var(--bad) }
.share { display: block; width: 5rem; height: .5rem }
h3 { font-size: 1.05rem; margin: 1.25rem 0 .4rem }
.list { list-style: none; padding: .4rem 1.25rem }
.list li { padding: .75rem 0; border-bottom: 1px solid var(--line); display: flex; gap: .5rem 1rem; flex-wrap: wrap; align-items: baseline }
.list li > :first-child { flex: 1 1 14rem; min-width: 0; overflow-wrap: anywhere }
.list li:last-child { border-bottom: 0 }
`
