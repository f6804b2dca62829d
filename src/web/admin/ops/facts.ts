import { html } from 'hono/html'
import type { Content, Frame } from '../../site/page.ts'

/** Names and what they are, one below the other; what is empty is left away. */
export function facts(rows: readonly (readonly [name: string, value: Content | string | number])[]) {
  const said = rows.filter(([, value]) => value !== '')
  return html`<dl class="facts">${said.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

/** ✓ or ✗, with words for those who do not see them. */
export const mark = (isGood: boolean, text: string) =>
  html`<span class="${isGood ? 'good' : 'bad'}"><span aria-hidden="true">${isGood ? '✓' : '✗'}</span> ${text}</span>`

export const moment = ({ language }: Frame, at: number): string =>
  new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' })

export const whole = ({ language }: Frame, n: number): string => n.toLocaleString(language)

/** `3 hours`, `2 days`: of the largest unit that fits. */
export function span({ language }: Frame, ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  const [n, unit] =
    minutes < 120
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.round(minutes / 60), 'hour']
        : [Math.round(minutes / 1440), 'day']
  return n.toLocaleString(language, { style: 'unit', unit, unitDisplay: 'long' })
}
