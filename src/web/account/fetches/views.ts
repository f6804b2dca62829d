import { html } from 'hono/html'
import type { FetchRow } from '../../../ports/directory-rows.ts'
import type { FetchCheck, FetchTally } from '../../../ports/fetching.ts'
import { checkBox, input, postButton, select, textArea, told } from '../../site/form.ts'
import { moment } from '../../site/moment.ts'
import type { Content, Frame } from '../../site/page.ts'
import { sentenceOf } from '../../site/reason.ts'
import type { FetchForm } from './form.ts'

export const home = '/account/fetches'

/** Where the mail lies. */
export const placeOf = ({ protocol, host, port, username }: FetchRow) =>
  `${username} · ${host}:${port} (${protocol.toUpperCase()})`

/** How it went last, and in all. */
export function stateOf(frame: Frame, row: FetchRow, tally: FetchTally | undefined): Content {
  const { t } = frame
  const { lastCheck, error } = row
  const said = [
    row.enabled ? '' : t('fetches.paused'),
    lastCheck === undefined ? t('fetches.never') : t('fetches.checked', { date: moment(frame, lastCheck) }),
    tally ? t('fetches.taken', { count: tally.taken }) : '',
    tally && tally.left > 0 ? `${t('fetches.left', { count: tally.left })}: ` : '',
  ]
  const why = tally && tally.left > 0 ? sentenceOf(frame, tally.why, tally.said) : ''
  return html`<p class="hint">${said.filter((each) => each !== '').join(' · ')}${why}</p>
            ${error === '' ? '' : html`<p class="error">${sentenceOf(frame, error, row.said)}</p>`}`
}

export function listOf(
  frame: Frame,
  rows: readonly FetchRow[],
  tallies: ReadonlyMap<number, FetchTally>,
): Content {
  const { t } = frame
  if (rows.length === 0) return html`<p>${t('fetches.none')}</p>`
  return html`<ul class="panel list">${rows.map(
    (row) => html`
        <li>
          <div><strong><a href="${home}/${row.id}">${row.comment || placeOf(row)}</a></strong>
            ${row.comment === '' ? '' : html`<p class="hint">${placeOf(row)}</p>`}
            ${stateOf(frame, row, tallies.get(row.id))}</div>
          ${postButton(`${home}/${row.id}/run`, t('fetches.run'), 'quiet')}
        </li>`,
  )}
      </ul>`
}

export function formOf({ t }: Frame, action: string, values: FetchForm, isNew: boolean): Content {
  return html`<form class="panel" method="post" action="${action}">
        ${select({
          name: 'protocol',
          label: t('fetches.protocol'),
          value: values.protocol,
          choices: [
            ['imap', 'IMAP'],
            ['pop3', 'POP3'],
          ],
        })}
        ${input({ name: 'host', label: t('fetches.host'), value: values.host, more: 'required maxlength="255" autocomplete="off" spellcheck="false"' })}
        ${checkBox('tls', t('fetches.tls'), values.tls)}
        ${input({ name: 'port', label: t('fetches.port'), type: 'number', value: values.port, hint: t('fetches.port-hint'), more: 'min="1" max="65535"' })}
        ${input({ name: 'username', label: t('fetches.username'), value: values.username, more: 'required maxlength="255" autocomplete="off" spellcheck="false"' })}
        ${input({ name: 'password', label: t('fetches.password'), type: 'password', ...(isNew ? {} : { hint: t('fetches.password-hint') }), more: `autocomplete="new-password"${isNew ? ' required' : ''}` })}
        ${textArea({ name: 'folders', label: t('fetches.folders'), value: values.folders, hint: t('fetches.folders-hint'), rows: 3 })}
        ${checkBox('keep', t('fetches.keep'), values.keep)}
        ${checkBox('scan', t('fetches.scan'), values.scan)}
        ${checkBox('invisible', t('fetches.invisible'), values.invisible)}
        ${input({ name: 'comment', label: t('users.comment'), value: values.comment, more: 'maxlength="250"' })}
        <p class="buttons"><button>${t('fetches.save')}</button></p>
      </form>`
}

/** What was found there. */
export function checkOf(frame: Frame, checked: FetchCheck): Content {
  const { t } = frame
  if (checked.kind === 'failed')
    return html`<p class="told bad" role="alert">${sentenceOf(frame, checked.text, checked.said)}</p>`
  const { messages, folders } = checked
  return html`${told(t('fetches.works', { count: messages }))}
      ${folders.length === 0 ? '' : html`<p class="hint">${t('fetches.folders-there', { folders: folders.join(', ') })}</p>`}`
}
