import { html } from 'hono/html'
import type { Cell } from '../../site/list.ts'
import type { Frame } from '../../site/page.ts'
import { localeOf } from '../../texts/texts.ts'

/** Names and what they are, one below the other; what is empty is left away. */
export function facts(rows: readonly (readonly [name: string, value: Cell])[]) {
  const said = rows.filter(([, value]) => value !== '')
  return html`<dl class="facts">${said.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

/** ✓ or ✗, with words for those who do not see them. */
export const mark = (isGood: boolean, text: string) =>
  html`<span class="${isGood ? 'good' : 'bad'}"><span aria-hidden="true">${isGood ? '✓' : '✗'}</span> ${text}</span>`

export const whole = ({ language }: Frame, n: number): string => n.toLocaleString(localeOf(language))

const [hour, day] = [60, 24 * 60]

/** `3 hours`, `2 days`: of the largest unit of which there are two. */
export function span({ language }: Frame, ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  const said = (n: number, unit: string) =>
    Math.round(n).toLocaleString(localeOf(language), { style: 'unit', unit, unitDisplay: 'long' })
  if (minutes >= 2 * day) return said(minutes / day, 'day')
  return minutes >= 2 * hour ? said(minutes / hour, 'hour') : said(minutes, 'minute')
}
