import { html } from 'hono/html'
import { input, select } from '../site/form.ts'
import type { SettingsPage } from './settings-page.ts'

const longestName = 160

/** What others call somebody, and in which hours he lives. */
export const personPage: SettingsPage<{ readonly displayedName: string; readonly timeZone: string }> = {
  title: ({ t }) => t('person.title'),
  of: ({ displayedName, timeZone }) => ({ displayedName, timeZone }),
  read: (field) => ({ displayedName: field('displayedName').trim(), timeZone: field('timeZone') }),
  check: ({ displayedName }, { t }) =>
    displayedName.length > longestName ? { displayedName: t('person.too-long', { count: longestName }) } : {},
  to: (values) => values,
  form: ({ t }, { displayedName, timeZone }, mistakes) => html`
        ${input({
          name: 'displayedName',
          label: t('person.name'),
          value: displayedName,
          hint: t('person.name-hint'),
          error: mistakes['displayedName'],
          more: `maxlength="${longestName}" autocomplete="name"`,
        })}
        ${select({
          name: 'timeZone',
          label: t('person.time-zone'),
          value: timeZone,
          hint: t('person.time-zone-hint'),
          choices: [['', t('person.server-zone')], ...zones(timeZone)],
        })}`,
}

/** Those that there are, and the one that somebody has. */
export function zones(chosen: string): readonly (readonly [value: string, text: string])[] {
  const known = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])
  if (chosen !== '') known.add(chosen)
  return [...known].map((name) => [name, name.replaceAll('_', ' ')])
}
