import type { JudgedMessage } from '../../../ports/spam-history.ts'
import { address, wholeNumber } from '../../settings/kinds.ts'
import { done, refused } from '../answer.ts'
import { option, type Verb, verb } from '../verb.ts'

const isOff = refused('There is no filter here: ANTISPAM is none, or ANTISPAM_URL names another server.')
const usual = 20

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
}

function described({ at, id, ip, sender, recipients, from, subject, judgement }: JudgedMessage): string {
  const { reasons, forcedBy } = judgement
  return [
    `${moment(at)} ${id}: ${verdict(judgement)}${forcedBy === undefined ? '' : `, because of ${forcedBy} alone`}`,
    `  ${from || sender || '<>'}: ${subject}`,
    `  from ${ip} by <${sender}> to ${recipients.join(', ')}`,
    ...reasons.map(
      ({ name, score, why, parameters = [] }) =>
        `  ${score.toFixed(2).padStart(6)} ${name}: ${why}${parameters.length > 0 ? ` (${parameters.join(', ')})` : ''}`,
    ),
  ].join('\n')
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
