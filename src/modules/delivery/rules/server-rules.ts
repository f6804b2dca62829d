import type { AccountSettings } from '../../../ports/accounts.ts'

/** Shown with each line of it that decides. */
export const serverRulesName = 'server rules'

/** What of an account's settings its rules are made of. */
export type RuleSettings = Pick<AccountSettings, 'address' | 'displayedName' | 'reply' | 'spam'>

/**
 * The rules that run before the owner's own script, as the Sieve that runs: what Mailu's default script does. Whoever reads it
 * knows what becomes of his mail.
 */
export function serverRules(settings: RuleSettings): string {
  const rules = [
    ...(settings.spam.enabled ? [spamRule(settings.spam)] : []),
    ...(settings.reply.enabled ? [replyRule(settings)] : []),
  ]
  const extensions = [
    ...(settings.spam.enabled
      ? ['fileinto', 'imap4flags', 'mailbox', 'special-use', 'spamtest', 'spamtestplus']
      : []),
    ...(settings.reply.enabled ? ['date', 'vacation', 'vacation-seconds'] : []),
    'relational',
    'comparator-i;ascii-numeric',
  ]
  const head = [
    `# What this server does with mail for ${settings.address} before the owner's own script runs.`,
    '# It is made of the settings; change it there.',
    `require [${extensions.map(quoted).join(', ')}];`,
    '',
  ]
  return [...head, ...rules].join('\n')
}

function spamRule({ threshold, markAsRead }: RuleSettings['spam']): string {
  return [
    '# rule:[Spam goes to Junk]',
    '# Nothing else happens to it: it is not forwarded, and nobody is answered.',
    `if spamtest :percent :value "gt" :comparator "i;ascii-numeric" "${threshold}" {`,
    ...(markAsRead ? ['  setflag "\\\\Seen";'] : []),
    '  fileinto :create :specialuse "\\\\Junk" "Junk";',
    '  stop;',
    '}',
    '',
  ].join('\n')
}

function replyRule({ address, displayedName, reply }: RuleSettings): string {
  const name = oneLine(displayedName)
  const from = name === '' ? [] : [`    :from ${quoted(`${quoted(name)} <${address}>`)}`]
  const subject = reply.subject === '' ? [] : [`    :subject ${quoted(oneLine(reply.subject))}`]
  return [
    '# rule:[Auto-reply]',
    '# Each sender is answered once a day; lists, robots and automatic messages never.',
    `if allof (currentdate :value "ge" "date" ${quoted(reply.start)},`,
    `          currentdate :value "le" "date" ${quoted(reply.end)},`,
    '          not address :localpart :contains ["from", "reply-to"] ["noreply", "no-reply"]) {',
    '  vacation :seconds 86400',
    ...subject,
    ...from,
    `    ${quoted(reply.body.replaceAll('\0', ''))};`,
    '}',
    '',
  ].join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim()
}

/** RFC 5228 §2.4.2. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
