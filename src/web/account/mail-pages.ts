import { html } from 'hono/html'
import { type Address, parseAddress } from '../../lib/address.ts'
import { isDay } from '../../lib/day.ts'
import { checkBox, input, itemsIn, textArea } from '../site/form.ts'
import type { AccountMail } from './mail-parts.ts'
import { here, type Mistakes, type SettingsPage } from './settings-page.ts'
import { spamPreviewer } from './spam-preview.ts'

const yes = (text: string): boolean => text === 'yes'
/** Mailu's first and last day, which mean that there is none. */
const [firstDay, lastDay] = ['1900-01-01', '2999-12-31']
const mostDestinations = 100

export const forwardPage: SettingsPage<{
  readonly enabled: boolean
  readonly destinations: readonly string[]
  readonly keep: boolean
}> = {
  title: ({ t }) => t('forward.title'),
  of: ({ forwardEnabled, forwardDestination, forwardKeep }) => {
    return { enabled: forwardEnabled, destinations: forwardDestination, keep: forwardKeep }
  },
  read: (field) => ({
    enabled: yes(field('enabled')),
    destinations: itemsIn(field('destinations')),
    keep: yes(field('keep')),
  }),
  check: ({ enabled, destinations }, { t }): Mistakes => {
    const wrong = destinations.find((each) => parseAddress(each) === undefined)
    if (wrong !== undefined) return { destinations: t('form.no-address', { address: wrong.slice(0, 100) }) }
    if (destinations.length > mostDestinations)
      return { destinations: t('forward.too-many', { count: mostDestinations }) }
    return enabled && destinations.length === 0 ? { destinations: t('forward.where-to') } : {}
  },
  to: ({ enabled, destinations, keep }) => ({
    forwardEnabled: enabled,
    forwardDestination: destinations
      .map((each) => parseAddress(each))
      .filter((each): each is Address => each !== undefined),
    forwardKeep: keep,
  }),
  form: ({ t }, { enabled, destinations, keep }, mistakes) => html`
        ${checkBox('enabled', t('forward.enabled'), enabled)}
        ${textArea({
          name: 'destinations',
          label: t('forward.destinations'),
          value: destinations.join('\n'),
          hint: t('forward.hint'),
          error: mistakes['destinations'],
        })}
        ${checkBox('keep', t('forward.keep'), keep)}`,
}

export const replyPage: SettingsPage<{
  readonly enabled: boolean
  readonly subject: string
  readonly body: string
  readonly start: string
  readonly end: string
}> = {
  title: ({ t }) => t('reply.title'),
  of: ({ replyEnabled, replySubject, replyBody, replyStart, replyEnd }) => ({
    enabled: replyEnabled,
    subject: replySubject,
    body: replyBody,
    start: replyStart === firstDay ? '' : replyStart,
    end: replyEnd === lastDay ? '' : replyEnd,
  }),
  read: (field) => ({
    enabled: yes(field('enabled')),
    subject: field('subject').trim(),
    body: field('body').replaceAll('\r\n', '\n'),
    start: field('start'),
    end: field('end'),
  }),
  check: ({ enabled, body, start, end }, { t }) => ({
    ...(enabled && body.trim() === '' && { body: t('reply.empty') }),
    ...(start !== '' && !isDay(start) && { start: t('form.no-day') }),
    ...(end !== '' && !isDay(end) && { end: t('form.no-day') }),
    ...(isDay(start) && isDay(end) && end < start && { end: t('reply.ends-before') }),
  }),
  to: ({ enabled, subject, body, start, end }) => ({
    replyEnabled: enabled,
    replySubject: subject,
    replyBody: body,
    replyStart: start || firstDay,
    replyEnd: end || lastDay,
  }),
  form: ({ t }, { enabled, subject, body, start, end }, mistakes) => html`
        ${checkBox('enabled', t('reply.enabled'), enabled)}
        ${input({ name: 'subject', label: t('reply.subject'), value: subject, hint: t('reply.subject-hint'), more: 'maxlength="250"' })}
        ${textArea({ name: 'body', label: t('reply.body'), value: body, error: mistakes['body'] })}
        ${input({ name: 'start', label: t('reply.start'), type: 'date', value: start, error: mistakes['start'] })}
        ${input({ name: 'end', label: t('reply.end'), type: 'date', value: end, hint: t('reply.days-hint'), error: mistakes['end'] })}`,
}

interface SpamValues {
  readonly enabled: boolean
  readonly markAsRead: boolean
  readonly threshold: string
  readonly detailFiling: boolean
}

/** Where the filter keeps a history, another threshold is tried on it. */
export function spamPageWith(history: AccountMail['history']): SettingsPage<SpamValues> {
  if (history === undefined) return spamPage
  const preview = spamPreviewer(history)
  return {
    ...spamPage,
    preview: {
      button: ({ t }) => t('spam.preview'),
      show: (c, { threshold }) => preview(c.var.frame, here(c), Number(threshold)),
    },
  }
}

export const spamPage: SettingsPage<SpamValues> = {
  title: ({ t }) => t('spam.title'),
  of: ({ spamEnabled, spamMarkAsRead, spamThreshold, detailFiling }) => ({
    enabled: spamEnabled,
    markAsRead: spamMarkAsRead,
    threshold: String(spamThreshold),
    detailFiling,
  }),
  read: (field) => ({
    enabled: yes(field('enabled')),
    markAsRead: yes(field('markAsRead')),
    threshold: field('threshold').trim(),
    detailFiling: yes(field('detailFiling')),
  }),
  check: ({ threshold }, { t }): Mistakes =>
    /^\d{1,3}$/.test(threshold) && Number(threshold) <= 100 ? {} : { threshold: t('spam.percent') },
  to: ({ enabled, markAsRead, threshold, detailFiling }) => ({
    spamEnabled: enabled,
    spamMarkAsRead: markAsRead,
    spamThreshold: Number(threshold),
    detailFiling,
  }),
  form: ({ t }, { enabled, markAsRead, threshold, detailFiling }, mistakes) => html`
        ${checkBox('enabled', t('spam.enabled'), enabled)}
        ${checkBox('markAsRead', t('spam.mark-as-read'), markAsRead)}
        ${input({
          name: 'threshold',
          label: t('spam.threshold'),
          type: 'number',
          value: threshold,
          hint: t('spam.threshold-hint'),
          error: mistakes['threshold'],
          more: 'min="0" max="100" required',
        })}
        ${checkBox('detailFiling', t('spam.detail-filing'), detailFiling)}`,
}
