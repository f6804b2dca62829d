import type { Backtest, JudgedMessage } from '../../../ports/spam-history.ts'
import { address, oneOf, wholeNumber } from '../../settings/kinds.ts'
import { done, mistake, refused } from '../answer.ts'
import { argument, flag, messageFile, option, textFile, type Verb, verb } from '../verb.ts'
import { missing } from './outcome.ts'

const isOff = refused('There is no filter here: ANTISPAM is none, or ANTISPAM_URL names another server.')
const isUnreadable = refused('This is no message that can be read.')
const usual = 20

const message = messageFile('File with the message, from its first line; - is standard input')
const user = option(address, 'For this user alone; without it for everybody')
const kinds = oneOf({ spam: true, ham: false })

/** What the filter thought, thinks and is taught. */
export const spamVerbs: Readonly<Record<string, Verb>> = {
  'spam history': verb({
    summary: 'Lists what was made of the last messages, refused ones too, and why',
    takes: {
      last: option(wholeNumber(1, 1_000), `How many of the newest; without it ${usual}`),
      address: option(address, 'Only those that this address sent or got'),
    },
    run: async ({ spam }, { last = usual, address: of }) => {
      if (!spam) return isOff
      const found = await spam.history.judged({ atMost: last, ...(of && { address: of }) })
      return done(found.length > 0 ? found.map(described).map(shown).join('\n\n') : 'Nothing is kept.', found)
    },
  }),
  'spam backtest': verb({
    summary:
      'Shows which of the last messages another threshold, or today’s rules, would have filed elsewhere, and changes nothing',
    takes: {
      threshold: option(
        wholeNumber(0, 100),
        'Spam threshold for everybody, in percent; without it each user’s own',
      ),
      again: flag('Judges those that are still there again, by today’s rules'),
      last: option(wholeNumber(1, 1_000), 'How many of the newest messages; without it 500'),
    },
    run: async ({ spam }, { threshold, again = false, last = 500 }) => {
      if (!spam) return isOff
      if (threshold === undefined && !again) return mistake('Say another --threshold, or --again, or both.')
      const found = await spam.history.backtest({ threshold, again, last })
      const { looked, copies, changed } = found
      const head = `Of ${looked} messages, in ${copies} mailboxes, ${changed.length} would have gone elsewhere.`
      const moved = changed.map(
        ({ at, from, subject, reader, percent, to, appeared, vanished }) =>
          `${moment(at)} ${reader}: ${wayTo[to]} (${percent} %): ${from}: ${subject}${changes(appeared, vanished)}`,
      )
      return done(
        [head, ...(found.again ? [judgedAgain(found.again)] : []), ...moved].map(shown).join('\n'),
        found,
      )
    },
  }),
  'spam classify': verb({
    summary: 'Shows what the filter says of a message by itself, whoever brought it',
    takes: { message, user: option(address, 'As this user’s experience has it; without it everybody’s') },
    run: async ({ spam, admin }, { message: octets, user: of }) => {
      if (!spam) return isOff
      const row = of === undefined ? undefined : await admin.user(of)
      if (of !== undefined && !row) return missing(of)
      const found = await spam.teaching.classify({ message: octets, account: row?.account })
      if (found.kind === 'unreadable') return isUnreadable
      return done([`${found.score} points`, ...found.reasons.map(reasonLine)].map(shown).join('\n'), found)
    },
  }),
  'spam learn': verb({
    summary: 'Teaches the filter that a message is spam, or ham, which is wanted',
    takes: { as: argument(kinds, 'spam or ham'), message, user },
    run: async ({ spam, admin }, { as, message: octets, user: of }) => {
      if (!spam) return isOff
      const row = of === undefined ? undefined : await admin.user(of)
      if (of !== undefined && !row) return missing(of)
      const taught = await spam.teaching.teach({ message: octets, spam: as, account: row?.account })
      switch (taught.kind) {
        case 'learned':
          return done(`Learned as ${as ? 'spam' : 'ham'}.`, taught)
        case 'known':
          return done(
            'Nothing to learn: it is known as that, or somebody has moved it and knows better.',
            taught,
          )
        case 'unreadable':
          return isUnreadable
      }
    },
  }),
  'spam retrain': verb({
    summary:
      'Learns from the folders of all users, or of one, in the background: Junk is spam, what they read elsewhere is not',
    takes: { user: option(address, 'From the folders of this user alone') },
    run: async ({ spam, admin }, { user: of }) => {
      if (!spam) return isOff
      const row = of === undefined ? undefined : await admin.user(of)
      if (of !== undefined && !row) return missing(of)
      const accounts = row ? [row.account] : (await admin.users()).map(({ account }) => account)
      await spam.teaching.retrain(accounts)
      return done(
        `The folders of ${accounts.length === 1 ? 'one user' : `${accounts.length} users`} are learned from while the server runs; \`homepost spam status\` tells how many are left.`,
        { accounts },
      )
    },
  }),
  'spam unlearn': verb({
    summary: 'Takes back what the filter has learned by itself; what people taught stays',
    takes: {},
    run: async ({ spam }) => {
      if (!spam) return isOff
      const lessons = await spam.teaching.unlearn()
      return done(`Taken back: ${lessons} lessons.`, { lessons })
    },
  }),
  'spam export': verb({
    summary: 'Prints what the filter has learned, a line for each sign, for `homepost spam import`',
    takes: { user: option(address, 'What this user has taught; without it what everybody has') },
    run: async ({ spam, admin }, { user: of }) => {
      if (!spam) return isOff
      const row = of === undefined ? undefined : await admin.user(of)
      if (of !== undefined && !row) return missing(of)
      const text = await spam.teaching.export(row?.account)
      return done(text.trimEnd(), { counts: text })
    },
  }),
  'spam import': verb({
    summary: 'Puts what `homepost spam export` printed in the place of what the filter has learned',
    takes: { counts: textFile('File that was printed; - is standard input'), user },
    run: async ({ spam, admin }, { counts: text, user: of }) => {
      if (!spam) return isOff
      const row = of === undefined ? undefined : await admin.user(of)
      if (of !== undefined && !row) return missing(of)
      const put = await spam.teaching.import({ account: row?.account, text })
      switch (put.kind) {
        case 'imported':
          return done(`Learned: ${put.tokens} signs.`, put)
        case 'unreadable':
          return {
            kind: 'unusable',
            text: `Line ${put.line} is none that \`homepost spam export\` prints. Nothing was changed.`,
          }
      }
    },
  }),
  'spam status': verb({
    summary: 'Tells how much the filter has learned',
    takes: {},
    run: async ({ spam }) => {
      if (!spam) return isOff
      const status = await spam.teaching.status()
      const { ham, spam: bad, tokens, waiting, itself } = status
      const own = itself.ham + itself.spam === 0 ? '' : `, ${itself.spam} and ${itself.ham} of them by itself`
      const left = waiting === 0 ? '' : ` The folders of ${waiting} users are still to be learned from.`
      return done(`Learned from ${bad} messages of spam and ${ham} of ham${own}: ${tokens} signs.${left}`, {
        ...status,
      })
    },
  }),
}

const wayTo = { junk: 'into Junk', mailbox: 'not into Junk', refused: 'refused' }

function changes(appeared: readonly string[], vanished: readonly string[]): string {
  const names = [...appeared.map((name) => `+${name}`), ...vanished.map((name) => `-${name}`)]
  return names.length === 0 ? '' : ` (${names.join(' ')})`
}

function judgedAgain({ judged, refused, gone, old }: NonNullable<Backtest['again']>): string {
  const left = [
    ...(refused > 0 ? [`${refused} were not accepted and are not here`] : []),
    ...(gone > 0 ? [`${gone} are not there any more`] : []),
    ...(old > 0 ? [`${old} were judged by an older version, which kept too little`] : []),
  ]
  return `Judged again: ${judged}.${left.length > 0 ? ` Not judged again: ${left.join(', ')}.` : ''}`
}

function described({ at, id, ip, sender, recipients, from, subject, judgement }: JudgedMessage): string {
  const { reasons, forcedBy } = judgement
  return [
    `${moment(at)} ${id}: ${verdict(judgement)}${forcedBy === undefined ? '' : `, because of ${forcedBy} alone`}`,
    `  ${from || sender || '<>'}: ${subject}`,
    `  from ${ip} by <${sender}> to ${recipients.join(', ')}`,
    ...reasons.map(reasonLine),
  ].join('\n')
}

function reasonLine({
  name,
  score,
  why,
  parameters = [],
}: JudgedMessage['judgement']['reasons'][number]): string {
  const found = parameters.length > 0 ? ` (${parameters.join(', ')})` : ''
  return `  ${score.toFixed(2).padStart(6)} ${name}: ${why}${found}`
}

function verdict({ action, score, refusal }: JudgedMessage['judgement']): string {
  switch (action) {
    case 'accept':
    case 'junk':
      return `${score} points`
    case 'later':
    case 'reject':
      return `${score} points, ${action === 'later' ? 'to come again' : 'refused'} (${refusal?.code ?? ''} ${refusal?.text ?? ''})`
  }
}

const moment = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`

/** What others wrote must not steer the terminal. */
const shown = (text: string) => text.replaceAll(/(?![\n])\p{Cc}/gu, '\ufffd')
