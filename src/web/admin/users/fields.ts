import { here, parseOldServer } from '../../../lib/old-server.ts'
import { parseRate, rateText } from '../../../lib/rate-text.ts'
import { parseSize, sizeText } from '../../../lib/typed-size.ts'
import type { MessageRate, UserRow, UserSettings } from '../../../ports/directory-rows.ts'
import { zones } from '../../account/person-page.ts'
import type { Actor } from '../../site/actor.ts'
import { shortestPassword } from '../../sso/password-form.ts'
import type { Texts } from '../../texts/texts.ts'
import { type Field, isYes, type Mistakes, type Values, yesIf } from '../form.ts'

export const passwordFields: readonly Field[] = [
  { name: 'pw', label: 'password.new', kind: 'password', more: 'autocomplete="new-password"' },
  { name: 'pw2', label: 'password.again', kind: 'password', more: 'autocomplete="new-password"' },
]

/** What an admin decides about somebody. The rest is on that person's own pages, and behind the links of the edit page. */
const userFields: readonly Field[] = [
  { name: 'displayedName', label: 'users.name', kind: 'text', more: 'maxlength="160"' },
  { name: 'quota', label: 'users.quota', kind: 'text', hint: 'users.quota-hint', more: 'required' },
  {
    name: 'timeZone',
    label: 'person.time-zone',
    kind: 'choice',
    choices: (t, value) => [['', t('person.server-zone')], ...zones(value)],
  },
  { name: 'comment', label: 'users.comment', kind: 'text', more: 'maxlength="255"' },
  { name: 'enabled', label: 'users.enabled', kind: 'check' },
  { name: 'mustChangePassword', label: 'users.must-change', kind: 'check' },
  { name: 'enableImap', label: 'users.imap', kind: 'check' },
  { name: 'enablePop', label: 'users.pop', kind: 'check' },
  { name: 'allowSpoofing', label: 'users.spoofing', kind: 'check' },
]

/** For global admins alone: passwords are shown to this server. */
const oldServerField: Field = {
  name: 'oldServer',
  label: 'domains.old-server',
  kind: 'text',
  hint: 'users.old-server-hint',
  more: 'maxlength="255" autocomplete="off" autocapitalize="none" spellcheck="false"',
}

/** Only who answers for the whole server says how much somebody may send from it. */
const rateField: Field = {
  name: 'messageRate',
  label: 'users.rate',
  kind: 'text',
  hint: 'users.rate-hint',
  more: 'maxlength="40"',
}

export const fieldsFor = ({ isGlobal }: Pick<Actor, 'isGlobal'>): readonly Field[] =>
  isGlobal ? [...userFields, rateField, oldServerField] : userFields

export const valuesOf = (user: UserRow): Values => ({
  displayedName: user.displayedName,
  quota: sizeText(user.quotaBytes),
  comment: user.comment,
  timeZone: user.timeZone,
  messageRate: shownRate(user.messageRate),
  enabled: yesIf(user.enabled),
  mustChangePassword: yesIf(user.mustChangePassword),
  enableImap: yesIf(user.enableImap),
  enablePop: yesIf(user.enablePop),
  allowSpoofing: yesIf(user.allowSpoofing),
  oldServer: user.oldServer,
})

const shownRate = (rate: MessageRate): string => {
  if (rate === 'standard') return ''
  return rate === 'unlimited' ? '0' : rateText(rate)
}

/** Empty is the server's own, 0 is none. */
function readRate(text: string): MessageRate | undefined {
  if (text === '') return 'standard'
  if (text === '0') return 'unlimited'
  const rate = parseRate(text)
  return rate && rate.count > 0 && rate.seconds > 0 ? rate : undefined
}

/** What the form asks for; what it does not ask for stays. */
export function settingsOf(values: Values): Partial<UserSettings> {
  const quotaBytes = parseSize(values['quota'] ?? '')
  const messageRate = values['messageRate'] === undefined ? undefined : readRate(values['messageRate'])
  return {
    displayedName: values['displayedName'] ?? '',
    comment: values['comment'] ?? '',
    timeZone: values['timeZone'] ?? '',
    ...(quotaBytes !== undefined && { quotaBytes }),
    ...(messageRate !== undefined && { messageRate }),
    enabled: isYes(values, 'enabled'),
    mustChangePassword: isYes(values, 'mustChangePassword'),
    enableImap: isYes(values, 'enableImap'),
    enablePop: isYes(values, 'enablePop'),
    allowSpoofing: isYes(values, 'allowSpoofing'),
    // Not among the fields of whoever may not say it.
    ...(values['oldServer'] !== undefined && { oldServer: values['oldServer'] }),
  }
}

/** An empty password is none: it stays as it was. */
export function mistakesIn(values: Values, t: Texts, isNew: boolean): Mistakes {
  const { pw = '', pw2 = '', quota = '', messageRate = '', oldServer = '' } = values
  const isOldServer = oldServer === '' || oldServer === here || parseOldServer(oldServer) !== undefined
  // An asterisk stands for the password that the old server takes.
  const isShort = pw.length < shortestPassword && pw !== '*' && (isNew || pw !== '')
  return {
    ...(parseSize(quota) === undefined && { quota: t('users.no-size') }),
    ...(readRate(messageRate) === undefined && { messageRate: t('users.no-rate') }),
    ...(!isOldServer && { oldServer: t('domains.no-old-server') }),
    ...(isShort && { pw: t('password.too-short', { count: shortestPassword }) }),
    ...(pw !== pw2 && { pw2: t('password.differ') }),
  }
}
