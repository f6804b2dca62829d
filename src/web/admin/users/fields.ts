import type { UserRow, UserSettings } from '../../../ports/directory-rows.ts'
import { shortestPassword } from '../../sso/password-form.ts'
import type { Texts } from '../../texts/texts.ts'
import { type Field, isYes, type Mistakes, type Values, yesIf } from '../form.ts'
import { parseSize, sizeText } from '../sizes.ts'

export const passwordFields: readonly Field[] = [
  { name: 'pw', label: 'password.new', kind: 'password', more: 'autocomplete="new-password"' },
  { name: 'pw2', label: 'password.again', kind: 'password', more: 'autocomplete="new-password"' },
]

/** What an admin decides about somebody. The rest is on that person's own pages, and behind the links of the edit page. */
export const userFields: readonly Field[] = [
  { name: 'displayedName', label: 'users.name', kind: 'text', more: 'maxlength="160"' },
  { name: 'quota', label: 'users.quota', kind: 'text', hint: 'users.quota-hint', more: 'required' },
  { name: 'comment', label: 'users.comment', kind: 'text', more: 'maxlength="255"' },
  { name: 'enabled', label: 'users.enabled', kind: 'check' },
  { name: 'mustChangePassword', label: 'users.must-change', kind: 'check' },
  { name: 'enableImap', label: 'users.imap', kind: 'check' },
  { name: 'enablePop', label: 'users.pop', kind: 'check' },
  { name: 'allowSpoofing', label: 'users.spoofing', kind: 'check' },
]

export const valuesOf = (user: UserRow): Values => ({
  displayedName: user.displayedName,
  quota: sizeText(user.quotaBytes),
  comment: user.comment,
  enabled: yesIf(user.enabled),
  mustChangePassword: yesIf(user.mustChangePassword),
  enableImap: yesIf(user.enableImap),
  enablePop: yesIf(user.enablePop),
  allowSpoofing: yesIf(user.allowSpoofing),
})

export function settingsOf(values: Values): Partial<UserSettings> {
  const quotaBytes = parseSize(values['quota'] ?? '')
  return {
    displayedName: values['displayedName'] ?? '',
    comment: values['comment'] ?? '',
    ...(quotaBytes !== undefined && { quotaBytes }),
    enabled: isYes(values, 'enabled'),
    mustChangePassword: isYes(values, 'mustChangePassword'),
    enableImap: isYes(values, 'enableImap'),
    enablePop: isYes(values, 'enablePop'),
    allowSpoofing: isYes(values, 'allowSpoofing'),
  }
}

/** An empty password is none: it stays as it was. */
export function mistakesIn(values: Values, t: Texts, isNew: boolean): Mistakes {
  const { pw = '', pw2 = '', quota = '' } = values
  const isShort = pw.length < shortestPassword && (isNew || pw !== '')
  return {
    ...(parseSize(quota) === undefined && { quota: t('users.no-size') }),
    ...(isShort && { pw: t('password.too-short', { count: shortestPassword }) }),
    ...(pw !== pw2 && { pw2: t('password.differ') }),
  }
}
