import type { Differing, RuleTrials } from '../../../ports/rule-trials.ts'
import type { SieveProblem } from '../../../ports/sieve.ts'
import { address, wholeNumber } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, option, textFile, type Verb, verb } from '../verb.ts'
import { missing } from './outcome.ts'

const user = argument(address, 'Address of the user')
const script = textFile('File with the script; - is standard input')
const message = textFile('File with the message, from its first line; - is standard input')
const last = option(wholeNumber(1, 5_000), 'How many of the newest; without it 500')
const usual = 500

/** Rules explained and tried: nothing here changes or sends anything. */
export const trialVerbs: Readonly<Record<string, Verb>> = {
  'sieve rules': verb({
    summary: 'Shows what the server does with the mail of a user around his own script',
    takes: { user },
    run: async ({ admin, trials }, { user: of }) => {
      const row = await admin.user(of)
      const rules = row && (await trials.serverRules(row.account))
      if (!rules) return missing(of)
      const { before: text, after } = rules
      return done([text, after ?? []].flat().join('\n').replace(/\n$/, ''), { text, after })
    },
  }),
  'sieve test': verb({
    summary: 'Shows what a script would do with a message, and which lines say so',
    takes: {
      script,
      message,
      user: option(address, 'Whose folders, settings and scripts to include it meets'),
      sender: option(address, 'Envelope sender; without it that of the message'),
      recipient: option(address, 'Envelope recipient'),
      spam: option(wholeNumber(0, 100), 'How much like spam it is, in percent'),
    },
    run: async ({ admin, trials }, { user: of, script: text, message: octets, ...envelope }) => {
      const row = of === undefined ? undefined : await admin.user(of)
      if (of !== undefined && !row) return missing(of)
      const answer = await trials.test({
        account: row?.account,
        script: text,
        message: Buffer.from(octets),
        sender: envelope.sender,
        recipient: envelope.recipient,
        spamPercent: envelope.spam ?? 0,
      })
      if (answer.kind !== 'tried') return notTried(answer)
      const sends = answer.sends.map((letter) => `\nIt would send:\n\n${letter.replaceAll('\r\n', '\n')}`)
      return done([...answer.steps, ...sends].map(shown).join('\n'), answer)
    },
  }),
  'sieve rehearse': verb({
    summary: 'Shows which of the newest messages a script would have treated otherwise, and changes nothing',
    takes: { user, script, last },
    run: async ({ admin, trials }, { user: of, script: text, last: most }) => {
      const row = await admin.user(of)
      if (!row) return missing(of)
      const answer = await trials.rehearse(row.account, text, most ?? usual)
      if (answer.kind !== 'rehearsed') return notTried(answer)
      const { looked, differing } = answer
      const head = `Of ${looked} messages ${differing.length} would have gone elsewhere.`
      return done([head, ...differing.map(described)].map(shown).join('\n\n'), answer)
    },
  }),
  'sieve why': verb({
    summary: 'Lists what rules did with the mail of a user in the last weeks, and which lines said so',
    takes: { user, last },
    run: async ({ admin, mail }, { user: of, last: most }) => {
      const row = await admin.user(of)
      if (!row) return missing(of)
      const kept = await mail.decisions(row.account, most ?? 20)
      const said = kept.map(({ at, sender, recipient, steps }) =>
        [`${moment(at)} from ${sender || '<>'} to ${recipient}`, ...steps.map(indented)].join('\n'),
      )
      return done(said.length > 0 ? said.map(shown).join('\n\n') : 'No rule did anything.', kept)
    },
  }),
}

type Untried = Exclude<Awaited<ReturnType<RuleTrials['rehearse']>>, { kind: 'rehearsed' }>

function notTried(answer: Untried): Answer {
  switch (answer.kind) {
    case 'refused':
      return { kind: 'refused', text: answer.errors.map(placed).join('\n'), json: answer }
    case 'too-large':
      return refused(`A script may have ${answer.mostBytes} octets.`)
    case 'unknown':
      return refused('The mailbox of this user is not made yet. Try again later.')
  }
}

const placed = ({ script: name, line, column, message: text }: SieveProblem) =>
  `${name}, line ${line}, column ${column}: ${text}`

function described({
  mailbox,
  receivedAt,
  from,
  subject,
  active,
  script: otherwise,
  steps,
}: Differing): string {
  return [
    `${moment(receivedAt)} in ${mailbox}: ${from}: ${subject}`,
    indented(`now:  ${active.join(', ')}`),
    indented(`then: ${otherwise.join(', ')}`),
    ...steps.map(indented),
  ].join('\n')
}

const indented = (line: string) => `  ${line}`
const moment = (at: number) => `${new Date(at).toISOString().slice(0, 16)}Z`

/** What others wrote must not steer the terminal. */
const shown = (text: string) => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\ufffd')
